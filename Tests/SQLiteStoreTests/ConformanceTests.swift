import EventCore
import SQLiteStore
import StoreConformance
import Testing

@Suite struct ConformanceTests {
  @Test(arguments: ConformanceCase.all)
  func `the embedded store conforms`(_ conformance: ConformanceCase) async throws {
    let directory = try TemporaryDirectory()
    try await conformance.run { try directory.open() }
  }
}
