/// The pattern of LIKE (section 3.4.3): `%` stands for any characters, `_` for one, and a backslash
/// before either for itself. Characters are Unicode scalars.
struct LikePattern: Hashable, Sendable {
  /// UTF-8, in which two bytes that are never part of it stand for the wildcards.
  private let bytes: [UInt8]

  private static let any: UInt8 = 0xFF
  private static let one: UInt8 = 0xFE

  /// - Parameter text: with its escapes.
  init(_ text: String) {
    var bytes: [UInt8] = []
    var isEscaped = false
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "%") where isEscaped, UInt8(ascii: "_") where isEscaped:
        bytes[bytes.count - 1] = byte
        isEscaped = false
        continue
      case UInt8(ascii: "%"): if bytes.last != Self.any { bytes.append(Self.any) }
      case UInt8(ascii: "_"): bytes.append(Self.one)
      default: bytes.append(byte)
      }
      isEscaped = byte == UInt8(ascii: "\\")
    }
    self.bytes = bytes
  }

  /// What every text that matches begins with.
  var prefix: String {
    String(decoding: bytes.prefix { $0 < Self.one }, as: UTF8.self)
  }

  /// Whether the prefix is all there is.
  var isExact: Bool { bytes.allSatisfy { $0 < Self.one } }

  /// By comparing from left to right; after a difference the last `%` takes one byte more. No `%`
  /// before it has to change then, so at most as many steps as the text is long times the longest
  /// piece between two `%`.
  func matches(_ text: String) -> Bool { text.withBytes(matches) }

  private func matches(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    var position = 0
    var place = 0
    /// After the last `%`, and where the text after what it stands for began.
    var retry: (place: Int, position: Int)?
    while position < text.count {
      if place < bytes.count {
        if bytes[place] == Self.any {
          place += 1
          retry = (place, position)
          continue
        }
        if let next = step(over: bytes[place], in: text, at: position) {
          place += 1
          position = next
          continue
        }
      }
      guard let last = retry else { return false }
      retry = (last.place, last.position + 1)
      (place, position) = (last.place, last.position + 1)
    }
    return place == bytes.count || place == bytes.count - 1 && bytes[place] == Self.any
  }

  /// - Returns: where the text goes on; nil if it differs. A `_` never takes part of a character: if
  ///   a `%` took its first byte, it differs.
  private func step(
    over byte: UInt8, in text: UnsafeBufferPointer<UInt8>, at position: Int
  ) -> Int? {
    guard byte == Self.one else { return text[position] == byte ? position + 1 : nil }
    guard !Self.isContinuation(text[position]) else { return nil }
    var next = position + 1
    while next < text.count, Self.isContinuation(text[next]) { next += 1 }
    return next
  }

  private static func isContinuation(_ byte: UInt8) -> Bool { byte & 0xC0 == 0x80 }
}
