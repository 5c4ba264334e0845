import JSON

extension PatternCompiler {
  /// One of a field's alternatives.
  mutating func matcher(_ value: JSONValue) throws(ExpressionError) -> Matcher {
    if value.kind == .object { return try operation(value) }
    if value.kind == .array {
      throw fail("has an array where a value or an operator should be", at: value)
    }
    return try scalar(value)
  }

  private mutating func scalar(_ value: JSONValue) throws(ExpressionError) -> Matcher {
    try count(value)
    switch value.kind {
    case .string: return .string(Array(value.utf8))
    case .boolean: return .boolean(value.boolean == true)
    case .null: return .null
    default:
      guard let number = value.number else {
        throw fail("must be a string, a number, true, false or null", at: value)
      }
      return .number(number)
    }
  }

  /// `{"prefix": "a"}` and the like.
  private mutating func operation(_ value: JSONValue) throws(ExpressionError) -> Matcher {
    let (name, operand) = try only(value)
    switch name {
    case "anything-but": return try anythingBut(operand)
    case "numeric":
      try count(value)
      return .numeric(try numericRange(operand))
    case "exists":
      try count(value)
      guard operand.kind == .boolean else {
        throw fail("'exists' must be true or false", at: operand)
      }
      return .anything
    case "cidr":
      try count(value)
      guard operand.kind == .string, let block = AddressBlock(operand.utf8) else {
        throw fail("'cidr' must be a block of addresses, such as \"10.0.0.0/24\"", at: operand)
      }
      return .cidr(block)
    default: return try textMatcher(name, operand, within: value)
    }
  }

  /// An operator and what it is given.
  private func only(_ value: JSONValue) throws(ExpressionError) -> (String, JSONValue) {
    var members = value.members
    guard let first = members.next(), members.next() == nil else {
      throw fail("must have one operator, such as {\"prefix\": \"a\"}", at: value)
    }
    return (first.name.string, first.value)
  }

  // MARK: Texts

  private mutating func textMatcher(
    _ name: String, _ operand: JSONValue, within value: JSONValue
  ) throws(ExpressionError) -> Matcher {
    switch name {
    case "prefix": return try affix(name, operand, .start)
    case "suffix": return try affix(name, operand, .end)
    case "equals-ignore-case":
      return .folded(FoldedText(try string(name, operand)), at: .whole)
    case "wildcard": return .wildcard(try wildcard(operand))
    default: throw fail("there is no operator '\(cut(name))'", at: value)
    }
  }

  private mutating func affix(
    _ name: String, _ operand: JSONValue, _ place: FoldedText.Place
  ) throws(ExpressionError) -> Matcher {
    guard operand.kind == .object else {
      let text = Array(try string(name, operand))
      return place == .start ? .prefix(text) : .suffix(text)
    }
    let (inner, folded) = try only(operand)
    guard inner == "equals-ignore-case" else {
      throw fail("'\(name)' must be a string or {\"equals-ignore-case\": …}", at: operand)
    }
    return .folded(FoldedText(try string(inner, folded)), at: place)
  }

  private mutating func string(
    _ name: String, _ operand: JSONValue
  ) throws(ExpressionError) -> UnsafeBufferPointer<UInt8> {
    try count(operand)
    guard operand.kind == .string else { throw fail("'\(name)' must be a string", at: operand) }
    return operand.utf8
  }

  private mutating func wildcard(_ operand: JSONValue) throws(ExpressionError) -> Wildcard {
    let bytes = try string("wildcard", operand)
    do {
      return try Wildcard(bytes)
    } catch {
      let offset = operand.offset(ofByte: error.index, in: text)
      throw ExpressionError("'wildcard' \(error.problem)", at: offset, in: text)
    }
  }

  // MARK: All but some

  private mutating func anythingBut(_ operand: JSONValue) throws(ExpressionError) -> Matcher {
    switch operand.kind {
    case .object: return .anythingBut(try anythingButTexts(operand))
    case .array:
      guard operand.count > 0 else {
        throw fail("'anything-but' must not be an empty array", at: operand)
      }
      var others: [Matcher] = []
      for element in operand.elements { others.append(try scalar(element)) }
      return .anythingBut(others)
    default: return .anythingBut([try scalar(operand)])
    }
  }

  /// `{"prefix": "a"}`, or `{"prefix": ["a", "b"]}` for none of these.
  private mutating func anythingButTexts(
    _ operand: JSONValue
  ) throws(ExpressionError) -> [Matcher] {
    let (name, texts) = try only(operand)
    guard texts.kind == .array else { return [try textMatcher(name, texts, within: operand)] }
    guard texts.count > 0 else {
      throw fail("'\(cut(name))' must not be an empty array", at: texts)
    }
    var others: [Matcher] = []
    for element in texts.elements {
      others.append(try textMatcher(name, element, within: operand))
    }
    return others
  }

  // MARK: Numbers

  private func numericRange(_ operand: JSONValue) throws(ExpressionError) -> NumericRange {
    guard operand.kind == .array, operand.count == 2 || operand.count == 4 else {
      throw fail(
        "'numeric' must be one or two comparisons, such as [\">\", 0, \"<=\", 5]", at: operand)
    }
    var range = NumericRange()
    var elements = operand.elements
    while let comparison = elements.next(), let number = elements.next() {
      try compare(comparison, number, &range)
    }
    if operand.count == 4, range.lower == nil || range.upper == nil || hasEquals(operand) {
      throw fail("'numeric' takes a lower bound and then an upper one", at: operand)
    }
    guard !range.isEmpty else {
      throw fail("'numeric' has bounds that no number is between", at: operand)
    }
    return range
  }

  private func hasEquals(_ operand: JSONValue) -> Bool {
    operand.elements.contains { $0.kind == .string && $0.utf8.elementsEqual("=".utf8) }
  }

  private func compare(
    _ comparison: JSONValue, _ value: JSONValue, _ range: inout NumericRange
  ) throws(ExpressionError) {
    let symbol = comparison.string
    guard let symbol, ["=", "<", "<=", ">", ">="].contains(symbol) else {
      throw fail("'numeric' knows the comparisons =, <, <=, > and >=", at: comparison)
    }
    guard let number = value.number else {
      throw fail("'numeric' compares with numbers", at: value)
    }
    let bound = NumericRange.Bound(number: number, isIncluded: symbol.hasSuffix("="))
    if symbol != "<", symbol != "<=" {
      guard range.upper == nil, range.lower == nil else {
        throw fail("'numeric' takes a lower bound and then an upper one", at: comparison)
      }
      range.lower = bound
    }
    if symbol != ">", symbol != ">=" {
      guard range.upper == nil else {
        throw fail("'numeric' takes a lower bound and then an upper one", at: comparison)
      }
      range.upper = bound
    }
  }
}
