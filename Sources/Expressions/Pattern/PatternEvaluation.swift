internal import Encodings
import JSON

/// Walks a pattern against one event.
///
/// It recurses along the pattern's objects and the payload's nested arrays, both bounded. When its
/// steps are used up, everything counts as no match, so that it comes to an end.
struct PatternEvaluation {
  private let pattern: ContentPattern
  private let event: EventView
  private var budget = StepBudget()

  init(_ pattern: ContentPattern, _ event: EventView) {
    self.pattern = pattern
    self.event = event
  }

  mutating func run() -> FilterResult {
    let isMatch = withExtendedLifetime(event) { allHold(in: 0, for: .event) }
    if budget.isUsedUp {
      return .error("takes more than \(ExpressionLimits.stepsMax) steps with this event")
    }
    return isMatch ? .match : .noMatch
  }

  /// - Parameters:
  ///   - index: of any node but the pattern itself.
  ///   - value: the one whose member the node is about; no array. Nil if there is none.
  mutating func holds(_ index: Int, for value: EventValue?) -> Bool {
    guard budget.take(1) else { return false }
    let node = pattern.nodes[index]
    switch node.kind {
    case .field: return fieldHolds(node, for: member(of: node, in: value))
    case .object: return objectHolds(index, for: member(of: node, in: value))
    case .or:
      for branch in pattern.children(of: index) where allHold(in: branch, for: value) {
        return true
      }
      return false
    }
  }

  mutating func member(of node: PatternNode, in value: EventValue?) -> EventValue? {
    guard let value, let name = node.name, budget.takeLookup(in: value) else { return nil }
    return event.member(name, of: value)
  }

  private mutating func allHold(in index: Int, for value: EventValue?) -> Bool {
    for child in pattern.children(of: index) where !holds(child, for: value) { return false }
    return true
  }

  private mutating func objectHolds(_ index: Int, for value: EventValue?) -> Bool {
    guard budget.take(1) else { return false }
    guard case .payload(let array)? = value, array.kind == .array, array.count > 0 else {
      return allHold(in: index, for: value)
    }
    let isForEach = pattern.nodes[index].asksForAbsence
    for element in array.elements where objectHolds(index, for: .payload(element)) != isForEach {
      return !isForEach
    }
    return isForEach
  }

  // MARK: Alternatives

  private mutating func fieldHolds(_ node: PatternNode, for value: EventValue?) -> Bool {
    var isAbsent = true
    if let value, oneHolds(node, for: value, &isAbsent) { return true }
    return isAbsent && node.allowsAbsence && !budget.isUsedUp
  }

  /// Whether one of the alternatives is that of the value, or of an element of it.
  private mutating func oneHolds(
    _ node: PatternNode, for value: EventValue, _ isAbsent: inout Bool
  ) -> Bool {
    switch value {
    case .event, .metadata: return false
    case .payload(let value): return oneHolds(node, for: value, &isAbsent)
    case .attribute(let value):
      isAbsent = false
      return oneHolds(node, for: value)
    case .binary(let bytes):
      isAbsent = false
      guard budget.take(bytes.count >> 3) else { return false }
      let text = Base64.encode(bytes, isPadded: true)
      return text.withUnsafeBufferPointer { oneHolds(node, for: .string($0)) }
    }
  }

  private mutating func oneHolds(
    _ node: PatternNode, for value: JSONValue, _ isAbsent: inout Bool
  ) -> Bool {
    guard budget.take(1) else { return false }
    switch value.kind {
    case .object: return false
    case .array:
      for element in value.elements where oneHolds(node, for: element, &isAbsent) { return true }
      return false
    case .string: return present(node, .string(value.utf8), &isAbsent)
    case .number: return present(node, .number(value.utf8), &isAbsent)
    case .boolean: return present(node, .boolean(value.boolean == true), &isAbsent)
    case .null: return present(node, .null, &isAbsent)
    }
  }

  private mutating func present(
    _ node: PatternNode, _ value: Scalar, _ isAbsent: inout Bool
  ) -> Bool {
    isAbsent = false
    return oneHolds(node, for: value)
  }

  private mutating func oneHolds(_ node: PatternNode, for value: AttributeValue) -> Bool {
    switch value {
    case .string(var text): return text.withUTF8 { oneHolds(node, for: .string($0)) }
    case .integer(let number):
      var digits = String(number)
      return digits.withUTF8 { oneHolds(node, for: .number($0)) }
    case .boolean(let flag): return oneHolds(node, for: Scalar.boolean(flag))
    }
  }

  private mutating func oneHolds(_ node: PatternNode, for value: Scalar) -> Bool {
    let bytes =
      switch value {
      case .string(let text), .number(let text): text.count
      case .boolean, .null: 0
      }
    for index in node.matchers {
      let matcher = pattern.matchers[Int(index)]
      guard budget.take(matcher.steps(bytes: bytes)) else { return false }
      if matcher.holds(for: value) { return true }
    }
    return false
  }
}
