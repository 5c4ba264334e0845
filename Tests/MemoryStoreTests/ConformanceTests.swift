import EventCore
import MemoryStore
import StoreConformance
import Synchronization
import Testing

@Suite struct ConformanceTests {
  @Test(arguments: ConformanceCase.all)
  func `the store in memory conforms`(_ conformance: ConformanceCase) async throws {
    let last = Mutex<MemoryStore?>(nil)
    try await conformance.run { limits in
      last.withLock { last in
        let next = last.map { MemoryStore(reopening: $0) } ?? MemoryStore(limits: limits.model)
        last = next
        return next
      }
    }
  }
}

extension ConformanceLimits {
  fileprivate var model: ModelLimits {
    var limits = ModelLimits()
    limits.backlogPerFunctionMax = backlogPerFunctionMax
    limits.backlogPerOrganizationMax = backlogPerOrganizationMax
    limits.backlogMax = backlogMax
    return limits
  }
}
