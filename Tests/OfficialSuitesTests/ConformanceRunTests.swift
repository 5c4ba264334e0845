import Foundation
import OfficialSuites
import Testing

/// A run that can't fail would prove nothing.
@Suite struct ConformanceRunTests {
  private static var isThere: Bool {
    SuitesFolder.folder(SchemaSuite.folderName) != nil
      && SuitesFolder.folder(SQLCompatibilityKit.folderName) != nil
  }

  /// What a run says of a copy of the suites that `change` has been at.
  private func problems(_ change: (URL) throws -> Void) throws -> [String] {
    let copy = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: copy) }
    try FileManager.default.copyItem(at: SuitesFolder.url, to: copy)
    try change(copy)
    var run = ConformanceRun(in: copy) { _ in }
    return run.run()
  }

  private func replace(_ old: String, _ new: String, in file: URL) throws {
    let text = try String(contentsOf: file, encoding: .utf8)
    let start = try #require(text.range(of: old))
    try text.replacingCharacters(in: start, with: new)
      .write(to: file, atomically: true, encoding: .utf8)
  }

  @Test func `suites that are not there are problems, a line for each`() {
    var run = ConformanceRun(in: URL(filePath: "/nowhere")) { _ in }
    let problems = run.run()
    #expect(problems.count == 3)
    #expect(problems.allSatisfy { $0.contains("there is no /nowhere/") })
  }

  @Test(.enabled(if: isThere, "\(SuitesFolder.notRun)"))
  func `one required test that fails is one problem`() throws {
    let problems = try problems { copy in
      let file = copy.appending(path: "json-schema-test-suite/tests/draft7/maximum.json")
      try replace(#""valid": true"#, #""valid": false"#, in: file)
    }
    #expect(problems.count == 1)
    #expect(problems.first?.contains("draft 7, required: maximum.json: ") == true)
  }

  @Test(.enabled(if: isThere, "\(SuitesFolder.notRun)"))
  func `a wrong, a broken and a missing file are problems, an optional test is none`() throws {
    let problems = try problems { copy in
      let drafts = copy.appending(path: "json-schema-test-suite/tests")
      try replace(
        #""valid": true"#, #""valid": false"#,
        in: drafts.appending(path: "draft7/optional/format/date.json"))
      try FileManager.default.removeItem(at: drafts.appending(path: "draft7/minimum.json"))
      try Data("[".utf8).write(to: drafts.appending(path: "draft2020-12/type.json"))
      try replace(
        "result: ", "result: no ", in: copy.appending(path: "cesql-tck/literals.yaml"))
    }
    let expected = [
      "2020-12, required: type.json: can't be read", "2020-12, required: has ",
      "draft 7, required: has ", "SQL, required: literals.yaml: ",
    ]
    #expect(problems.count == expected.count)
    for (problem, part) in zip(problems, expected) { #expect(problem.contains(part)) }
  }
}
