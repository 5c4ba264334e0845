import JSON
import JSONSchema
import Testing

/// A check's steps count what a value takes to look at, not only how many values there are: else a
/// few thousand subschemas times one large text would hold up an event loop for minutes.
@Suite struct StepCostTests {
  private static let digits = "1" + String(repeating: "0", count: 50_000) + "3"
  private static let text = "\"" + String(repeating: "a", count: 200_000) + "\""
  private static let texts =
    "[" + (0..<10).map { "\"\($0)\(text.dropFirst())" }.joined(separator: ",") + "]"

  @Test(arguments: [
    (#"{"type": "integer"}"#, digits),
    (#"{"not": {"multipleOf": 0.7}}"#, digits),
    (#"{"not": {"enum": [1.5]}}"#, digits),
    (#"{"minLength": 150000}"#, text),
    (#"{"not": {"enum": ["b"]}}"#, text),
    (#"{"uniqueItems": true}"#, texts),
  ])
  func `a keyword on a large text is checked, and thousands of them are stopped`(
    _ keyword: String, _ payload: String
  ) throws {
    var options = SchemaOptions()
    options.assertsFormat = true
    let value = try JSONDocument(payload)
    let once = try Schema(JSONDocument(keyword), options: options)
    #expect(once.isSatisfied(by: value.root))

    let many = Array(repeating: keyword, count: 3_000).joined(separator: ",")
    let often = try Schema(JSONDocument("{\"allOf\": [\(many)]}"), options: options)
    #expect(!often.isSatisfied(by: value.root))
  }

  @Test func `schemas with more listed arrays than can be compared are of unknown compatibility`()
    throws
  {
    let values = (0..<4_000).map { "[\($0)]" }
    let old = try JSONDocument("{\"enum\": [\(values.joined(separator: ","))]}")
    let new = try JSONDocument("{\"enum\": [\(values.joined(separator: ",")), [-1]]}")
    let change = SchemaChange(from: old, to: new)
    #expect(change.verdict == .unknown)
    #expect(change.notes == ["the schemas are too large to compare"])
  }
}
