import JSON

/// One check of a value: says yes or no, as fast as may be, and stops at the first no.
///
/// It recurses with the value and the schema, at most `SchemaLimits.depthMax` deep, and does at most
/// `SchemaLimits.stepsMax` steps. When it comes to such a bound, everything answers no: see `stop`.
struct Checker: ~Copyable {
  enum Stop {
    case depth, steps
  }

  let tables: ProgramTables
  /// Why the answers can't be trusted; nil as long as they can.
  private(set) var stop: Stop?
  var stepsLeft = SchemaLimits.stepsMax
  private(set) var depth = 0
  var marks = EvaluatedMarks()
  /// The resources on the way, the outermost first, without repeats of the last; only for dynamic
  /// programs.
  private(set) var scope: [Int32] = []

  init(_ tables: ProgramTables) {
    self.tables = tables
    if tables.isDynamic { scope.reserveCapacity(16) }
  }

  deinit { marks.deallocate() }

  /// - Parameter evaluated: where to mark the members or elements that the node evaluates; what it
  ///   marked means nothing if the answer is no.
  mutating func check(
    _ index: NodeIndex, _ value: JSONValue, _ evaluated: EvaluatedMarks.Place = .none
  ) -> Bool {
    guard let scopeCount = enter() else { return false }
    defer { leave(scopeCount) }
    var node = tables.nodes + Int(index)
    while true {
      if tables.isDynamic { push(node.pointee.resource) }
      switch node.pointee.form {
      case .anything: return true
      case .nothing: return false
      case .keywords:
        return hasUnevaluated(node, value)
          ? checkUnevaluated(node, value, evaluated) : checkKeywords(node, value, evaluated)
      case .reference:
        stepsLeft -= 1
        node = tables.nodes + Int(node.pointee.target)
      }
    }
  }

  func hasUnevaluated(_ node: UnsafePointer<SchemaNode>, _ value: JSONValue) -> Bool {
    switch value.kind {
    case .array: node.pointee.unevaluatedItems != .none
    case .object: node.pointee.unevaluatedProperties != .none
    default: false
    }
  }

  // MARK: Bounds

  /// - Returns: what `leave` needs; nil at a bound.
  @inline(__always)
  mutating func enter() -> Int? {
    stepsLeft -= 1
    guard stop == nil, stepsLeft > 0, depth < SchemaLimits.depthMax else {
      if stop == nil { stop = stepsLeft > 0 ? .depth : .steps }
      return nil
    }
    depth += 1
    return tables.isDynamic ? scope.count : 0
  }

  @inline(__always)
  mutating func leave(_ scopeCount: Int) {
    depth -= 1
    if tables.isDynamic { scope.removeLast(scope.count - scopeCount) }
  }

  mutating func push(_ resource: Int32) {
    if scope.last != resource { scope.append(resource) }
  }

  /// Notes that steps ran out where a loop of its own used them up.
  mutating func spend(_ steps: Int) -> Bool {
    stepsLeft -= steps
    if stepsLeft <= 0, stop == nil { stop = .steps }
    return stop == nil
  }

  // MARK: Keywords

  /// All keywords but `unevaluatedItems` and `unevaluatedProperties`.
  mutating func checkKeywords(
    _ node: UnsafePointer<SchemaNode>, _ value: JSONValue, _ evaluated: EvaluatedMarks.Place
  ) -> Bool {
    let kind = value.kind
    guard node.pointee.types.rawValue & (1 << kind.rawValue) != 0 else { return false }
    switch kind {
    case .null, .boolean: break
    case .number:
      if node.pointee.types.contains(.integersOnly), !value.isInteger { return false }
      for index in node.pointee.number.indices
      where !tables.bounds[index].holds(for: value) { return false }
    case .string:
      if node.pointee.string >= 0, !checkString(Int(node.pointee.string), value) { return false }
    case .array:
      if node.pointee.array >= 0, !checkArray(Int(node.pointee.array), value, evaluated) {
        return false
      }
    case .object:
      if node.pointee.object >= 0, !checkObject(Int(node.pointee.object), value, evaluated) {
        return false
      }
    }
    return node.pointee.general.isEmpty || checkGeneral(node.pointee.general, value, evaluated)
  }
}

extension JSONValue {
  /// Whether it is a number without a fraction: 1.0 has none.
  var isInteger: Bool { int64 != nil || number?.isInteger == true }
}
