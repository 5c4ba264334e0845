/// The functions of CloudEvents SQL (section 3.5).
package enum SQLFunction: Hashable, Sendable, CaseIterable {
  case int, bool, string, isInt, isBool
  case length, concat, concatWithSeparator, lower, upper, trim, left, right, substring
  case abs

  /// - Parameter name: in upper case.
  init?(_ name: String) {
    guard let function = Self.byName[name] else { return nil }
    self = function
  }

  private static let byName = Dictionary(uniqueKeysWithValues: allCases.map { ($0.name, $0) })

  var name: String {
    switch self {
    case .int: "INT"
    case .bool: "BOOL"
    case .string: "STRING"
    case .isInt: "IS_INT"
    case .isBool: "IS_BOOL"
    case .length: "LENGTH"
    case .concat: "CONCAT"
    case .concatWithSeparator: "CONCAT_WS"
    case .lower: "LOWER"
    case .upper: "UPPER"
    case .trim: "TRIM"
    case .left: "LEFT"
    case .right: "RIGHT"
    case .substring: "SUBSTRING"
    case .abs: "ABS"
    }
  }

  var result: SQLType {
    switch self {
    case .int, .length, .abs: .integer
    case .bool, .isInt, .isBool: .boolean
    case .string, .concat, .concatWithSeparator, .lower, .upper, .trim, .left, .right, .substring:
      .string
    }
  }

  /// How many it takes.
  var arguments: ClosedRange<Int> {
    switch self {
    case .int, .bool, .string, .isInt, .isBool, .length, .lower, .upper, .trim, .abs: 1...1
    case .left, .right: 2...2
    case .substring: 2...3
    case .concat: 0...Int.max
    case .concatWithSeparator: 1...Int.max
    }
  }

  /// What an argument is cast to; nil if it takes any type.
  func parameter(_ index: Int) -> SQLType? {
    switch self {
    case .int, .bool, .string, .isInt, .isBool: nil
    case .length, .concat, .concatWithSeparator, .lower, .upper, .trim: .string
    case .left, .right, .substring: index == 0 ? .string : .integer
    case .abs: .integer
    }
  }
}

extension SQLFunction {
  /// Why a call can't be dispatched.
  static func problem(named name: String, arguments count: Int) -> String {
    guard let function = SQLFunction(name) else { return "there is no function '\(name.shown)'" }
    let range = function.arguments
    let wanted =
      switch (range.lowerBound, range.upperBound) {
      case (1, 1): "1 argument"
      case (2, 3): "2 or 3 arguments"
      case (let least, .max): "at least \(least) argument\(least == 1 ? "" : "s")"
      case (let least, _): "\(least) arguments"
      }
    return "\(name) takes \(wanted), not \(count)"
  }
}
