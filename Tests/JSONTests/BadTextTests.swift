import JSON
import TestSupport
import Testing

@Suite struct BadTextTests {
  @Test(arguments: [
    [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xC3], [0xC3, 0x28], [0xE0, 0x9F, 0xBF],
    [0xE1, 0x80], [0xE1, 0x80, 0x28], [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF],
    [0xF0, 0x8F, 0xBF, 0xBF],
    [0xF1, 0x80, 0x80], [0xF1, 0x80, 0x80, 0x28], [0xF4, 0x90, 0x80, 0x80],
    [0xF5, 0x80, 0x80, 0x80],
    [0xFE], [0xFF],
  ])
  func `what is not UTF-8 is refused wherever it stands in a string`(_ bad: [UInt8]) {
    for before in 0..<10 {
      let text = [0x22] + Array(repeating: 0x61, count: before) + bad + [0x61, 0x22]
      let error = #expect(throws: JSONError.self) { try JSONDocument(text) }
      #expect(error?.problem == "is not UTF-8" && error?.offset == before + 1)
      #expect(throws: JSONError.self) { try JSONDocument([0x22] + text.dropFirst().dropLast(2)) }
    }
  }

  @Test(arguments: [
    [0x24], [0xC2, 0x80], [0xDF, 0xBF], [0xE0, 0xA0, 0x80], [0xED, 0x9F, 0xBF],
    [0xEE, 0x80, 0x80], [0xEF, 0xBF, 0xBF], [0xF0, 0x90, 0x80, 0x80], [0xF4, 0x8F, 0xBF, 0xBF],
  ])
  func `the first and last scalars of each length are taken`(_ good: [UInt8]) throws {
    for before in 0..<10 {
      let content = Array(repeating: UInt8(0x61), count: before) + good
      let document = try JSONDocument([0x22] + content + [0x22])
      #expect(document.read { Array($0.utf8) } == content)
    }
  }

  @Test(arguments: [
    #""\ud800""#, #""\udc00""#, #""\ud800x""#, #""\ud800\n""#, #""\ud800\u0061""#,
    #""\ud800\ud800""#, #""\udc00\ud800""#, #""\udbff\ue000""#, #""aaaaaaaaaaa\uDFFF""#,
  ])
  func `half a surrogate pair is refused`(_ text: String) {
    let error = #expect(throws: JSONError.self) { try JSONDocument(text) }
    #expect(error?.problem == "has half a surrogate pair in a string")
  }

  @Test func `every control character must be escaped`() {
    for byte in UInt8(0)..<0x20 {
      #expect(throws: JSONError.self) { try JSONDocument([0x22, 0x61, byte, 0x61, 0x22]) }
    }
    #expect(throws: JSONError.self) { try JSONDocument([0x31, 0x00]) }
  }

  @Test(arguments: ["[", "{\"a\":", "[[],", "[{\"a\":"])
  func `a million arrays and objects in each other are refused on a small stack`(_ open: String) {
    let text = String(repeating: open, count: 1_000_000)
    onSmallStack {
      let error = #expect(throws: JSONError.self) { try JSONDocument(text) }
      #expect(error?.problem == "is nested more than 128 deep")
    }
  }

  @Test func `huge numbers keep their digits`() throws {
    let digits = String(repeating: "1234567890", count: 100_000)
    for text in [digits, "-\(digits).\(digits)", "1e400", "1e99999999999999999999", "0.\(digits)"] {
      let document = try JSONDocument(text)
      document.read { value in
        #expect(value.json == text)
        #expect(value.int64 == nil)
        #expect(value.number == value.number)
      }
    }
    #expect(try #require(JSONNumber(json: digits + "1")) > #require(JSONNumber(json: digits + "0")))
    #expect(JSONNumber(json: "-9223372036854775808")?.int64 == .min)
    #expect(JSONNumber(json: "9223372036854775808")?.int64 == nil)
  }
}
