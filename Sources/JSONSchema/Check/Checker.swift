import JSON

/// One check of a value: says yes or no, as fast as may be, and stops at the first no.
///
/// It recurses with the value and the schema, at most `SchemaLimits.depthMax` deep, each level taking
/// at most 1.6 KiB of the stack in debug builds; and does at most `SchemaLimits.stepsMax` steps. When
/// it comes to such a bound, everything answers no: see `stop`. Where functions call each other that
/// way, loops are plain ones: an iterator would have a place of its own on the stack.
struct Checker: ~Copyable {
  enum Stop {
    case depth, steps
  }

  let tables: ProgramTables
  /// Why the answers can't be trusted; nil as long as they can.
  private(set) var stop: Stop?
  var stepsLeft = SchemaLimits.stepsMax
  var depth = 0
  var marks = EvaluatedMarks()
  /// The resources on the way, the outermost first, without repeats of the last; only for dynamic
  /// programs.
  var scope: [Int32] = []

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
    var index = index
    while true {
      let node = tables.nodes + Int(index)
      if tables.isDynamic { push(node.pointee.resource) }
      switch node.pointee.form {
      case .anything: return true
      case .nothing: return false
      case .reference: break
      case .keywords:
        if node.pointee.hasUnevaluated { return checkUnevaluated(node, value, evaluated) }
        guard checkKeywords(node, value, evaluated) else { return false }
      }
      // A reference needs no stack of its own.
      index = next(after: node)
      if index == .none { return true }
      guard spend(1) else { return false }
    }
  }

  /// Where the check goes on.
  @inline(__always)
  func next(after node: UnsafePointer<SchemaNode>) -> NodeIndex {
    if node.pointee.dynamicTarget >= 0 { return target(of: Int(node.pointee.dynamicTarget)) }
    return node.pointee.target
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
  @inline(__always)
  mutating func checkKeywords(
    _ node: UnsafePointer<SchemaNode>, _ value: JSONValue, _ evaluated: EvaluatedMarks.Place
  ) -> Bool {
    let kind = value.kind
    guard node.pointee.types.rawValue & (1 << kind.rawValue) != 0 else { return false }
    switch kind {
    case .null, .boolean: break
    case .number: if !checkNumber(node, value) { return false }
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
    let general = node.pointee.general
    var index = Int(general.start)
    while index < Int(general.start + general.count) {
      guard checkInstruction(index, value, evaluated) else { return false }
      index += 1
    }
    return true
  }

  private mutating func checkNumber(
    _ node: UnsafePointer<SchemaNode>, _ value: JSONValue
  ) -> Bool {
    // Exact arithmetic takes time by the digits, the more so for `multipleOf`.
    let digits = value.utf8.count
    if digits > JSONNumber.headDigits,
      !spend(digits &* (1 &+ 4 &* Int(node.pointee.number.count)))
    {
      return false
    }
    if node.pointee.types.contains(.integersOnly), !value.isInteger { return false }
    for index in node.pointee.number.indices
    where !tables.bounds[index].holds(for: value) { return false }
    return true
  }
}

extension JSONValue {
  /// Whether it is a number without a fraction: 1.0 has none.
  var isInteger: Bool { int64 != nil || number?.isInteger == true }
}
