#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

/// SplitMix64: the same seed gives the same numbers.
package struct SeededRandom: RandomNumberGenerator {
  private var state: UInt64

  package init(seed: UInt64) {
    state = seed
  }

  /// From `FUZZ_SEED`, or from chance; either way the seed is printed.
  package static func announced(for what: String) -> SeededRandom {
    let given = getenv("FUZZ_SEED").flatMap { UInt64(String(cString: $0)) }
    let seed = given ?? UInt64.random(in: 0...(.max))
    print("\(what): FUZZ_SEED=\(seed)")
    return SeededRandom(seed: seed)
  }

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
