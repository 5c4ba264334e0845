/// Parses CloudEvents SQL (section 2) by recursive descent. How deep it gets is bounded, by
/// `ExpressionLimits.depthMax`, for the parser itself and for the tree.
struct SQLParser {
  let text: [UInt8]
  private var lexer: SQLLexer
  private(set) var token: SQLToken
  /// Where the last token that was taken ended.
  private var end = 0
  private var depth = 0
  private var tree = SQLTree()

  static func parse(_ text: String) throws(SQLSyntaxError) -> SQLTree {
    guard text.utf8.count <= ExpressionLimits.textBytesMax else {
      throw SQLSyntaxError(
        "the text is \(text.utf8.count) bytes; at most \(ExpressionLimits.textBytesMax) are allowed",
        at: 0)
    }
    var parser = try SQLParser(Array(text.utf8))
    _ = try parser.chain(.logic)
    guard parser.token.kind == .end else { throw parser.unexpectedAfterExpression() }
    return parser.tree
  }

  private init(_ text: [UInt8]) throws(SQLSyntaxError) {
    self.text = text
    lexer = SQLLexer(text)
    token = try lexer.next()
  }

  // MARK: Levels

  /// Operands of the next level with operators of this one between them.
  private mutating func chain(_ level: SQLOperator.Level) throws(SQLSyntaxError) -> Int {
    let start = token.range.lowerBound
    let first = try operand(of: level)
    guard token.binaryOperator?.level == level else { return first }
    var operands = [SQLOperand(link: .and, node: first, end: end)]
    while let link = token.binaryOperator, link.level == level {
      try advance()
      let node = try operand(of: level)
      operands.append(SQLOperand(link: link, node: node, end: end))
    }
    return try push(.chain(level, keep(operands)), from: start, above: operands)
  }

  private mutating func operand(of level: SQLOperator.Level) throws(SQLSyntaxError) -> Int {
    guard let tighter = level.tighter else { return try suffixed() }
    return try chain(tighter)
  }

  /// An operand with LIKE or IN after it, each with what is before it as its left side.
  private mutating func suffixed() throws(SQLSyntaxError) -> Int {
    let start = token.range.lowerBound
    var node = try unary()
    while true {
      switch token.kind {
      case .keyword(.not):
        try advance()
        guard token.kind == .keyword(.like) || token.kind == .keyword(.isIn) else {
          throw SQLSyntaxError("expected LIKE or IN", at: token.range.lowerBound)
        }
        node = try suffix(after: node, from: start, isNegated: true)
      case .keyword(.like), .keyword(.isIn):
        node = try suffix(after: node, from: start, isNegated: false)
      default: return node
      }
    }
  }

  private mutating func suffix(
    after left: Int, from start: Int, isNegated: Bool
  ) throws(SQLSyntaxError) -> Int {
    let isLike = token.kind == .keyword(.like)
    try advance()
    if isLike {
      guard token.kind == .string else {
        throw SQLSyntaxError(
          "expected a string, the pattern of LIKE", at: token.range.lowerBound)
      }
      let pattern = LikePattern(stringLiteral())
      try advance()
      return try push(.like(left, pattern, isNegated: isNegated), from: start, above: left)
    }
    try expect(.open, "expected '(' after IN")
    let set = try list()
    guard !set.isEmpty else {
      throw SQLSyntaxError("the set of IN is empty", at: end - 1)
    }
    return try push(
      .isIn(left, set: keep(set), isNegated: isNegated), from: start, above: set, left)
  }

  private mutating func unary() throws(SQLSyntaxError) -> Int {
    let start = token.range
    depth += 1
    defer { depth -= 1 }
    guard depth <= ExpressionLimits.depthMax + 1 else { throw Self.tooDeep(at: start.lowerBound) }
    switch token.kind {
    case .keyword(.not):
      try advance()
      let node = try unary()
      return try push(.not(node), from: start.lowerBound, above: node)
    case .symbol(.minus), .symbol(.plus):
      let isMinus = token.kind == .symbol(.minus)
      try advance()
      // A sign right before digits is part of them: -2147483648 is an integer.
      if token.kind == .integer, token.range.lowerBound == start.upperBound {
        return try integer(from: start.lowerBound)
      }
      guard isMinus else { throw SQLSyntaxError("expected digits after '+'", at: end) }
      let node = try unary()
      return try push(.negate(node), from: start.lowerBound, above: node)
    default: return try primary()
    }
  }

  // MARK: Operands

  private mutating func primary() throws(SQLSyntaxError) -> Int {
    let start = token.range.lowerBound
    switch token.kind {
    case .keyword(.isTrue): return try literal(.boolean(true))
    case .keyword(.isFalse): return try literal(.boolean(false))
    case .integer: return try integer(from: start)
    case .string: return try literal(.string(stringLiteral()))
    case .open:
      try advance()
      let node = try chain(.logic)
      try expect(.close, "expected ')'")
      return node
    case .keyword(.exists):
      try advance()
      guard token.kind == .word || token.kind == .integer else {
        throw SQLSyntaxError(
          "expected the name of an attribute after EXISTS", at: token.range.lowerBound)
      }
      let name = try attributeName(token)
      try advance()
      return try push(.exists(name), from: start)
    case .word: return try attributeOrCall()
    default: throw SQLSyntaxError("expected a value", at: start)
    }
  }

  private mutating func attributeOrCall() throws(SQLSyntaxError) -> Int {
    let name = token
    try advance()
    guard token.kind == .open else {
      return try push(.attribute(attributeName(name)), from: name.range.lowerBound)
    }
    try advance()
    let arguments = try list()
    let word = String(decoding: text[name.range], as: UTF8.self).uppercased()
    guard let function = SQLFunction(word), function.arguments.contains(arguments.count) else {
      return try push(
        .unknownCall(word, arguments: arguments.count), from: name.range.lowerBound,
        above: arguments)
    }
    return try push(
      .call(function, keep(arguments)), from: name.range.lowerBound, above: arguments)
  }

  /// What is between parentheses, of which the first was taken, and the last one.
  private mutating func list() throws(SQLSyntaxError) -> [SQLOperand] {
    var operands: [SQLOperand] = []
    if token.kind != .close {
      while true {
        let node = try chain(.logic)
        operands.append(SQLOperand(link: .and, node: node, end: end))
        guard token.kind == .comma else { break }
        try advance()
      }
    }
    try expect(.close, operands.isEmpty ? "expected ')'" : "expected ',' or ')'")
    return operands
  }

  /// Names are lower case; the compatibility kit writes them in any case.
  private func attributeName(_ token: SQLToken) throws(SQLSyntaxError) -> String {
    let name = String(decoding: text[token.range], as: UTF8.self).lowercased()
    if let underscore = text[token.range].firstIndex(of: UInt8(ascii: "_")) {
      throw SQLSyntaxError("the name of an attribute has only letters and digits", at: underscore)
    }
    guard name != "data" else {
      throw SQLSyntaxError("'data' is not an attribute", at: token.range.lowerBound)
    }
    return name
  }

  private mutating func integer(from start: Int) throws(SQLSyntaxError) -> Int {
    let digits = String(decoding: text[start..<token.range.upperBound], as: UTF8.self)
    guard let value = Int32(digits) else {
      throw SQLSyntaxError("\(digits.shown) does not fit an integer of 32 bits", at: start)
    }
    try advance()
    return try push(.literal(.integer(value)), from: start)
  }

  private mutating func literal(_ value: SQLValue) throws(SQLSyntaxError) -> Int {
    let start = token.range.lowerBound
    try advance()
    return try push(.literal(value), from: start)
  }

  /// Only its own quote is escaped; other backslashes stand for themselves (section 2.2), so that LIKE
  /// finds its own.
  private func stringLiteral() -> String {
    let quote = text[token.range.lowerBound]
    var result: [UInt8] = []
    var isEscape = false
    for byte in text[token.range].dropFirst().dropLast() {
      if isEscape, byte == quote { result.removeLast() }
      isEscape = !isEscape && byte == UInt8(ascii: "\\")
      result.append(byte)
    }
    return String(decoding: result, as: UTF8.self)
  }

  // MARK: Tokens

  private mutating func advance() throws(SQLSyntaxError) {
    end = token.range.upperBound
    token = try lexer.next()
  }

  private mutating func expect(
    _ kind: SQLToken.Kind, _ problem: String
  ) throws(SQLSyntaxError) {
    guard token.kind == kind else {
      throw SQLSyntaxError(problem, at: token.range.lowerBound)
    }
    try advance()
  }

  private func unexpectedAfterExpression() -> SQLSyntaxError {
    let place = token.range.lowerBound
    // As other dialects of SQL write a quote in a string.
    if token.kind == .string, place == end, place > 0, text[place - 1] == text[place] {
      return SQLSyntaxError("a quote in a string is written with a backslash before it", at: place)
    }
    return token.kind == .close
      ? SQLSyntaxError("unexpected ')'", at: place)
      : SQLSyntaxError("expected an operator", at: place)
  }

  // MARK: Nodes

  private mutating func keep(_ operands: [SQLOperand]) -> Range<Int> {
    let start = tree.operands.count
    tree.operands += operands
    return start..<tree.operands.count
  }

  private mutating func push(
    _ form: SQLNode.Form, from start: Int, above operands: [SQLOperand] = [], _ left: Int? = nil
  ) throws(SQLSyntaxError) -> Int {
    let below = operands.reduce(left.map { tree.nodes[$0].height } ?? 0) {
      max($0, tree.nodes[$1.node].height)
    }
    guard below <= ExpressionLimits.depthMax else { throw Self.tooDeep(at: start) }
    switch form {
    case .literal, .attribute, .chain(.logic, _): break
    default: tree.clauses += 1
    }
    guard tree.clauses <= ExpressionLimits.clausesMax else {
      throw SQLSyntaxError("there are more than \(ExpressionLimits.clausesMax) clauses", at: start)
    }
    tree.nodes.append(SQLNode(form: form, range: start..<end, height: below + 1))
    return tree.nodes.count - 1
  }

  private mutating func push(
    _ form: SQLNode.Form, from start: Int, above operand: Int
  ) throws(SQLSyntaxError) -> Int {
    try push(form, from: start, above: [], operand)
  }

  private static func tooDeep(at offset: Int) -> SQLSyntaxError {
    SQLSyntaxError("nests deeper than \(ExpressionLimits.depthMax)", at: offset)
  }
}
