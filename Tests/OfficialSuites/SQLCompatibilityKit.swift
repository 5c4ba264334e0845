internal import Expressions
package import Foundation

/// The compatibility kit of CloudEvents SQL, read as far as it uses YAML: mappings, and scalars that
/// are plain or quoted on one line.
package struct SQLCompatibilityKit {
  package static let folderName = "cesql-tck"

  fileprivate struct Case {
    var file: String
    var name = ""
    var expression = ""
    var result: AttributeValue?
    var error: String?
    /// Instead of any valid event.
    var event: [(name: String, value: AttributeValue)]?
    var overrides: [(name: String, value: AttributeValue)] = []
  }

  private var cases: [Case] = []

  /// Nil if it is not there.
  package init?(in suites: URL = SuitesFolder.url) throws {
    guard let folder = SuitesFolder.folder(Self.folderName, in: suites) else { return nil }
    let files = try FileManager.default.contentsOfDirectory(
      at: folder, includingPropertiesForKeys: nil)
    for file in files.sorted(by: { $0.path < $1.path }) where file.pathExtension == "yaml" {
      read(try String(contentsOf: file, encoding: .utf8), named: file.lastPathComponent)
    }
  }

  /// In the order of the files' names.
  package func run() -> [(file: String, outcome: SuiteOutcome)] {
    var outcomes: [(file: String, outcome: SuiteOutcome)] = []
    for test in cases {
      if outcomes.last?.file != test.file { outcomes.append((test.file, SuiteOutcome())) }
      if let failure = test.failure {
        outcomes[outcomes.count - 1].outcome.failures.append(
          "\(test.name): \(test.expression): \(failure)")
      } else {
        outcomes[outcomes.count - 1].outcome.passed += 1
      }
    }
    return outcomes
  }

  private mutating func read(_ text: String, named file: String) {
    var isInTests = false
    var isInOverrides = false
    for line in text.split(separator: "\n") {
      let indent = line.prefix { $0 == " " }.count
      guard let colon = line.range(of: #"^ *(- )?[A-Za-z]+:"#, options: .regularExpression)
      else { continue }
      let isItem = line.dropFirst(indent).hasPrefix("- ")
      let key = line[..<colon.upperBound].dropLast().dropFirst(indent + (isItem ? 2 : 0))
      let value = line[colon.upperBound...].trimmingCharacters(in: .whitespaces)
      if key == "tests" { isInTests = true }
      guard isInTests, key != "tests" else { continue }
      if isItem { cases.append(Case(file: file)) }
      switch (key, indent) {
      case ("name", 2): cases[cases.count - 1].name = value
      case ("expression", 4): cases[cases.count - 1].expression = Self.scalar(value).text
      case ("result", 4): cases[cases.count - 1].result = Self.scalar(value)
      case ("error", 4): cases[cases.count - 1].error = value
      case ("event", 4):
        isInOverrides = false
        cases[cases.count - 1].event = []
      case ("eventOverrides", 4): isInOverrides = true
      default:
        let attribute = (name: String(key), value: Self.scalar(value))
        if isInOverrides {
          cases[cases.count - 1].overrides.append(attribute)
        } else {
          cases[cases.count - 1].event?.append(attribute)
        }
      }
    }
  }

  private static func scalar(_ text: String) -> AttributeValue {
    if text.hasPrefix("\"") {
      let inner = text.dropFirst().dropLast()
      var result = ""
      var isEscaped = false
      for character in inner {
        if !isEscaped, character == "\\" {
          isEscaped = true
          continue
        }
        isEscaped = false
        result.append(character)
      }
      return .string(result)
    }
    if text.hasPrefix("'") {
      return .string(String(text.dropFirst().dropLast()).replacing("''", with: "'"))
    }
    if let number = Int32(text) { return .integer(number) }
    if let flag = Bool(text.lowercased()) { return .boolean(flag) }
    return .string(text)
  }
}

extension SQLCompatibilityKit.Case {
  /// Nil if it passes.
  fileprivate var failure: String? {
    do {
      let (value, error) = try SQLExpression(expression).value(for: view)
      guard error?.kind.rawValue == self.error else {
        return "the error is \(error?.kind.rawValue ?? "none")"
      }
      if let result { return value == result ? nil : "is \(value)" }
      return error == nil ? "nothing is expected of it" : nil
    } catch {
      return self.error == "parse" ? nil : "\(error)"
    }
  }

  private var view: EventView {
    let any: [(name: String, value: AttributeValue)] = [
      ("specversion", .string("1.0")), ("id", .string("an-id")), ("type", .string("a.type")),
      ("source", .string("/a/source")),
    ]
    let base = (event ?? any).filter { one in !overrides.contains { $0.name == one.name } }
    return EventView(attributes: base + overrides)
  }
}
