import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

/// Random histories, each from a seed. `SIMULATION_SEED=n` replays one and prints it;
/// `SIMULATION_HISTORIES=n` runs so many, from a seed by chance.
@Suite struct SimulationTests {
  @Test func `no history breaks a promise`() {
    if let seed = setting("SIMULATION_SEED") {
      let history = Simulation.history(seed: seed)
      print(history)
      #expect(HistoryCheck.violations(in: history) == [])
      return
    }
    let count = setting("SIMULATION_HISTORIES") ?? Self.historiesByDefault
    let first = UInt64.random(in: 0...(.max / 2))
    print("simulation: \(count) histories from seed \(first)")
    for seed in first..<(first + count) {
      let history = Simulation.history(seed: seed)
      let violations = HistoryCheck.violations(in: history)
      guard violations.isEmpty else {
        print(history)
        Issue.record("SIMULATION_SEED=\(seed): \(violations.joined(separator: "; "))")
        return
      }
    }
  }

  @Test func `a seed gives the same history again`() {
    for seed in 0..<20 as Range<UInt64> {
      let first = Simulation.history(seed: seed).description
      #expect(Simulation.history(seed: seed).description == first)
      #expect(Simulation.history(seed: seed + 1).description != first)
    }
  }

  /// About two seconds of a debug build.
  private static let historiesByDefault: UInt64 = 300

  private func setting(_ name: String) -> UInt64? {
    getenv(name).flatMap { UInt64(String(cString: $0)) }
  }
}
