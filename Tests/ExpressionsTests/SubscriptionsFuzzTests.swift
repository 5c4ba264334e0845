import Expressions
import TestSupport
import Testing

@Suite struct SubscriptionsFuzzTests {
  @Test func `a match implies an anchor, and everywhere the same is said`() {
    var random = RandomSQL(SeededRandom.announced(for: "dialects"))
    var matches = 0
    for _ in FuzzRounds(2_000) {
      let text = random.filter(depth: 3)
      let event = random.event()
      // SQL that no event could make right is refused.
      guard let filter = try? Filter(json: text) else { continue }
      let result = filter.evaluate(event)
      let message: Comment = "\(text) of \(event.attributes)"
      let explanation = filter.explain(event)
      #expect(explanation.result == result, message)
      #expect(explanation.clause.isEmpty == (result == .match), message)
      if result == .match, let anchors = filter.anchors {
        matches += 1
        #expect(anchors.contains { $0.holds(for: event) }, message)
      }
    }
    #expect(matches > 0)
  }

  @Test func `no text makes it crash`() {
    var random = RandomSQL(SeededRandom.announced(for: "broken dialects"))
    let event = random.event()
    for _ in FuzzRounds(2_000) {
      var bytes = Array(random.filter(depth: 3).utf8)
      for _ in 0..<Int.random(in: 1...3, using: &random.random) {
        let index = Int.random(in: bytes.indices, using: &random.random)
        bytes[index] = UInt8.random(in: 32...126, using: &random.random)
      }
      let text = String(decoding: bytes, as: UTF8.self)
      do {
        let filter = try Filter(json: text)
        _ = filter.evaluate(event)
        _ = filter.explain(event)
        _ = filter.anchors
      } catch {
        #expect(error.line == 1 && (1...(text.unicodeScalars.count + 1)).contains(error.column))
      }
    }
  }
}

extension RandomSQL {
  mutating func filter(depth: Int) -> String {
    switch Int.random(in: 0..<(depth > 0 ? 8 : 5), using: &random) {
    case 0, 1: "{\"exact\": {\(attributes())}}"
    case 2: "{\"prefix\": {\(attributes())}}"
    case 3: "{\"suffix\": {\(attributes())}}"
    case 4:
      "{\"sql\": \"\(condition(depth: 2).replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\"}"
    case 5: "{\"not\": \(filter(depth: depth - 1))}"
    case 6: "{\"all\": [\(filter(depth: depth - 1)), \(filter(depth: depth - 1))]}"
    default: "{\"any\": [\(filter(depth: depth - 1)), \(filter(depth: depth - 1))]}"
    }
  }

  private mutating func attributes() -> String {
    let texts = ["a", "ab", "1", "-3", "5", "true", "fal", "t", "é", "e", "b", "7"]
    let one = "\"\(pick(["id", "type"]))\": \"\(pick(texts))\""
    return pick([one, one + ", \"a\": \"\(pick(texts))\""])
  }
}
