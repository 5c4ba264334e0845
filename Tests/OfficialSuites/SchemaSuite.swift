package import Foundation
internal import JSON
package import JSONSchema

/// The official test suite of JSON Schema, of one draft.
package struct SchemaSuite {
  package static let folderName = "json-schema-test-suite"

  private let folder: URL
  private let draft: Draft
  private let remotes: [String: JSONDocument]

  /// Nil if it is not there.
  package init?(_ draft: Draft, in suites: URL = SuitesFolder.url) {
    guard let root = SuitesFolder.folder(Self.folderName, in: suites) else { return nil }
    self.draft = draft
    folder = root.appending(path: draft == .draft7 ? "tests/draft7" : "tests/draft2020-12")
    remotes = Self.remotes(in: root.appending(path: "remotes"))
  }

  private static func remotes(in folder: URL) -> [String: JSONDocument] {
    let remotes = files(in: folder).map { path in
      let text = try? Data(contentsOf: folder.appending(path: path))
      return ("http://localhost:1234/" + path, text.flatMap { try? JSONDocument(Array($0)) })
    }
    return Dictionary(uniqueKeysWithValues: remotes).compactMapValues(\.self)
  }

  private static func files(in folder: URL) -> [String] {
    (FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? [])
      .filter { $0.hasSuffix(".json") }.sorted()
  }

  /// Such as `optional/format/date.json`.
  package var files: [String] { Self.files(in: folder) }

  package func files(of part: Part) -> [String] { files.filter { Part($0) == part } }

  /// The suite's own division.
  package enum Part: String, CaseIterable, Sendable {
    case required, optional, format

    fileprivate init(_ file: String) {
      self =
        if file.hasPrefix("optional/format/") { .format } else {
          file.hasPrefix("optional/") ? .optional : .required
        }
    }
  }

  /// - Throws: if the file can't be read or is no JSON.
  package func run(_ file: String) throws -> SuiteOutcome {
    let document = try JSONDocument(Array(Data(contentsOf: folder.appending(path: file))))
    var options = SchemaOptions()
    options.assertsFormat = Part(file) == .format
    options.defaultDraft = draft
    options.resources = remotes
    var outcome = SuiteOutcome()
    for group in document.root.elements { outcome += run(group, options) }
    return outcome
  }

  private func run(_ group: JSONValue, _ options: SchemaOptions) -> SuiteOutcome {
    var outcome = SuiteOutcome()
    let name = group["description"]?.string ?? ""
    guard let text = group["schema"]?.json, let tests = group["tests"]?.elements else {
      outcome.failures.append("\(name): no group of tests")
      return outcome
    }
    do {
      let schema = try Schema(JSONDocument(text), options: options)
      for test in tests {
        if let failure = Self.failure(of: test, schema) {
          outcome.failures.append("\(name): \(failure)")
        } else {
          outcome.passed += 1
        }
      }
    } catch {
      outcome.failures += tests.map { _ in "\(name): \(error)" }
    }
    return outcome
  }

  /// Both ways to check have to say what the test says.
  private static func failure(of test: JSONValue, _ schema: Schema) -> String? {
    let name = test["description"]?.string ?? ""
    guard let data = test["data"], let isValid = test["valid"]?.boolean else {
      return "\(name): no test"
    }
    let violations = schema.violations(of: data, atMost: 5)
    guard schema.isSatisfied(by: data) != isValid || violations.isEmpty != isValid else {
      return nil
    }
    return "\(name): \(data.json.prefix(120)) \(violations)"
  }
}
