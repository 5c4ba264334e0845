import JSON
import Testing

@Suite struct JSONDocumentTests {
  @Test func `a document reads back as it was`() throws {
    let text = #"{"a":[1,-2.5e3,"xy\u00e9\ud83d\ude00",true,null,{}],"b":{"c":[]}}"#
    let document = try JSONDocument(text)
    #expect(document.root.json == #"{"a":[1,-2.5e3,"xyé😀",true,null,{}],"b":{"c":[]}}"#)
    #expect(document.root.value(at: try #require(JSONPointer("/a/0")))?.int64 == 1)
    #expect(document.root["b"]?["c"]?.count == 0)
  }

  @Test(arguments: [
    #"{"a":1,"a":2}"#, #"{"a":1,"\u0061":2}"#, "[1,]", "01", "\"\\ud800\"", "\"\u{1}\"", "", "[1",
    "1 2",
    "nul", "{\"a\"}", "-", "1.", "1e", "tru", "\"\\x\"", "\"\\u12\"",
  ])
  func `what is not JSON is refused`(_ text: String) {
    #expect(throws: JSONError.self) { try JSONDocument(text) }
  }

  @Test func `an error says where`() {
    let error = #expect(throws: JSONError.self) { try JSONDocument("{\n  \"a\": x}") }
    #expect(error?.line == 2 && error?.column == 8)
  }

  @Test func `depth is bounded`() throws {
    let deep = String(repeating: "[", count: 128) + String(repeating: "]", count: 128)
    _ = try JSONDocument(deep)
    #expect(throws: JSONError.self) { try JSONDocument("[" + deep + "]") }
  }
}
