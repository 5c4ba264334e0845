import JSONSchema
import OfficialSuites
import Testing

@Suite struct OfficialSuiteTests {
  private static func files(_ draft: Draft, _ parts: SchemaSuite.Part...) -> [String] {
    guard let suite = SchemaSuite(draft) else {
      print("==== \(SuitesFolder.notRun) ====")
      return []
    }
    return parts.flatMap(suite.files(of:)).filter { !known.contains($0) }
  }

  private func expectAll(_ file: String, _ draft: Draft) throws {
    let outcome = try #require(SchemaSuite(draft)).run(file)
    #expect(outcome.failures == [], "\(outcome.failures.count) of \(file)")
  }

  @Test(arguments: files(.draft202012, .required))
  func `every required test of 2020-12 passes`(file: String) throws {
    try expectAll(file, .draft202012)
  }

  @Test(arguments: files(.draft7, .required))
  func `every required test of draft 7 passes`(file: String) throws {
    try expectAll(file, .draft7)
  }

  /// Of content, nothing is checked, as the specification recommends; of other drafts than these two
  /// nothing is known.
  private static let known: Set<String> = ["optional/content.json", "optional/cross-draft.json"]

  @Test(arguments: files(.draft202012, .optional, .format))
  func `the optional tests of 2020-12 pass but for those that are known`(file: String) throws {
    try expectAll(file, .draft202012)
  }

  @Test(arguments: files(.draft7, .optional, .format))
  func `the optional tests of draft 7 pass but for those that are known`(file: String) throws {
    try expectAll(file, .draft7)
  }
}
