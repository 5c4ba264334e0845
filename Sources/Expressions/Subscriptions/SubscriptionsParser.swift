import JSON

/// Reads a filter in the dialects of CloudEvents Subscriptions. It recurses as deep as filters nest.
struct SubscriptionsParser {
  private let text: String
  private var nodes: [SubscriptionsNode] = []
  private var depth = 0
  private var clauses = 0

  static func parse(_ text: String) throws(ExpressionError) -> [SubscriptionsNode] {
    guard text.utf8.count <= ExpressionLimits.textBytesMax else {
      throw ExpressionError(
        "the text is \(text.utf8.count) bytes; at most \(ExpressionLimits.textBytesMax) are allowed",
        line: 1, column: 1)
    }
    let document: JSONDocument
    do {
      document = try JSONDocument(text)
    } catch {
      throw ExpressionError(error.problem, at: error.offset, in: text)
    }
    var parser = SubscriptionsParser(text: text)
    return try document.read { value throws(ExpressionError) in
      if value.kind == .array {
        _ = parser.add(.all(try parser.filters(value, of: "the filters")))
      } else {
        _ = try parser.filter(value)
      }
      return parser.nodes
    }
  }

  private init(text: String) {
    self.text = text
  }

  /// It and those below are short so that their frames are: nesting is through them.
  private mutating func filter(_ value: JSONValue) throws(ExpressionError) -> Int {
    depth += 1
    defer { depth -= 1 }
    let dialect = try dialect(of: value)
    switch dialect.name.string {
    case "all": return try all(dialect.value)
    case "any": return try any(dialect.value)
    case "not": return try not(dialect.value)
    default: return try simple(dialect)
    }
  }

  private mutating func dialect(
    of value: JSONValue
  ) throws(ExpressionError) -> JSONValue.Member {
    guard depth <= ExpressionLimits.depthMax + 1 else {
      throw problem("nests deeper than \(ExpressionLimits.depthMax)", at: value)
    }
    guard value.kind == .object else {
      throw problem("expected a filter, an object with one dialect", at: value)
    }
    var members = value.members
    guard let dialect = members.next() else {
      throw problem("expected a dialect: \(Self.dialects)", at: value)
    }
    if let other = members.next() {
      throw problem("a filter has one dialect; this has more", at: other.name)
    }
    try count(1, value)
    return dialect
  }

  private static let dialects = "exact, prefix, suffix, all, any, not or sql"

  private mutating func all(_ value: JSONValue) throws(ExpressionError) -> Int {
    let filters = try filters(value, of: "'all'")
    return add(.all(filters))
  }

  private mutating func any(_ value: JSONValue) throws(ExpressionError) -> Int {
    let filters = try filters(value, of: "'any'")
    return add(.any(filters))
  }

  private mutating func not(_ value: JSONValue) throws(ExpressionError) -> Int {
    let filter = try filter(value)
    return add(.not(filter))
  }

  /// That contains no other filter.
  private mutating func simple(_ dialect: JSONValue.Member) throws(ExpressionError) -> Int {
    let name = dialect.name.string
    if name == "sql" { return add(.sql(try sql(dialect.value))) }
    guard let comparison = SubscriptionsNode.Comparison(rawValue: name) else {
      throw problem(
        "there is no dialect '\(name.shown)'; there are \(Self.dialects)", at: dialect.name)
    }
    return add(.attributes(comparison, try conditions(dialect.value, of: name)))
  }

  private mutating func filters(
    _ value: JSONValue, of owner: String
  ) throws(ExpressionError) -> [Int] {
    guard value.kind == .array else {
      throw problem("\(owner) takes an array of filters", at: value)
    }
    guard value.count > 0 else {
      throw problem("\(owner) must have at least one filter", at: value)
    }
    var filters: [Int] = []
    for element in value.elements { filters.append(try filter(element)) }
    return filters
  }

  private mutating func conditions(
    _ value: JSONValue, of dialect: String
  ) throws(ExpressionError) -> [SubscriptionsNode.Condition] {
    guard value.kind == .object else {
      throw problem("'\(dialect)' takes an object of attributes and texts", at: value)
    }
    guard value.count > 0 else {
      throw problem("'\(dialect)' must have at least one attribute", at: value)
    }
    var conditions: [SubscriptionsNode.Condition] = []
    for (name, text) in value.members.lazy.map({ ($0.name, $0.value) }) {
      try check(name)
      guard let string = text.string, !string.isEmpty else {
        throw problem("'\(dialect)' compares with a text that is not empty", at: text)
      }
      // The first is counted with its filter.
      if !conditions.isEmpty { try count(1, text) }
      conditions.append(SubscriptionsNode.Condition(name: name.string, text: string))
    }
    return conditions
  }

  /// By the naming conventions of CloudEvents.
  private func check(_ name: JSONValue.Name) throws(ExpressionError) {
    let isWellFormed =
      !name.utf8.isEmpty
      && name.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) }
    guard isWellFormed else {
      throw problem(
        "the name of an attribute has only lower-case letters and digits", at: name)
    }
    guard name.string != EventView.Member.data else {
      throw problem("'data' is not an attribute", at: name)
    }
  }

  /// Errors say where in the JSON text the expression goes wrong, whatever escapes are before it.
  private mutating func sql(_ value: JSONValue) throws(ExpressionError) -> SQLFilter {
    guard let expression = value.string else {
      throw problem("'sql' takes a string, an expression of CloudEvents SQL", at: value)
    }
    let filter: SQLFilter
    do {
      filter = try SQLFilter(parsing: expression)
    } catch {
      throw ExpressionError(
        error.problem, at: value.offset(ofByte: error.offset, in: text), in: text)
    }
    // One was counted with the filter.
    try count(max(filter.expression.tree.clauses - 1, 0), value)
    return filter
  }

  // MARK: Nodes

  private mutating func add(_ node: SubscriptionsNode) -> Int {
    nodes.append(node)
    return nodes.count - 1
  }

  private mutating func count(_ more: Int, _ value: JSONValue) throws(ExpressionError) {
    clauses += more
    guard clauses <= ExpressionLimits.clausesMax else {
      throw problem("there are more than \(ExpressionLimits.clausesMax) clauses", at: value)
    }
  }

  private func problem(_ problem: String, at value: JSONValue) -> ExpressionError {
    // Of a string its quote.
    ExpressionError(problem, at: value.offset - (value.kind == .string ? 1 : 0), in: text)
  }

  private func problem(_ problem: String, at name: JSONValue.Name) -> ExpressionError {
    ExpressionError(problem, at: name.offset - 1, in: text)
  }
}
