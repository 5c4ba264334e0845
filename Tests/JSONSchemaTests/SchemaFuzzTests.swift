import JSON
import JSONSchema
import TestSupport
import Testing

@Suite struct SchemaFuzzTests {
  @Test func `a value is refused if and only if there is a violation to show`() throws {
    var random = RandomSchema(SeededRandom.announced(for: "schemas"))
    var compiled = 0
    for _ in FuzzRounds(1_500) {
      let text = random.schema()
      // What refers to nothing, or to itself without end, is refused.
      guard let schema = try? Schema(JSONDocument(text)) else { continue }
      compiled += 1
      for _ in 0..<10 {
        let value = random.value(depth: 3)
        let violations = try JSONDocument(value).read { root in
          (schema.isSatisfied(by: root), schema.violations(of: root, atMost: 5))
        }
        #expect(violations.0 == violations.1.isEmpty, "\(text) \(value)")
        #expect(violations.1.count <= 5 && violations.1.allSatisfy { !$0.problem.isEmpty })
      }
    }
    #expect(compiled > 0)
  }

  @Test func `what is not a schema of its meta-schema is refused, and nothing crashes`() throws {
    var random = RandomSchema(SeededRandom.announced(for: "broken schemas"))
    for _ in FuzzRounds(1_000) {
      let text = random.broken(random.schema())
      guard let document = try? JSONDocument(text), let schema = try? Schema(document) else {
        continue
      }
      let value = try JSONDocument(random.value(depth: 3))
      let isSatisfied = value.read { schema.isSatisfied(by: $0) }
      #expect(isSatisfied == value.read { schema.violations(of: $0, atMost: 1) }.isEmpty, "\(text)")
    }
  }

  @Test func `a schema and its negation never agree`() throws {
    var random = RandomSchema(SeededRandom.announced(for: "negated schemas"))
    for _ in FuzzRounds(400) {
      let text = random.schema()
      guard !text.contains("\"$ref\""), !text.contains("\"$dynamicRef\""),
        !text.contains("draft-07"),
        let schema = try? Schema(JSONDocument(text)),
        let negated = try? Schema(JSONDocument("{\"not\":\(text)}"))
      else { continue }
      for _ in 0..<10 {
        let text = random.value(depth: 3)
        let value = try JSONDocument(text)
        #expect(
          value.read { schema.isSatisfied(by: $0) } != value.read { negated.isSatisfied(by: $0) })
      }
    }
  }
}
