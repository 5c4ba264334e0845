import JSON

/// A number of a schema, prepared to be compared with many.
struct ExactNumber {
  /// Valid if `isSmall`.
  let integer: Int64
  /// Whether it is an integer of 64 bits: most are, and need no arithmetic of their own.
  let isSmall: Bool
  let exact: JSONNumber

  init(_ number: JSONNumber) {
    exact = number
    let value = number.int64
    integer = value ?? 0
    isSmall = value != nil
  }
}

extension Bound {
  /// - Precondition: the value is a number.
  func holds(for value: JSONValue) -> Bool {
    if number.isSmall, let integer = value.int64 { return holds(forInteger: integer) }
    return holds(exactly: value.number!)
  }

  private func holds(forInteger value: Int64) -> Bool {
    switch relation {
    case .atLeast: value >= number.integer
    case .above: value > number.integer
    case .atMost: value <= number.integer
    case .below: value < number.integer
    // The remainder by -1 overflows for the least integer, but a divisor is above zero.
    case .multipleOf: value % number.integer == 0
    }
  }

  private func holds(exactly value: JSONNumber) -> Bool {
    switch relation {
    case .atLeast: !(value < number.exact)
    case .above: number.exact < value
    case .atMost: !(number.exact < value)
    case .below: value < number.exact
    case .multipleOf: value.isMultiple(of: number.exact)
    }
  }
}
