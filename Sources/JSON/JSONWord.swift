/// Eight bytes of a text, looked at together.
@usableFromInline
struct JSONWord {
  /// The first byte is the lowest.
  @usableFromInline let bits: UInt64

  private static let ones: UInt64 = 0x0101_0101_0101_0101

  @inline(__always)
  init(_ place: UnsafePointer<UInt8>) {
    bits = UnsafeRawPointer(place).loadUnaligned(as: UInt64.self).littleEndian
  }

  /// How many bytes come before the first that is a quote, a backslash, a control character or not
  /// ASCII; 8 if there is none.
  ///
  /// A byte minus 1 (or 0x20) has its high bit set if it was 0 (or below 0x20). The borrow may
  /// mark bytes above the first, never below it.
  @inline(__always)
  var plainCount: Int {
    let quotes = (bits ^ Self.ones &* 0x22) &- Self.ones
    let backslashes = (bits ^ Self.ones &* 0x5C) &- Self.ones
    let controls = bits &- Self.ones &* 0x20
    let stops = (quotes | backslashes | controls | bits) & (Self.ones &* 0x80)
    return stops.trailingZeroBitCount >> 3
  }
}
