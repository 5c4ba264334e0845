import JSON
import JSONSchema
import TestSupport
import Testing

@Suite struct BadSchemaTests {
  struct Case: CustomTestStringConvertible {
    var schema: String
    var problem: String

    init(_ schema: String, _ problem: String) {
      self.schema = schema
      self.problem = problem
    }

    var testDescription: String { schema }
  }

  static let cases = [
    Case("[]", "is an array; it must be an object or a boolean"),
    Case("1", "is 1; it must be an object or a boolean"),
    Case(
      #"{"properties": {"n": {"minimum": "1"}}}"#,
      "/properties/n/minimum: 'minimum' is a string; it must be a number"),
    Case(
      #"{"minLength": -1}"#, "/minLength: 'minLength' is -1; it must be at least 0"),
    Case(
      #"{"multipleOf": 0}"#, "/multipleOf: 'multipleOf' is 0; it must be more than 0"),
    Case(
      #"{"properties": {"a": 1}}"#,
      "/properties/a: 'a' is 1; it must be an object or a boolean"),
    Case(
      #"{"required": ["a", "a"]}"#,
      "/required: 'required' has equal elements at 0 and 1; no two may be equal"),
    Case(
      #"{"items": [{}]}"#, "/items: 'items' is an array; it must be an object or a boolean"),
    Case(
      #"{"type": "text"}"#,
      "/type: 'type' is 'text'; it must be 'array', 'boolean', 'integer', 'null', 'number', "
        + "'object' or 'string'"),
    Case(
      #"{"$schema": "http://json-schema.org/draft-07/schema#", "items": [{"type": 1}]}"#,
      "/items/0/type: 'type' is 1; it must be 'array', 'boolean', 'integer', 'null', 'number', "
        + "'object' or 'string'"),
    // References
    Case(
      ##"{"properties": {"a": {"$ref": "#/$defs/a"}}}"##,
      "/properties/a: '$ref' leads to '#/$defs/a', which is not there"),
    Case(
      #"{"$ref": "https://example.com/a.json"}"#,
      "'$ref' leads to 'https://example.com/a.json', which is not part of the schema; "
        + "nothing is fetched"),
    Case(
      ##"{"$ref": "#/$defs/a%zz"}"##, "'$ref' has an ill-formed fragment: '#/$defs/a%zz'"),
    Case(##"{"$ref": "#here"}"##, "'$ref' leads to '#here', which is not there"),
    Case(##"{"$ref": "#/title", "title": "a"}"##, "'$ref' leads to '#/title', which is not there"),
    Case(
      #"{"$schema": "http://json-schema.org/draft-04/schema#"}"#,
      "'$schema' is 'http://json-schema.org/draft-04/schema#'; only draft 2020-12 "
        + "('https://json-schema.org/draft/2020-12/schema') and draft 7 "
        + "('http://json-schema.org/draft-07/schema#') are known"),
    Case(
      #"{"$defs": {"a": {"$id": "b"}, "c": {"$id": "b"}}}"#,
      "/$defs/a: '$id' is the same as that of another schema in the document"),
    // Without end
    Case(##"{"$ref": "#"}"##, "refers to itself without end"),
    Case(
      ##"{"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}}"##,
      "/$defs/a: refers to itself without end"),
    Case(##"{"allOf": [true, {"anyOf": [{"$ref": "#"}]}]}"##, "refers to itself without end"),
    Case(##"{"dependentSchemas": {"a": {"$ref": "#"}}}"##, "refers to itself without end"),
    // Patterns
    Case(
      #"{"properties": {"a": {"pattern": "(?=a)"}}}"#,
      "/properties/a/pattern: '(?=a)' uses a look-ahead, which can't be checked in linear time"),
    Case(
      #"{"patternProperties": {"(a)\\1": true}}"#,
      #"/patternProperties: '(a)\1' uses a back-reference, which can't be checked in linear time"#),
    Case(
      #"{"pattern": "(?<!a)b"}"#,
      "/pattern: '(?<!a)b' uses a look-behind, which can't be checked in linear time"),
    Case(
      #"{"pattern": "a("}"#, "/pattern: 'a(' is not a regular expression: a '(' is not closed"),
    Case(
      #"{"pattern": "\\p{Emoji}"}"#,
      #"/pattern: '\p{Emoji}' uses the property 'Emoji', which can't be checked in linear time"#),
  ]

  @Test(arguments: cases)
  func `what is no schema is refused with the place and the reason`(test: Case) {
    #expect(refusal(test.schema) == test.problem)
  }

  @Test func `a text that is not JSON or nests 10,000 deep is refused when it is parsed`() {
    #expect(refusal("{")?.contains("line 1") == true)
    let deep = String(repeating: "{\"not\":", count: 10_000) + "true"
    #expect(refusal(deep + String(repeating: "}", count: 10_000))?.contains("deep") == true)
  }

  @Test func `a schema as deep as JSON may be is compiled and checked on a small stack`() throws {
    for (open, close) in [
      ("{\"not\":", "}"), ("{\"allOf\":[", "]}"), ("{\"properties\":{\"a\":", "}}"),
      ("{\"items\":", "}"),
    ] {
      let depth = open.count { "{[".contains($0) } == 2 ? 63 : 127
      let text =
        String(repeating: open, count: depth) + "{}" + String(repeating: close, count: depth)
      let document = try JSONDocument(text)
      let value = try JSONDocument("1")
      let outcome = onSmallStack {
        (try? Schema(document)).map { $0.violations(of: value.root, atMost: 20).count }
      }
      #expect(outcome != nil, "\(open)")
    }
  }

  @Test func `a schema too large is refused at the limit`() throws {
    let frame = "{\"title\":\"\"}"
    let fits = SchemaLimits.textBytesMax - frame.utf8.count
    func schema(_ length: Int) -> String {
      "{\"title\":\"\(String(repeating: "a", count: length))\"}"
    }
    #expect(refusal(schema(fits)) == nil)
    #expect(refusal(schema(fits + 1))?.contains("262144") == true)
  }

  @Test func `patterns share their memory and have a limit`() {
    func schema(_ patterns: [String]) -> String {
      let list = patterns.map { "{\"pattern\":\"\($0)\"}" }.joined(separator: ",")
      return "{\"allOf\":[\(list)]}"
    }
    #expect(refusal(schema((0..<1000).map { "^a\($0)" })) == nil)
    #expect(refusal(schema((0...1000).map { "^a\($0)" }))?.contains("1001 patterns") == true)
    let large = (0..<200).map { "^.{\($0),1000}b$" }
    #expect(refusal(schema(large))?.contains("bytes, compiled") == true)
    #expect(refusal(schema(["((a{900}){900}){900}"])) != nil)
  }
}
