import Expressions
import Foundation

/// The compatibility kit of CloudEvents SQL, read as far as it uses YAML: mappings, and scalars that
/// are plain or quoted on one line.
struct SQLCompatibilityKit {
  struct Case: CustomStringConvertible {
    var file: String
    var name = ""
    var expression = ""
    var result: AttributeValue?
    var error: String?
    /// Instead of any valid event.
    var event: [(name: String, value: AttributeValue)]?
    var overrides: [(name: String, value: AttributeValue)] = []

    var description: String { "\(file): \(name): \(expression)" }

    var view: EventView {
      let any: [(name: String, value: AttributeValue)] = [
        ("specversion", .string("1.0")), ("id", .string("an-id")), ("type", .string("a.type")),
        ("source", .string("/a/source")),
      ]
      let base = (event ?? any).filter { one in !overrides.contains { $0.name == one.name } }
      return EventView(attributes: base + overrides)
    }
  }

  var cases: [Case] = []

  /// Nil if the kit is neither beside the project nor where `EVENT_GATEWAY_CONFORMANCE` says.
  static let directory: URL? = {
    let package = URL(filePath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let given = ProcessInfo.processInfo.environment["EVENT_GATEWAY_CONFORMANCE"]
    let suites =
      given.map { URL(filePath: $0) }
      ?? package.deletingLastPathComponent().appending(path: "shared/conformance")
    let kit = suites.appending(path: "cesql-tck")
    return FileManager.default.fileExists(atPath: kit.path) ? kit : nil
  }()

  init(_ directory: URL) throws {
    let files = try FileManager.default.contentsOfDirectory(
      at: directory, includingPropertiesForKeys: nil)
    for file in files where file.pathExtension == "yaml" {
      read(try String(contentsOf: file, encoding: .utf8), named: file.lastPathComponent)
    }
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
