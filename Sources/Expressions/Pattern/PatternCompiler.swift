import JSON

/// Makes a pattern's nodes of its text.
struct PatternCompiler {
  let text: String
  private(set) var nodes: [PatternNode] = []
  private(set) var matchers: [Matcher] = []
  private(set) var readsData = false
  private var clauseCount = 0

  init(_ text: String) {
    self.text = text
  }

  mutating func run() throws(ExpressionError) {
    let document: JSONDocument
    do {
      document = try JSONDocument(
        text, limits: JSONLimits(bytesMax: ExpressionLimits.textBytesMax))
    } catch {
      throw ExpressionError(error.problem, at: error.offset, in: text)
    }
    defer { withExtendedLifetime(document) {} }
    let root = document.root
    guard root.kind == .object else {
      throw fail("must be an object that mirrors the event", at: root)
    }
    try object(root, nil, depth: 1, isEvent: true)
  }

  // MARK: Structure

  /// - Parameter isEvent: its members are the event's.
  private mutating func object(
    _ value: JSONValue, _ name: JSONName?, depth: Int, isEvent: Bool = false
  ) throws(ExpressionError) {
    guard value.count > 0 else {
      throw fail("has an empty object, which asks for nothing", at: value)
    }
    guard depth <= ExpressionLimits.depthMax else {
      throw fail("is nested more than \(ExpressionLimits.depthMax) deep", at: value)
    }
    let index = begin(.object, name)
    for member in value.members {
      try self.member(member, depth: depth, isEvent: isEvent)
    }
    end(index)
  }

  private mutating func member(
    _ member: JSONValue.Member, depth: Int, isEvent: Bool
  ) throws(ExpressionError) {
    let name = member.name.string
    if name == "$or" { return try or(member.value, depth: depth, isEvent: isEvent) }
    if isEvent, EventView.Member.isOfData(name) { readsData = true }
    switch member.value.kind {
    case .object: try object(member.value, JSONName(name), depth: depth + 1)
    case .array: try field(member.value, name)
    default: throw fail("'\(cut(name))' must be an array of what it may be", at: member.value)
    }
  }

  private mutating func or(
    _ value: JSONValue, depth: Int, isEvent: Bool
  ) throws(ExpressionError) {
    guard value.kind == .array, value.count > 0 else {
      throw fail("'$or' must be an array of objects, one of which must match", at: value)
    }
    let index = begin(.or, nil)
    for branch in value.elements {
      guard branch.kind == .object else {
        throw fail("'$or' must be an array of objects, one of which must match", at: branch)
      }
      try object(branch, nil, depth: depth + 1, isEvent: isEvent)
    }
    end(index)
  }

  private mutating func field(_ value: JSONValue, _ name: String) throws(ExpressionError) {
    guard value.count > 0 else {
      throw fail("'\(cut(name))' must be an array of what it may be, not an empty one", at: value)
    }
    let index = begin(.field, JSONName(name))
    let first = matchers.count
    for alternative in value.elements {
      if alternative["exists"]?.boolean == false, alternative.count == 1 {
        try count(alternative)
        nodes[index].allowsAbsence = true
      } else {
        matchers.append(try matcher(alternative))
      }
    }
    nodes[index].matchers = Int32(first)..<Int32(matchers.count)
    nodes[index].end = Int32(nodes.count)
    nodes[index].asksForAbsence = first == matchers.count
  }

  private mutating func begin(_ kind: PatternNode.Kind, _ name: JSONName?) -> Int {
    nodes.append(PatternNode(kind: kind, name: name, end: 0))
    return nodes.count - 1
  }

  private mutating func end(_ index: Int) {
    nodes[index].end = Int32(nodes.count)
    // Each node within says the same of those within it.
    nodes[index].asksForAbsence = nodes[(index + 1)...].allSatisfy(\.asksForAbsence)
  }

  // MARK: What the alternatives need

  mutating func count(_ clause: JSONValue) throws(ExpressionError) {
    clauseCount += 1
    guard clauseCount <= ExpressionLimits.clausesMax else {
      throw fail("has more than \(ExpressionLimits.clausesMax) clauses", at: clause)
    }
  }

  func fail(_ problem: String, at value: JSONValue) -> ExpressionError {
    // Of a string, its quote.
    let offset = value.kind == .string ? value.offset - 1 : value.offset
    return ExpressionError(problem, at: offset, in: text)
  }

  /// Of a name that came from the user, what an error shows.
  func cut(_ name: String) -> String {
    name.unicodeScalars.count <= 64 ? name : String(name.unicodeScalars.prefix(63)) + "…"
  }
}
