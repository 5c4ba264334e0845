import Expressions
import TestSupport
import Testing

@Suite struct SQLLikeTests {
  private static func isMatch(_ text: String, _ pattern: String) throws -> Bool {
    let event = EventView(attributes: [("a", .string(text))])
    let (value, error) = try SQLExpression("a LIKE \"\(pattern)\"").value(for: event)
    #expect(error == nil)
    return value == .boolean(true)
  }

  @Test(arguments: [
    ("", "", true), ("", "%", true), ("", "_", false), ("a", "", false), ("abc", "%%%", true),
    ("abc", "___", true), ("abc", "__", false), ("abc", "%_%_%_%", true),
    ("abc", "%_%_%_%_%", false), ("mississippi", "m%iss%ippi", true),
    ("mississippi", "%issi_pi", true), ("mississippi", "m%issx%", false), ("aab", "%ab", true),
    ("a%", #"a\%"#, true), ("ab", #"a\%"#, false), ("a_", #"%\_"#, true),
    (#"a\b"#, #"a\b"#, true), (#"\%"#, #"\\%"#, true), (#"\x"#, #"\\%"#, false),
    (#"a\"#, #"a\\"#, false), (#"a\\"#, #"a\\"#, true), ("é", "_", true), ("é", "__", false),
    ("é", "%_", true), ("é", "%__", false), ("👍👎", "_👎", true), ("e\u{301}", "e_", true),
    ("aé", "%é", true), ("Abc", "abc", false),
  ])
  func `wildcards stand for characters`(text: String, pattern: String, expected: Bool) throws {
    #expect(try Self.isMatch(text, pattern) == expected, "\(text) LIKE \(pattern)")
  }

  @Test func `it matches as by trying everything`() throws {
    var random = SeededRandom.announced(for: "LIKE")
    let characters: [Unicode.Scalar] = ["a", "b", "é", "👍"]
    for _ in FuzzRounds(3_000) {
      let text = (0..<Int.random(in: 0...8, using: &random)).map { _ in
        characters.randomElement(using: &random)!
      }
      let pattern = (0..<Int.random(in: 0...6, using: &random)).map { _ in
        (characters + ["%", "%", "_", "_"]).randomElement(using: &random)!
      }
      let words = (
        String(String.UnicodeScalarView(text)), String(String.UnicodeScalarView(pattern))
      )
      #expect(try Self.isMatch(words.0, words.1) == matches(pattern[...], text[...]), "\(words)")
    }
  }

  private func matches(
    _ pattern: ArraySlice<Unicode.Scalar>, _ text: ArraySlice<Unicode.Scalar>
  ) -> Bool {
    guard let first = pattern.first else { return text.isEmpty }
    if first == "%" {
      return matches(pattern.dropFirst(), text)
        || (!text.isEmpty && matches(pattern, text.dropFirst()))
    }
    return (first == "_" ? !text.isEmpty : text.first == first)
      && matches(pattern.dropFirst(), text.dropFirst())
  }

  @Test func `the worst pattern takes no exponential time`() throws {
    let text = String(repeating: "a", count: 1_024)
    let pattern = String(repeating: "%a_", count: 300) + "%b"
    let event = EventView(attributes: [("a", .string(text))])
    let filter = try Filter(sql: "a LIKE '\(pattern)'")
    let duration = ContinuousClock().measure {
      #expect(filter.evaluate(event) == .noMatch)
    }
    #expect(duration < .seconds(2))
  }
}
