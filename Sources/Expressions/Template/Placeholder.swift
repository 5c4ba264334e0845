import JSON

/// The way to a value within an event: a JSON pointer into its JSON format (RFC 6901), made ready.
struct Placeholder: Sendable {
  private struct Token: Sendable {
    let name: JSONName
    /// The token as the index of an array's element.
    let index: Int?

    init(_ token: String) {
      name = JSONName(token)
      index = Int(token).flatMap { $0 >= 0 && String($0) == token ? $0 : nil }
    }
  }

  private let tokens: [Token]

  init(_ pointer: JSONPointer) {
    tokens = pointer.tokens.map(Token.init)
  }

  var readsData: Bool {
    guard let first = tokens.first else { return true }
    return EventView.Member.isOfData(first.name.string)
  }

  /// - Returns: nil if there is nothing, or the budget is used up.
  func value(in event: EventView, _ budget: inout StepBudget) -> EventValue? {
    var value = EventValue.event
    for token in tokens {
      guard let next = Self.member(token, of: value, in: event, &budget) else { return nil }
      value = next
    }
    return value
  }

  private static func member(
    _ token: Token, of value: EventValue, in event: EventView, _ budget: inout StepBudget
  ) -> EventValue? {
    guard case .payload(let array) = value, array.kind == .array else {
      guard budget.takeLookup(in: value) else { return nil }
      return event.member(token.name, of: value)
    }
    guard let index = token.index, index < array.count, budget.take(1 + index >> 3) else {
      return nil
    }
    return array[index].map { .payload($0) }
  }
}
