/// Parses CloudEvents SQL (section 2): operators in a loop, what nests by recursion. How deep it gets
/// is bounded, by `ExpressionLimits.depthMax`, for the parser itself and for the tree.
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
    _ = try parser.expression()
    guard parser.token.kind == .end else { throw parser.unexpectedAfterExpression() }
    return parser.tree
  }

  private init(_ text: [UInt8]) throws(SQLSyntaxError) {
    self.text = text
    lexer = SQLLexer(text)
    token = try lexer.next()
  }

  // MARK: Levels

  /// Operators of a level and their operands, of which the last is still to come.
  private struct Chain {
    var level: SQLOperator.Level
    /// Where the first operand begins.
    var start: Int
    var operands: [SQLOperand]
    /// Before the operand to come.
    var link: SQLOperator
  }

  /// Operands with operators of any level between them. The chains that are open are of levels that
  /// bind more and more: a loop, as a function for each level would take four times the stack.
  private mutating func expression() throws(SQLSyntaxError) -> Int {
    var open: [Chain] = []
    while true {
      var start = token.range.lowerBound
      var node = try suffixed()
      let link = token.binaryOperator
      let level = link?.level.rawValue ?? -1
      while var chain = open.last, chain.level.rawValue >= level {
        chain.operands.append(SQLOperand(link: chain.link, node: node, end: end))
        open.removeLast()
        start = chain.start
        if chain.level.rawValue == level, let link {
          chain.link = link
          open.append(chain)
          break
        }
        node = try close(chain)
      }
      guard let link else { return node }
      if open.last?.level != link.level {
        let first = SQLOperand(link: .and, node: node, end: end)
        open.append(Chain(level: link.level, start: start, operands: [first], link: link))
      }
      try advance()
    }
  }

  private mutating func close(_ chain: Chain) throws(SQLSyntaxError) -> Int {
    try push(
      .chain(chain.level, keep(chain.operands)), from: chain.start, above: chain.operands)
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

  /// It and those below are short so that their frames are: nesting is through them.
  private mutating func unary() throws(SQLSyntaxError) -> Int {
    depth += 1
    defer { depth -= 1 }
    guard depth <= ExpressionLimits.depthMax + 1 else {
      throw Self.tooDeep(at: token.range.lowerBound)
    }
    switch token.kind {
    case .keyword(.not): return try negation()
    case .symbol(.minus), .symbol(.plus): return try signed()
    case .open: return try parenthesized()
    case .word: return try attributeOrCall()
    case .keyword(.exists): return try existence()
    default: return try literal()
    }
  }

  private mutating func negation() throws(SQLSyntaxError) -> Int {
    let start = token.range.lowerBound
    try advance()
    let node = try unary()
    return try push(.not(node), from: start, above: node)
  }

  private mutating func signed() throws(SQLSyntaxError) -> Int {
    let start = token.range
    let isMinus = token.kind == .symbol(.minus)
    try advance()
    // A sign right before digits is part of them: -2147483648 is an integer.
    if token.kind == .integer, token.range.lowerBound == start.upperBound {
      return try integer(from: start.lowerBound)
    }
    guard isMinus else { throw SQLSyntaxError("expected digits after '+'", at: end) }
    let node = try unary()
    return try push(.negate(node), from: start.lowerBound, above: node)
  }

  // MARK: Operands

  private mutating func parenthesized() throws(SQLSyntaxError) -> Int {
    try advance()
    let node = try expression()
    try expect(.close, "expected ')'")
    return node
  }

  private mutating func existence() throws(SQLSyntaxError) -> Int {
    let start = token.range.lowerBound
    try advance()
    guard token.kind == .word || token.kind == .integer else {
      throw SQLSyntaxError(
        "expected the name of an attribute after EXISTS", at: token.range.lowerBound)
    }
    let name = try attributeName(token)
    try advance()
    return try push(.exists(name), from: start)
  }

  private mutating func attributeOrCall() throws(SQLSyntaxError) -> Int {
    let name = token
    try advance()
    if token.kind == .open { return try call(name.range) }
    return try push(.attribute(attributeName(name)), from: name.range.lowerBound)
  }

  private mutating func call(_ name: Range<Int>) throws(SQLSyntaxError) -> Int {
    try advance()
    let arguments = try list()
    return try push(
      call(String(decoding: text[name], as: UTF8.self).uppercased(), arguments),
      from: name.lowerBound, above: arguments)
  }

  private mutating func call(_ name: String, _ arguments: [SQLOperand]) -> SQLNode.Form {
    guard let function = SQLFunction(name), function.arguments.contains(arguments.count) else {
      return .unknownCall(name, arguments: arguments.count)
    }
    return .call(function, keep(arguments))
  }

  /// What is between parentheses, of which the first was taken, and the last one.
  private mutating func list() throws(SQLSyntaxError) -> [SQLOperand] {
    var operands: [SQLOperand] = []
    if token.kind != .close {
      while true {
        let node = try expression()
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

  private mutating func literal() throws(SQLSyntaxError) -> Int {
    let start = token.range.lowerBound
    let value: SQLValue
    switch token.kind {
    case .keyword(.isTrue): value = .boolean(true)
    case .keyword(.isFalse): value = .boolean(false)
    case .string: value = .string(stringLiteral())
    case .integer: return try integer(from: start)
    default: throw SQLSyntaxError("expected a value", at: start)
    }
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
