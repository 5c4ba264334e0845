import Expressions
import JSON
import Testing

@Suite struct EventPointerTests {
  private func fingerprint(_ pointer: String, _ event: String = TemplateTests.event) throws
    -> UInt64?
  {
    EventPointer(JSONPointer(pointer)!).fingerprint(in: try EventView(event: event))
  }

  @Test func `the same value has the same fingerprint, wherever it is`() throws {
    #expect(try fingerprint("/data/id") != nil)
    #expect(try fingerprint("/data/id") == fingerprint("/data/x", #"{"data":{"x": 7}}"#))
    #expect(try fingerprint("/type") == fingerprint("/data/t", #"{"data":{"t":"order.paid"}}"#))
    #expect(
      try fingerprint("/data", #"{"data":{"a" : [1, 2]}}"#)
        == fingerprint("/data", #"{"data":{"a":[1,2]}}"#))
  }

  @Test func `other values have others`() throws {
    let texts = [#""1""#, "1", "1.0", "true", "[]", "{}", #""""#, #""null""#, #"["1"]"#]
    let all = try texts.map { try fingerprint("/data/k", #"{"data":{"k":\#($0)}}"#) }
    #expect(Set(all).count == texts.count && !all.contains(nil))
  }

  @Test func `null, and what is not there, have none`() throws {
    for pointer in ["/data/none", "/data/missing", "/missing", "/data/list/9", "/data/id/x"] {
      #expect(try fingerprint(pointer) == nil, "\(pointer)")
    }
  }

  @Test func `only the payload has to be parsed for its values`() {
    for (pointer, reads) in [("/data/id", true), ("/data", true), ("/type", false), ("", true)] {
      #expect(EventPointer(JSONPointer(pointer)!).readsData == reads, "\(pointer)")
    }
  }

  /// SHA-256 of `"ada"`, from coreutils' sha256sum.
  @Test func `it stays the same from version to version, as stores keep it`() throws {
    let found = try fingerprint("/data/k", #"{"data":{"k":"ada"}}"#)
    #expect(found == 0x982c_2f9e_71df_3545)
  }
}
