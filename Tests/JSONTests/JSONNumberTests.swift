import JSON
import Testing

@Suite struct JSONNumberTests {
  private func number(_ text: String) throws -> JSONNumber { try #require(JSONNumber(json: text)) }

  @Test(arguments: [
    ("0", "1", true), ("10", "5", true), ("7", "2", false), ("0.0075", "0.0001", true),
    ("0.00751", "0.0001", false), ("4.5", "1.5", true), ("35", "1.5", false),
    ("1e308", "0.5", true),
    ("1e308", "3", false), ("3e400000", "3", true), ("1e400000", "1024", true),
    ("1e9", "1e10", false),
    ("1e-400", "1e-400", true), ("-9", "3", true), ("9007199254740993", "3", true),
    ("9007199254740992", "3", false), ("1.5", "10", false), ("25", "0.5e1", true),
    ("1", "9999999999999999999999999999999999999", false),
    ("99999999999999999999999999999999999990", "9999999999999999999999999999999999999", true),
  ])
  func `a multiple is told exactly`(_ value: String, _ divisor: String, _ isMultiple: Bool) throws {
    #expect(try number(value).isMultiple(of: number(divisor)) == isMultiple)
  }

  @Test(arguments: [
    ("1", "1.0"), ("100", "1e2"), ("0", "-0.0e9"), ("12.50", "1.25e1"), ("1e400", "10e399"),
  ])
  func `equal numbers are equal however they are written`(_ one: String, _ other: String) throws {
    #expect(try number(one) == number(other))
    #expect(try number(one).description == number(other).description)
    #expect(try number(one).isInteger == number(other).isInteger)
  }

  @Test func `numbers are ordered exactly`() throws {
    let ordered = [
      "-1e400", "-2", "-1.5", "-1e-400", "0", "1e-400", "0.1", "9007199254740992",
      "9007199254740993", "1e400",
    ]
    for (index, low) in ordered.enumerated() {
      for high in ordered[(index + 1)...] {
        #expect(try number(low) < number(high))
        #expect(try !(number(high) < number(low)))
      }
    }
  }
}
