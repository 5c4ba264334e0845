/// RFC 3492.
enum Punycode {
  private static let base = 36
  private static let scalarsMax = 63

  /// - Parameter text: without "xn--".
  /// - Returns: nil if it is none, or longer than a label may be.
  static func decoded(_ text: FormatBytes) -> [Unicode.Scalar]? {
    var output: [Unicode.Scalar] = []
    var rest = text
    if let mark = text.lastIndex(of: UInt8(ascii: "-")) {
      // An encoder writes no delimiter after nothing.
      guard mark > text.startIndex else { return nil }
      output = text[..<mark].map { Unicode.Scalar($0) }
      rest = text[(mark + 1)...]
    }
    var code = 128
    var index = 0
    var bias = 72
    while !rest.isEmpty {
      guard let added = number(&rest, bias: bias), output.count < scalarsMax else { return nil }
      index += added
      let count = output.count + 1
      bias = adapted(added, count: count, isFirst: index == added && code == 128)
      code += index / count
      index %= count
      guard let value = UInt32(exactly: code), let scalar = Unicode.Scalar(value) else {
        return nil
      }
      output.insert(scalar, at: index)
      index += 1
    }
    return output
  }

  private static func number(_ rest: inout FormatBytes, bias: Int) -> Int? {
    var value = 0
    var weight = 1
    var step = base
    while let byte = rest.popFirst() {
      let digit: Int
      switch byte {
      case 0x61...0x7A: digit = Int(byte) - 0x61
      case 0x41...0x5A: digit = Int(byte) - 0x41
      case 0x30...0x39: digit = Int(byte) - 0x30 + 26
      default: return nil
      }
      value += digit * weight
      guard value < 1 << 31 else { return nil }
      let threshold = min(max(step - bias, 1), 26)
      if digit < threshold { return value }
      weight *= base - threshold
      guard weight < 1 << 31 else { return nil }
      step += base
    }
    return nil
  }

  private static func adapted(_ delta: Int, count: Int, isFirst: Bool) -> Int {
    var delta = isFirst ? delta / 700 : delta / 2
    delta += delta / count
    var step = 0
    while delta > (base - 1) * 26 / 2 {
      delta /= base - 1
      step += base
    }
    return step + base * delta / (delta + 38)
  }

  /// - Returns: how long it is encoded, without "xn--"; nil if it is longer than a label may be.
  static func encodedLength(_ scalars: [Unicode.Scalar]) -> Int? {
    guard scalars.count <= scalarsMax else { return nil }
    let basic = scalars.count(where: \.isASCII)
    var length = basic + (basic > 0 ? 1 : 0)
    var code: UInt32 = 128
    var delta = 0
    var bias = 72
    var handled = basic
    while handled < scalars.count {
      let next = scalars.lazy.map(\.value).filter { $0 >= code }.min()!
      delta += Int(next - code) * (handled + 1)
      code = next
      for scalar in scalars {
        if scalar.value < code { delta += 1 }
        guard scalar.value == code else { continue }
        length += digits(of: delta, bias: bias)
        bias = adapted(delta, count: handled + 1, isFirst: handled == basic)
        delta = 0
        handled += 1
      }
      delta += 1
      code += 1
    }
    return length
  }

  private static func digits(of number: Int, bias: Int) -> Int {
    var rest = number
    var count = 1
    var step = base
    while true {
      let threshold = min(max(step - bias, 1), 26)
      if rest < threshold { return count }
      rest = (rest - threshold) / (base - threshold)
      count += 1
      step += base
    }
  }
}
