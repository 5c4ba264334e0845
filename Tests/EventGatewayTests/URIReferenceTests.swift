import Testing

@testable import EventGateway

@Suite struct URIReferenceTests {
  static let references: [(String, String?)] = [
    ("https://a.test:80/b?c=d#e", "https"), ("urn:uuid:1", "urn"), ("mailto:a@b", "mailto"),
    ("1-555-123-4567", nil), ("/a/b", nil), ("//[::1]/a", nil), ("a/b:c", nil), ("", nil),
    ("b%C3%BCcher", nil), ("?a:b", nil),
  ]

  @Test(arguments: references)
  func `a reference is read with its scheme`(text: String, scheme: String?) throws {
    let reference = try #require(URIReference(text))
    #expect(reference.scheme.map(String.init) == scheme)
  }

  @Test(arguments: ["a b", "bücher", "%", "%2", "%zz", "a#b#c", ":a", "1:a", "a\\b", "<a>", "a\"b"])
  func `what is none is refused`(text: String) {
    #expect(URIReference(text) == nil)
  }
}
