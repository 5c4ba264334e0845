/// What goes wrong while an expression of CloudEvents SQL is evaluated (section 3.3). Making one
/// allocates nothing; its words are found when somebody asks.
package enum SQLError: Error, Hashable, Sendable {
  case missingAttribute(String)
  case missingFunction(String, arguments: Int)
  case cast(SQLValue, to: SQLType)
  case divisionByZero
  /// The result does not fit 32 bits.
  case overflow
  /// An argument of LEFT, RIGHT or SUBSTRING that counts characters.
  case negativeLength(SQLFunction, Int32)
  case position(Int32, length: Int)
  case tooLong(SQLFunction)
  /// The result of a filter is none.
  case notBoolean(SQLValue)

  /// As the compatibility kit names them. A text that can't be parsed is an `ExpressionError`.
  package enum Kind: String, Sendable {
    case parse, math, cast, missingAttribute, missingFunction, functionEvaluation, generic
  }

  package var kind: Kind {
    switch self {
    case .missingAttribute: .missingAttribute
    case .missingFunction: .missingFunction
    case .cast: .cast
    case .divisionByZero, .overflow: .math
    case .negativeLength, .position, .tooLong: .functionEvaluation
    case .notBoolean: .generic
    }
  }
}

extension SQLError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .missingAttribute(let name): "the event has no attribute '\(name)'"
    case .missingFunction(let name, let count): SQLFunction.problem(named: name, arguments: count)
    case .cast(let value, let type): "can't cast \(value.inWords) to \(type)"
    case .divisionByZero: "division by zero"
    case .overflow: "the result does not fit an integer of 32 bits"
    case .negativeLength(let function, let length):
      "\(function.name) can't take \(length) characters"
    case .position(let position, let length):
      "SUBSTRING can't begin at \(position) of \(length) characters"
    case .tooLong(let function):
      "\(function.name) makes a string of more than \(ExpressionLimits.stringBytesMax) bytes"
    case .notBoolean(let value): "the result is the \(value.type) \(value.inWords), not a Boolean"
    }
  }
}

extension SQLValue {
  /// As it would be written in an expression, if short.
  var inWords: String {
    guard case .string(let text) = self else { return text }
    return "'\(text.shown)'"
  }
}
