/// A text that is compared whatever the case of its letters: character by character (Unicode scalar)
/// by the lower case that Unicode gives each alone, whatever the language. So `Ä` is `ä`, `K` (Kelvin)
/// is `k` and `İ` is `i` with a dot above; but `ß` is not `SS`, and `ς` is not `σ`.
struct FoldedText: Sendable {
  enum Place: Sendable {
    case whole, start, end
  }

  /// In lower case, UTF-8.
  let bytes: [UInt8]

  init(_ text: UnsafeBufferPointer<UInt8>) {
    var bytes: [UInt8] = []
    for scalar in String(decoding: text, as: UTF8.self).unicodeScalars {
      bytes.append(contentsOf: scalar.properties.lowercaseMapping.utf8)
    }
    self.bytes = bytes
  }

  /// - Precondition: `text` is UTF-8.
  func isFound(in text: UnsafeBufferPointer<UInt8>, _ place: Place) -> Bool {
    switch place {
    case .whole: forwards(text) == text.count
    case .start: forwards(text) != nil
    case .end: backwards(text)
    }
  }

  /// How many bytes of `text` are this text; nil if it does not begin so.
  private func forwards(_ text: UnsafeBufferPointer<UInt8>) -> Int? {
    var place = 0
    var matched = 0
    while matched < bytes.count {
      guard place < text.count else { return nil }
      let length = Self.length(text[place])
      if length == 1 {
        guard Self.lowercase(text[place]) == bytes[matched] else { return nil }
        matched += 1
      } else {
        let lower = Self.lowercase(text, place, length)
        guard bytes[matched...].starts(with: lower) else { return nil }
        matched += lower.count
      }
      place += length
    }
    return place
  }

  private func backwards(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    var end = text.count
    var left = bytes.count
    while left > 0 {
      guard end > 0 else { return false }
      var start = end - 1
      while text[start] & 0xC0 == 0x80 { start -= 1 }
      if end - start == 1 {
        guard Self.lowercase(text[start]) == bytes[left - 1] else { return false }
        left -= 1
      } else {
        let lower = Self.lowercase(text, start, end - start)
        guard left >= lower.count, bytes[left - lower.count..<left].elementsEqual(lower)
        else { return false }
        left -= lower.count
      }
      end = start
    }
    return true
  }

  private static func lowercase(_ byte: UInt8) -> UInt8 {
    byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte
  }

  /// A few bytes, which a string keeps without allocation.
  private static func lowercase(
    _ text: UnsafeBufferPointer<UInt8>, _ start: Int, _ length: Int
  ) -> String.UTF8View {
    var code = UInt32(text[start]) & (0x7F >> UInt32(length))
    for index in start + 1..<start + length { code = code << 6 | UInt32(text[index] & 0x3F) }
    return (Unicode.Scalar(code)?.properties.lowercaseMapping ?? "").utf8
  }

  /// Of the sequence that begins with the byte: RFC 3629, section 3.
  private static func length(_ byte: UInt8) -> Int {
    switch byte {
    case ..<0x80: 1
    case ..<0xE0: 2
    case ..<0xF0: 3
    default: 4
    }
  }
}
