import JSONSchema
import Testing

@Suite struct OfficialSuiteTests {
  static func files(_ draft: Draft, _ isIncluded: (String) -> Bool) -> [String] {
    guard let suite = OfficialSuite(draft) else {
      print(
        """
        ==== THE OFFICIAL JSON SCHEMA SUITE IS NOT THERE, AND WAS NOT RUN ====
        It is looked for in ../shared/conformance and in $EVENT_GATEWAY_CONFORMANCE.
        """)
      return []
    }
    return suite.files.filter(isIncluded)
  }

  private func expectAll(_ file: String, _ draft: Draft) throws {
    let suite = try #require(OfficialSuite(draft))
    let outcome = try suite.run(file, assertsFormat: file.hasPrefix("optional/format/"))
    #expect(outcome.failures == [], "\(outcome.failures.count) of \(file)")
  }

  @Test(arguments: files(.draft202012) { !$0.hasPrefix("optional/") })
  func `every required test of 2020-12 passes`(file: String) throws {
    try expectAll(file, .draft202012)
  }

  @Test(arguments: files(.draft7) { !$0.hasPrefix("optional/") })
  func `every required test of draft 7 passes`(file: String) throws {
    try expectAll(file, .draft7)
  }

  /// Of content, nothing is checked, as the specification recommends; of other drafts than these two
  /// nothing is known.
  private static let known: Set<String> = ["optional/content.json", "optional/cross-draft.json"]

  @Test(arguments: files(.draft202012) { $0.hasPrefix("optional/") && !known.contains($0) })
  func `the optional tests of 2020-12 pass but for those that are known`(file: String) throws {
    try expectAll(file, .draft202012)
  }

  @Test(arguments: files(.draft7) { $0.hasPrefix("optional/") && !known.contains($0) })
  func `the optional tests of draft 7 pass but for those that are known`(file: String) throws {
    try expectAll(file, .draft7)
  }
}
