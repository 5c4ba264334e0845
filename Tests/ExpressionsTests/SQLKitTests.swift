import OfficialSuites
import Testing

@Suite struct SQLKitTests {
  @Test(.enabled(if: try SQLCompatibilityKit() != nil, "\(SuitesFolder.notRun)"))
  func `every test of the compatibility kit passes`() throws {
    let outcomes = try #require(try SQLCompatibilityKit()).run()
    #expect(outcomes.flatMap(\.outcome.failures) == [])
    #expect(outcomes.reduce(0) { $0 + $1.outcome.count } == 275)
  }
}
