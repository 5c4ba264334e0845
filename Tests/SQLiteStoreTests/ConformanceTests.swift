import EventCore
import SQLiteStore
import StoreConformance
import Testing

@Suite struct ConformanceTests {
  @Test(arguments: ConformanceCase.all)
  func `the embedded store conforms`(_ conformance: ConformanceCase) async throws {
    let directory = try TemporaryDirectory()
    try await conformance.run { try directory.open(limits: $0.store) }
  }
}

extension ConformanceLimits {
  fileprivate var store: StoreLimits {
    var limits = StoreLimits()
    limits.backlogPerFunctionMax = backlogPerFunctionMax
    limits.backlogPerOrganizationMax = backlogPerOrganizationMax
    limits.backlogMax = backlogMax
    return limits
  }
}
