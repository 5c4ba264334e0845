import JSON
import Testing

/// No two members of an object have the same name, whatever their number and their hashes.
@Suite struct JSONNameTests {
  @Test(arguments: [2, 3, 16, 17, 300, 100_000], [false, true])
  func `a name that is there twice is refused`(count: Int, isEscaped: Bool) throws {
    let names = (0..<count).map { "a\($0)" }
    _ = try JSONDocument(object(names))
    for repeated in [0, count / 2, count - 1] {
      let last = isEscaped ? "\\u0061\(repeated)" : "a\(repeated)"
      let text = object(names + [last])
      let error = #expect(throws: JSONError.self) { try JSONDocument(text) }
      #expect(error?.problem == "has the name 'a\(repeated)' twice")
      #expect(error?.offset == text.utf8.count - "\"\(last)\":1}".utf8.count)
    }
  }

  @Test(arguments: ["a", "ab", "abc", "abcd", "abcdefgh", "abcdefghi", "ä", ""])
  func `an escaped name is the same name`(_ name: String) throws {
    let escaped = name.utf16.map { unit in
      let digits = String(unit, radix: 16)
      return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }.joined()
    #expect(throws: JSONError.self) { try JSONDocument(#"{"\#(name)":1,"\#(escaped)":2}"#) }
    let document = try JSONDocument(#"{"\#(escaped)":7}"#)
    #expect(document.read { $0[name]?.int64 } == 7)
    #expect(document.read { $0[name + "x"]?.int64 } == nil)
  }

  @Test func `names of equal hashes are told apart`() throws {
    let (one, other) = try #require(Self.collision)
    #expect(JSONName(one).hash == JSONName(other).hash)
    for padding in [0, 40] {
      let names = (0..<padding).map { "p\($0)" } + [one, other]
      let document = try JSONDocument(object(names))
      #expect(document.read { $0[one] != nil && $0[other] != nil })
      #expect(throws: JSONError.self) { try JSONDocument(object(names + [one])) }
      #expect(throws: JSONError.self) { try JSONDocument(object([other] + names)) }
    }
  }

  @Test func `names that crowd a hash table are still told apart`() throws {
    var names: [String] = []
    var next = 0
    while names.count < 256 {
      if JSONName("\(next)").hash & 511 < 2 { names.append("\(next)") }
      next += 1
    }
    let document = try JSONDocument(object(names))
    #expect(document.read { $0.count } == 256)
    #expect(throws: JSONError.self) { try JSONDocument(object(names + [names[100]])) }
  }

  private func object(_ names: [String]) -> String {
    "{" + names.map { "\"\($0)\":1" }.joined(separator: ",") + "}"
  }

  /// Two names of the same hash of 32 bits: among so many there nearly always are some, and as the
  /// hash has no seed, always the same.
  private static let collision: (String, String)? = {
    var names: [UInt32: String] = [:]
    for number in 0..<400_000 {
      let name = "n\(number)"
      if let other = names.updateValue(name, forKey: JSONName(name).hash) { return (other, name) }
    }
    return nil
  }()
}
