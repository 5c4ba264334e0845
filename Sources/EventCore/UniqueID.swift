/// A UUID of version 7 (RFC 9562, section 5.7): sorts by creation time, to about 250 ns.
package struct UniqueID: Hashable, Sendable {
  package let high: UInt64
  package let low: UInt64

  package init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// A new id for something that came into being at `time`.
  ///
  /// The 12 bits after the version hold the fraction of the millisecond (RFC 9562, section 6.2,
  /// method 3), so that ids made within one millisecond still sort.
  package init(at time: Timestamp) {
    let nanoseconds = UInt64(max(0, time.nanoseconds))
    let milliseconds = nanoseconds / 1_000_000
    let fraction = (nanoseconds % 1_000_000) * 4_096 / 1_000_000
    high = milliseconds << 16 | 0x7000 | fraction
    low = UInt64.random(in: 0...(.max)) & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
  }
}

extension UniqueID {
  /// By its random half, which tells any two apart that were made by `init(at:)`.
  package func hash(into hasher: inout Hasher) { hasher.combine(low) }
}

extension UniqueID: Comparable {
  package static func < (left: UniqueID, right: UniqueID) -> Bool {
    (left.high, left.low) < (right.high, right.low)
  }
}

extension UniqueID: LosslessStringConvertible {
  /// The canonical 36 lower-case characters.
  package var description: String {
    String(unsafeUninitializedCapacity: Self.textBytes, initializingUTF8With: write)
  }

  static let textBytes = 36

  /// Writes the text to the start of a buffer that has room for it.
  ///
  /// - Returns: `textBytes`.
  func write(to text: UnsafeMutableBufferPointer<UInt8>) -> Int {
    var end = 0
    for index in 0..<16 {
      if index == 4 || index == 6 || index == 8 || index == 10 {
        text[end] = UInt8(ascii: "-")
        end += 1
      }
      let half = index < 8 ? high : low
      let byte = UInt8(truncatingIfNeeded: half >> (56 - 8 * UInt64(index % 8)))
      text[end] = Self.digit(byte >> 4)
      text[end + 1] = Self.digit(byte & 15)
      end += 2
    }
    return end
  }

  private static func digit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") - 10 + value
  }

  /// Takes the canonical form only; nil for anything else.
  package init?(_ text: String) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.map(\.utf8.count) == [8, 4, 4, 4, 12], text.utf8.allSatisfy(Self.isCanonical),
      let high = UInt64(parts[0] + parts[1] + parts[2], radix: 16),
      let low = UInt64(parts[3] + parts[4], radix: 16)
    else { return nil }
    self.init(high: high, low: low)
  }

  /// `UInt64(_:radix:)` takes signs and capitals too.
  private static func isCanonical(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"): true
    case UInt8(ascii: "-"): true
    default: false
    }
  }
}

extension UniqueID: Codable {
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let id = UniqueID(try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a UUID")
    }
    self = id
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
