package import Foundation

/// Where the official test suites are, which are no part of this repository.
package enum SuitesFolder {
  private static let variable = "EVENT_GATEWAY_CONFORMANCE"

  /// The folder that `EVENT_GATEWAY_CONFORMANCE` names, or `../shared/conformance` beside the
  /// repository. It need not exist.
  package static let url: URL = {
    if let named = ProcessInfo.processInfo.environment[variable] { return URL(filePath: named) }
    return URL(filePath: #filePath)
      .appending(path: "../../../../shared/conformance").standardized
  }()

  /// Nil if it is not there.
  package static func folder(_ name: String, in suites: URL = url) -> URL? {
    let folder = suites.appending(path: name)
    return FileManager.default.fileExists(atPath: folder.path) ? folder : nil
  }

  package static let whereLooked = """
    The official suites are looked for in \(url.path): the folder that $\(variable) names, or \
    ../shared/conformance beside the repository.
    """
  package static let notRun = "NOT RUN, FOR THERE IS NO OFFICIAL SUITE. \(whereLooked)"
}

/// What came of the tests of a file.
package struct SuiteOutcome: Sendable {
  package var passed = 0
  /// A line for each.
  package var failures: [String] = []

  package init() {}

  package var count: Int { passed + failures.count }

  package static func += (sum: inout SuiteOutcome, one: SuiteOutcome) {
    sum.passed += one.passed
    sum.failures += one.failures
  }
}
