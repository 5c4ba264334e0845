#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

/// Says when a random test has run long enough: after `rounds`, or after `FUZZ_SECONDS`.
package struct FuzzRounds: Sequence, IteratorProtocol {
  private let rounds: Int
  private let end: ContinuousClock.Instant?
  private var round = 0

  package init(_ rounds: Int) {
    self.rounds = rounds
    let seconds = getenv("FUZZ_SECONDS").flatMap { Int(String(cString: $0)) }
    end = seconds.map { .now + .seconds($0) }
  }

  package mutating func next() -> Int? {
    guard end.map({ .now < $0 }) ?? (round < rounds) else { return nil }
    round += 1
    return round
  }
}
