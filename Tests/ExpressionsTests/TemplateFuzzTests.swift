import Expressions
import JSON
import TestSupport
import Testing

@Suite struct TemplateFuzzTests {
  @Test func `a result is JSON, and what its pointers say`() throws {
    var random = RandomEvents(SeededRandom.announced(for: "templates"))
    for _ in FuzzRounds(1_500) {
      let text = random.template(depth: 3)
      let event = try random.event()
      let template = try Template(text)
      let whole = try JSONDocument(
        try #require(try Template("\"${}\"").render(event, bytesMax: 1 << 20)))
      let bytes = try #require(template.render(event, bytesMax: 1 << 20))
      let result = try JSONDocument(bytes, limits: JSONLimits(bytesMax: 1 << 20, depthMax: 300))
      let parsed = try JSONDocument(text)
      let expected = try JSONDocument(Self.render(parsed.root, whole.root))
      defer { withExtendedLifetime((whole, result, parsed, expected)) {} }
      #expect(result.root.json == expected.root.json, "\(text) of \(whole.root.json)")
      #expect(template.render(event, bytesMax: bytes.count - 1) == nil)
      if !template.readsData {
        var other = event
        other.data = .none
        #expect(template.render(other, bytesMax: 1 << 20) == bytes, "\(text)")
      }
    }
  }

  @Test func `no text makes a template crash`() throws {
    var random = RandomEvents(SeededRandom.announced(for: "broken templates"))
    let event = try random.event()
    for _ in FuzzRounds(3_000) {
      let text = random.broken(random.template(depth: 3))
      guard let bytes = (try? Template(text))?.render(event, bytesMax: 1 << 16) else { continue }
      #expect((try? JSONDocument(bytes)) != nil, "\(text)")
    }
  }

  /// The plain way: from documents, by way of strings.
  private static func render(_ template: JSONValue, _ event: JSONValue) -> String {
    switch template.kind {
    case .array:
      return "[" + template.elements.map { render($0, event) }.joined(separator: ",") + "]"
    case .object:
      let members = template.members.map {
        quoted($0.name.string.replacing("$${", with: "${")) + ":" + render($0.value, event)
      }
      return "{" + members.joined(separator: ",") + "}"
    case .string: return render(template.string!, event)
    default: return template.json
    }
  }

  private static func render(_ text: String, _ event: JSONValue) -> String {
    if text.hasPrefix("${"), text.firstIndex(of: "}") == text.indices.last {
      return event.value(at: JSONPointer(text.dropFirst(2).dropLast())!)?.json ?? "null"
    }
    var result = ""
    var rest = text[...]
    while let place = rest.firstRange(of: "${") {
      if rest[..<place.lowerBound].hasSuffix("$") {
        result += rest[..<place.lowerBound].dropLast() + "${"
        rest = rest[place.upperBound...]
        continue
      }
      let end = rest[place.upperBound...].firstIndex(of: "}")!
      let value = event.value(at: JSONPointer(rest[place.upperBound..<end])!)
      result += rest[..<place.lowerBound] + (value?.string ?? value?.json ?? "")
      rest = rest[rest.index(after: end)...]
    }
    return quoted(result + rest)
  }

  private static func quoted(_ text: String) -> String {
    var bytes: [UInt8] = []
    JSONText.append(text.utf8, to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }
}

extension RandomEvents {
  fileprivate mutating func template(depth: Int) -> String {
    guard depth > 0, chance(70) else { return chance(80) ? string() : scalar() }
    let count = Int.random(in: 0...3, using: &random)
    if chance(50) {
      return "[" + (0..<count).map { _ in template(depth: depth - 1) }.joined(separator: ",") + "]"
    }
    let members = ["a", "$${b", "\\\"é"].prefix(count).map { name in
      "\"\(name)\":" + template(depth: depth - 1)
    }
    return "{" + members.joined(separator: ",") + "}"
  }

  private mutating func string() -> String {
    if chance(40) { return "\"\(placeholder())\"" }
    let parts = (0..<Int.random(in: 0...4, using: &random)).map { _ in
      chance(50) ? placeholder() : one(of: ["x", "é", "$${", "\\n", "\\\"", "}", "\\u0041", "{"])
    }
    return "\"" + parts.joined() + "\""
  }

  private mutating func placeholder() -> String {
    let first = ["a", "b", "metadata", "data", "data", "data", "data_base64", "d"]
    var pointer = chance(95) ? "/" + one(of: first) : ""
    let names = ["a", "b", "c", "0", "1", "00"]
    while !pointer.isEmpty, chance(60) { pointer += "/" + one(of: names) }
    return "${\(pointer)}"
  }
}
