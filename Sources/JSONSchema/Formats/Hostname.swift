/// Host names: RFC 1123, section 2.1, and RFC 5890, section 2.3.2.3.
enum Hostname {
  /// Without the root's dot.
  private static let bytesMax = 253
  private static let labelBytesMax = 63

  /// Letters, digits and hyphens; what begins with "xn--" must be an encoded label that is valid.
  static func isValid(_ text: FormatBytes) -> Bool {
    guard text.count <= bytesMax else { return false }
    return text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
      .allSatisfy(isLabel)
  }

  private static func isLabel(_ label: FormatBytes) -> Bool {
    guard (1...labelBytesMax).contains(label.count), label.first != UInt8(ascii: "-"),
      label.last != UInt8(ascii: "-"), label.allSatisfy(isLetterDigitHyphen)
    else { return false }
    let third = label.dropFirst(2).prefix(2)
    guard third.elementsEqual("--".utf8) else { return true }
    // Nothing else may have two hyphens there: RFC 5891, section 4.2.3.1.
    guard label.prefix(2).map({ $0 | 0x20 }) == Array("xn".utf8),
      let decoded = Punycode.decoded(label.dropFirst(4))
    else { return false }
    return decoded.contains { !$0.isASCII } && InternationalLabel.isValid(decoded)
  }

  private static func isLetterDigitHyphen(_ byte: UInt8) -> Bool {
    (0x61...0x7A).contains(byte | 0x20) || (0x30...0x39).contains(byte) || byte == 0x2D
  }

  /// The same with labels of other letters, and with the full stops of East Asia.
  static func isValidInternational(_ text: FormatBytes) -> Bool {
    guard text.count <= 4 * bytesMax else { return false }
    let dots = ".\u{3002}\u{FF0E}\u{FF61}".unicodeScalars
    let labels = String(decoding: text, as: UTF8.self).unicodeScalars
      .split(omittingEmptySubsequences: false) { dots.contains($0) }
    // Where one label is written from right to left, none may begin with a digit.
    let isBidirectional = labels.contains { $0.contains(where: InternationalLabel.isRightToLeft) }
    if isBidirectional, labels.contains(where: { $0.first?.properties.numericType == .decimal }) {
      return false
    }
    var length = labels.count - 1
    for label in labels {
      let scalars = Array(label)
      if scalars.allSatisfy(\.isASCII) {
        let bytes = scalars.map { UInt8($0.value) }
        guard bytes.withUnsafeBufferPointer({ isLabel($0[...]) }) else { return false }
        length += bytes.count
      } else {
        guard let encoded = Punycode.encodedLength(scalars), encoded + 4 <= labelBytesMax,
          InternationalLabel.isValid(scalars)
        else { return false }
        length += encoded + 4
      }
    }
    return length <= bytesMax
  }
}
