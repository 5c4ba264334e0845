import EventCore
import Logging
import SQLiteStore
import StoreConformance
import Testing

@Suite struct ConformanceTests {
  @Test(arguments: ConformanceCase.all)
  func `the embedded store conforms`(_ conformance: ConformanceCase) async throws {
    let directory = try TemporaryDirectory()
    try await conformance.run {
      try SQLiteStore.open(directory: directory.path, logger: .silent)
    }
  }
}

extension Logger {
  static let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
}
