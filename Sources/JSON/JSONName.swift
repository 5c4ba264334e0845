/// A member's name that is looked for often.
@usableFromInline
package struct JSONName: Hashable, Sendable {
  package let string: String
  @usableFromInline package let bytes: [UInt8]
  @usableFromInline package let hash: UInt32

  package init(_ string: String) {
    self.string = string
    bytes = Array(string.utf8)
    hash = bytes.withUnsafeBufferPointer(Self.hash(of:))
  }

  /// Eight bytes at a time, multiplied and folded as wyhash does it. Names can be made that have the
  /// same hash: whoever collects names by it needs another bound.
  @inlinable
  package static func hash(of bytes: UnsafeBufferPointer<UInt8>) -> UInt32 {
    var state = UInt64(truncatingIfNeeded: bytes.count) ^ 0xA076_1D64_78BD_642F
    var left = bytes.count
    guard left > 0, var place = UnsafeRawPointer(bytes.baseAddress) else { return 0x78BD_642F }
    while left > 8 {
      state = mixed(state ^ place.loadUnaligned(as: UInt64.self).littleEndian)
      place += 8
      left &-= 8
    }
    return fold(mixed(state ^ lastWord(place, left)))
  }

  /// Of one to eight bytes.
  @inlinable
  static func lastWord(_ place: UnsafeRawPointer, _ count: Int) -> UInt64 {
    if count >= 4 {
      let low = place.loadUnaligned(as: UInt32.self).littleEndian
      let high = (place + count - 4).loadUnaligned(as: UInt32.self).littleEndian
      return UInt64(low) | UInt64(high) << 32
    }
    let first = place.load(as: UInt8.self)
    let middle = (place + count / 2).load(as: UInt8.self)
    let last = (place + count - 1).load(as: UInt8.self)
    return UInt64(first) | UInt64(middle) << 8 | UInt64(last) << 16
  }

  @inlinable
  static func mixed(_ word: UInt64) -> UInt64 {
    let product = word.multipliedFullWidth(by: 0xE703_7ED1_A0B4_28DB)
    return product.high ^ product.low
  }

  @inlinable
  static func fold(_ state: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: state ^ state >> 32) }

  @usableFromInline
  package static func == (one: JSONName, other: JSONName) -> Bool {
    one.hash == other.hash && one.bytes == other.bytes
  }

  // Not the 32 bits, which can be made equal: names come from users.
  @usableFromInline
  package func hash(into hasher: inout Hasher) { hasher.combine(bytes) }
}
