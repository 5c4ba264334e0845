package import Foundation
internal import JSONSchema

/// Runs all suites and tells of each file how many of its tests pass. What is required must be there
/// and pass; the suite's optional tests are shown only.
package struct ConformanceRun {
  /// How many required tests the suites have that this project knows. Fewer: a part is missing.
  private enum RequiredMin {
    static let draft202012 = 1_299
    static let draft7 = 927
    static let sql = 275
  }

  private let suites: URL
  private let show: (String) -> Void
  private var problems: [String] = []

  /// - Parameter show: takes a line of the report.
  package init(in suites: URL = SuitesFolder.url, show: @escaping (String) -> Void) {
    self.suites = suites
    self.show = show
  }

  /// - Returns: what keeps it from passing; nothing if every required test passes.
  package mutating func run() -> [String] {
    runSchemas("JSON Schema 2020-12", .draft202012, requiredMin: RequiredMin.draft202012)
    runSchemas("JSON Schema draft 7", .draft7, requiredMin: RequiredMin.draft7)
    runSQL()
    return problems
  }

  private mutating func runSchemas(_ name: String, _ draft: Draft, requiredMin: Int) {
    guard let suite = SchemaSuite(draft, in: suites) else {
      return miss(name, SchemaSuite.folderName)
    }
    for part in SchemaSuite.Part.allCases {
      let files = suite.files(of: part).map { file in (file, outcome(of: file, suite)) }
      report("\(name), \(part)", files, requiredMin: part == .required ? requiredMin : nil)
    }
  }

  private func outcome(of file: String, _ suite: SchemaSuite) -> SuiteOutcome {
    do {
      return try suite.run(file)
    } catch {
      var outcome = SuiteOutcome()
      outcome.failures = ["can't be read: \(error)"]
      return outcome
    }
  }

  private mutating func runSQL() {
    let name = "CloudEvents SQL"
    do {
      guard let kit = try SQLCompatibilityKit(in: suites) else {
        return miss(name, SQLCompatibilityKit.folderName)
      }
      report("\(name), required", kit.run(), requiredMin: RequiredMin.sql)
    } catch {
      problems.append("\(name): can't be read: \(error)")
    }
  }

  private mutating func miss(_ name: String, _ folder: String) {
    problems.append("\(name): there is no \(suites.appending(path: folder).path)")
  }

  /// - Parameter requiredMin: nil if its tests are optional.
  private mutating func report(
    _ title: String, _ files: [(file: String, outcome: SuiteOutcome)], requiredMin: Int?
  ) {
    show(title)
    var total = SuiteOutcome()
    for (file, outcome) in files {
      show(Self.line(file, outcome))
      total += outcome
      if requiredMin != nil {
        problems += outcome.failures.map { "\(title): \(file): \($0)" }
      }
    }
    show(Self.line("total", total) + "\n")
    if let requiredMin, total.count < requiredMin {
      problems.append("\(title): has \(total.count) tests; there are at least \(requiredMin)")
    }
  }

  private static func line(_ name: String, _ outcome: SuiteOutcome) -> String {
    let dots = String(repeating: ".", count: max(3, 56 - name.count))
    let counts = "\(outcome.passed) of \(outcome.count)"
    return "  \(name) \(dots) \(counts)" + (outcome.failures.isEmpty ? "" : "  <-")
  }
}
