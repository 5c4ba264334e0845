import Foundation
import JSON
import JSONSchema

/// The official test suite: `../shared/conformance` beside the package, or the folder that
/// `EVENT_GATEWAY_CONFORMANCE` names.
struct OfficialSuite {
  let folder: URL
  /// Of one draft.
  let draft: Draft
  let resources: [String: JSONDocument]

  static let root: URL? = {
    let named = ProcessInfo.processInfo.environment["EVENT_GATEWAY_CONFORMANCE"]
    let beside = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../../shared/conformance").standardized
    let root = (named.map { URL(filePath: $0) } ?? beside).appending(path: "json-schema-test-suite")
    return FileManager.default.fileExists(atPath: root.path) ? root : nil
  }()

  private static let remotes: [String: JSONDocument] = {
    guard let root else { return [:] }
    let folder = root.appending(path: "remotes")
    var remotes: [String: JSONDocument] = [:]
    for path in files(in: folder) {
      let text = try? Data(contentsOf: folder.appending(path: path))
      remotes["http://localhost:1234/" + path] = text.flatMap { try? JSONDocument(Array($0)) }
    }
    return remotes
  }()

  private static func files(in folder: URL) -> [String] {
    (FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? [])
      .filter { $0.hasSuffix(".json") }.sorted()
  }

  init?(_ draft: Draft) {
    guard let root = Self.root else { return nil }
    self.draft = draft
    folder = root.appending(path: draft == .draft7 ? "tests/draft7" : "tests/draft2020-12")
    resources = Self.remotes
  }

  /// Such as `optional/format/date.json`.
  var files: [String] { Self.files(in: folder) }

  struct Outcome {
    var passed = 0
    var failures: [String] = []
  }

  /// - Parameter assertsFormat: what the suite asks for in `optional/format`.
  func run(_ file: String, assertsFormat: Bool) throws -> Outcome {
    let document = try JSONDocument(Array(Data(contentsOf: folder.appending(path: file))))
    var outcome = Outcome()
    for group in document.root.elements {
      let description = group["description"]?.string ?? ""
      let tests = Array(group["tests"]!.elements)
      var options = SchemaOptions()
      options.assertsFormat = assertsFormat
      options.defaultDraft = draft
      options.resources = resources
      do {
        let schema = try Schema(JSONDocument(group["schema"]!.json), options: options)
        for test in tests { run(test, of: description, schema, &outcome) }
      } catch {
        outcome.failures += tests.map { _ in "\(description): \(error)" }
      }
    }
    return outcome
  }

  private func run(
    _ test: JSONValue, of group: String, _ schema: Schema, _ outcome: inout Outcome
  ) {
    let data = test["data"]!
    let isValid = test["valid"]!.boolean!
    let violations = schema.violations(of: data, atMost: 5)
    if schema.isSatisfied(by: data) == isValid, violations.isEmpty == isValid {
      outcome.passed += 1
    } else {
      let name = test["description"]?.string ?? ""
      outcome.failures.append("\(group): \(name): \(data.json.prefix(120)) \(violations)")
    }
  }
}
