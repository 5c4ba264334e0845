import JSON

/// Numbers between two bounds, compared exactly.
struct NumericRange: Sendable {
  struct Bound: Sendable {
    var number: JSONNumber
    var isIncluded: Bool
  }

  var lower: Bound?
  var upper: Bound?

  func contains(_ number: JSONNumber) -> Bool {
    if let lower {
      guard lower.isIncluded ? lower.number <= number : lower.number < number else { return false }
    }
    guard let upper else { return true }
    return upper.isIncluded ? number <= upper.number : number < upper.number
  }

  /// Whether there are numbers between the bounds.
  var isEmpty: Bool {
    guard let lower, let upper else { return false }
    if lower.number == upper.number { return !lower.isIncluded || !upper.isIncluded }
    return upper.number < lower.number
  }

  /// The number, if there is but one.
  var only: JSONNumber? {
    guard let lower, let upper, lower.number == upper.number else { return nil }
    return lower.number
  }
}
