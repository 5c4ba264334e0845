/// A hash that is the same in every process, for tokens, derived ids and choices; no protection
/// against somebody who looks for collisions.
package enum StableHash {
  /// FNV-1a, 64 bits.
  @inlinable
  package static func fnv1a(
    _ bytes: some Sequence<UInt8>, seed: UInt64 = 0xcbf2_9ce4_8422_2325
  ) -> UInt64 {
    var hash = seed
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return hash
  }

  /// Spreads every bit of the input over the whole output (the finalizer of MurmurHash3), which
  /// FNV-1a alone does not: for those who take a part of it as a number by chance.
  package static func mixed(_ value: UInt64) -> UInt64 {
    var mixed = value
    mixed ^= mixed >> 33
    mixed &*= 0xff51_afd7_ed55_8ccd
    mixed ^= mixed >> 33
    mixed &*= 0xc4ce_b9fe_1a85_ec53
    return mixed ^ mixed >> 33
  }
}
