/// The functions of section 3.5.
extension SQLTree {
  /// - Returns: nil if an argument can't be evaluated or cast, or there is no better value than zero.
  func call(
    _ function: SQLFunction, _ arguments: Range<Int>, _ event: EventView, _ error: inout SQLError?
  ) -> SQLValue? {
    switch function {
    case .int: return integer(of: argument(0, arguments), event, &error).map { .integer($0) }
    case .bool: return boolean(of: argument(0, arguments), event, &error).map { .boolean($0) }
    case .isInt:
      return valid(argument(0, arguments), event, &error).map { .boolean($0.asInteger != nil) }
    case .isBool:
      return valid(argument(0, arguments), event, &error).map { .boolean($0.asBoolean != nil) }
    case .abs: return absolute(argument(0, arguments), event, &error)
    case .concat: return joined(arguments, separator: "", function, event, &error)
    case .concatWithSeparator:
      guard let separator = string(of: argument(0, arguments), event, &error) else { return nil }
      return joined(arguments.dropFirst(), separator: separator, function, event, &error)
    case .left, .right, .substring: return part(function, arguments, event, &error)
    case .string, .length, .lower, .upper, .trim:
      guard let text = string(of: argument(0, arguments), event, &error) else { return nil }
      return transformed(text, by: function, &error)
    }
  }

  private func argument(_ index: Int, _ arguments: Range<Int>) -> Int {
    operands[arguments.lowerBound + index].node
  }

  private func absolute(
    _ index: Int, _ event: EventView, _ error: inout SQLError?
  ) -> SQLValue? {
    guard let number = integer(of: index, event, &error) else { return nil }
    guard number != .min else {
      error = .overflow
      return .integer(.max)
    }
    return .integer(abs(number))
  }

  private func transformed(
    _ text: String, by function: SQLFunction, _ error: inout SQLError?
  ) -> SQLValue? {
    switch function {
    case .length: return .integer(Int32(clamping: text.unicodeScalars.count))
    case .lower: return bounded(text.lowercased(), function, &error)
    case .upper: return bounded(text.uppercased(), function, &error)
    case .trim: return .string(text.trimmed)
    default: return .string(text)
    }
  }

  private func bounded(
    _ text: String, _ function: SQLFunction, _ error: inout SQLError?
  ) -> SQLValue? {
    guard text.utf8.count <= ExpressionLimits.stringBytesMax else {
      error = .tooLong(function)
      return nil
    }
    return .string(text)
  }

  private func joined(
    _ arguments: Range<Int>, separator: String, _ function: SQLFunction, _ event: EventView,
    _ error: inout SQLError?
  ) -> SQLValue? {
    var result = ""
    for (index, operand) in operands[arguments].enumerated() {
      guard let text = string(of: operand.node, event, &error) else { return nil }
      if index > 0 { result += separator }
      result += text
      guard result.utf8.count <= ExpressionLimits.stringBytesMax else {
        error = .tooLong(function)
        return nil
      }
    }
    return .string(result)
  }

  /// LEFT, RIGHT and SUBSTRING.
  private func part(
    _ function: SQLFunction, _ arguments: Range<Int>, _ event: EventView, _ error: inout SQLError?
  ) -> SQLValue? {
    guard let text = string(of: argument(0, arguments), event, &error),
      let first = integer(of: argument(1, arguments), event, &error)
    else { return nil }
    if function == .substring {
      var length: Int32?
      if arguments.count > 2 {
        length = integer(of: argument(2, arguments), event, &error)
        if length == nil { return nil }
      }
      return substring(of: text, from: first, length: length, &error)
    }
    guard first >= 0 else {
      error = .negativeLength(function, first)
      return .string(text)
    }
    let scalars = text.unicodeScalars
    return .string(
      String(function == .left ? scalars.prefix(Int(first)) : scalars.suffix(Int(first))))
  }

  private func substring(
    of text: String, from position: Int32, length: Int32?, _ error: inout SQLError?
  ) -> SQLValue? {
    if let length, length < 0 {
      error = .negativeLength(.substring, length)
      return nil
    }
    let scalars = text.unicodeScalars
    let count = scalars.count
    guard position.magnitude <= count else {
      error = .position(position, length: count)
      return nil
    }
    guard position != 0 else { return .string("") }
    let start = position > 0 ? Int(position) - 1 : count + Int(position)
    return .string(String(scalars.dropFirst(start).prefix(length.map { Int($0) } ?? count)))
  }
}

extension String {
  /// Without white space, as Unicode defines it, at both ends.
  fileprivate var trimmed: String {
    let scalars = unicodeScalars.drop { $0.properties.isWhitespace }
    guard let last = scalars.lastIndex(where: { !$0.properties.isWhitespace }) else { return "" }
    return String(scalars[...last])
  }
}
