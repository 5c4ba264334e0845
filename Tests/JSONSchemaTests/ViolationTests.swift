import JSON
import JSONSchema
import Testing

@Suite struct ViolationTests {
  /// A schema, a value, and what is said of it.
  struct Case: CustomTestStringConvertible {
    var schema: String
    var value: String
    var problems: [String]

    init(_ schema: String, _ value: String, _ problems: String...) {
      self.schema = schema
      self.value = value
      self.problems = problems
    }

    var testDescription: String { "\(schema) of \(value)" }
  }

  static let cases = [
    Case(#"{"type": "integer"}"#, "1.5", "is 1.5; it must be an integer"),
    Case(#"{"type": ["integer", "null"]}"#, #""x""#, "is a string; it must be an integer or null"),
    Case(#"{"minimum": 5}"#, "3", "is 3; it must be at least 5"),
    Case(#"{"exclusiveMinimum": 5}"#, "5.0", "is 5.0; it must be more than 5"),
    Case(#"{"maximum": 5}"#, "1e400", "is 1e400; it must be at most 5"),
    Case(#"{"exclusiveMaximum": 5}"#, "5", "is 5; it must be less than 5"),
    Case(#"{"multipleOf": 2}"#, "7", "is 7; it must be a multiple of 2"),
    Case(#"{"minLength": 2}"#, #""é""#, "has 1 character; it must have at least 2"),
    Case(#"{"maxLength": 2}"#, #""abc""#, "has 3 characters; it must have at most 2"),
    Case(#"{"pattern": "^a"}"#, #""b""#, "is 'b'; it must match the pattern '^a'"),
    Case(#"{"enum": [1, "a", null]}"#, #""b""#, "is 'b'; it must be 1, 'a' or null"),
    Case(#"{"const": {"a": 1}}"#, "{}", #"is an empty object; it must be {"a":1}"#),
    Case(#"{"minItems": 2}"#, "[1]", "has 1 element; it must have at least 2"),
    Case(#"{"maxItems": 1}"#, "[1, 2]", "has 2 elements; it must have at most 1"),
    Case(
      #"{"uniqueItems": true}"#, "[1, {\"a\": [2]}, {\"a\": [2.0]}]",
      "has equal elements at 1 and 2; no two may be equal"),
    Case(
      #"{"contains": {"type": "string"}}"#, "[1]",
      "has 0 elements that 'contains' asks for; it must have at least 1"),
    Case(
      #"{"contains": {"type": "string"}, "maxContains": 1}"#, #"["a", "b"]"#,
      "has 2 elements that 'contains' asks for; it must have at most 1"),
    Case(#"{"items": {"type": "null"}}"#, "[null, 1]", "/1: is 1; it must be null"),
    Case(
      #"{"prefixItems": [true], "items": false}"#, "[1, 2]",
      "has 2 elements; it must have at most 1"),
    Case(#"{"required": ["id", "a"]}"#, "{\"a\": 1}", "has no 'id', which is required"),
    Case(
      #"{"properties": {"a": true}, "additionalProperties": false}"#, #"{"a": 1, "x": 2}"#,
      "has the unknown member 'x'"),
    Case(
      #"{"additionalProperties": {"type": "string"}}"#, #"{"a/b": 1}"#,
      "/a~1b: is 1; it must be a string"),
    Case(
      #"{"properties": {"a": true}, "unevaluatedProperties": false}"#, #"{"a": 1, "x": 2}"#,
      "has the unknown member 'x'"),
    Case(
      #"{"prefixItems": [true], "unevaluatedItems": false}"#, "[1, 2]",
      "has an element at 1, where none is allowed"),
    Case(#"{"minProperties": 1}"#, "{}", "has 0 members; it must have at least 1"),
    Case(#"{"maxProperties": 0}"#, #"{"a": 1}"#, "has 1 member; it must have at most 0"),
    Case(
      #"{"propertyNames": {"maxLength": 1}}"#, #"{"ab": 1}"#,
      "has the member 'ab', whose name has 2 characters; it must have at most 1"),
    Case(
      #"{"dependentRequired": {"a": ["b"]}}"#, #"{"a": 1}"#,
      "has 'a', but no 'b', which goes with it"),
    Case(
      #"{"not": {"type": "string"}}"#, #""x""#,
      "is 'x', which is what the schema in 'not' forbids"),
    Case(#"{"properties": {"a": false}}"#, #"{"a": 1}"#, "/a: is not allowed"),
    Case(
      #"{"if": {"type": "string"}, "then": {"minLength": 3}}"#, #""x""#,
      "has 1 character; it must have at least 3"),
    Case(
      #"{"anyOf": [{"type": "string"}, {"type": "null"}]}"#, "1",
      "is 1; it must be a string or null"),
    Case(
      #"{"anyOf": [{"type": "string"}, {"type": "integer", "minimum": 5}]}"#, "1",
      "is 1; it must be at least 5"),
    Case(
      """
      {"oneOf": [{"properties": {"kind": {"const": "a"}, "n": {"type": "integer"}}},
                 {"properties": {"kind": {"const": "b"}, "n": {"type": "string"}}}]}
      """, #"{"kind": "a", "n": "x"}"#, "/n: is a string; it must be an integer"),
    Case(
      #"{"oneOf": [true, {"type": "string"}, true]}"#, "1",
      "satisfies the alternatives 0 and 2 of 'oneOf'; it must satisfy exactly one"),
    Case(
      #"{"anyOf": [{"required": ["a"]}, {"required": ["b"]}]}"#, "{}",
      "satisfies none of 2 alternatives: (0) has no 'a', which is required, "
        + "(1) has no 'b', which is required"),
    Case(
      #"{"properties": {"a": {"minimum": 1}, "b": {"type": "string"}}, "required": ["c"]}"#,
      #"{"a": 0, "b": 1}"#, "has no 'c', which is required", "/a: is 0; it must be at least 1",
      "/b: is 1; it must be a string"),
    Case("false", "1", "is not allowed"),
  ]

  @Test(arguments: cases)
  func `a violation is said so that a person understands it`(test: Case) throws {
    #expect(try problems(test.schema, test.value) == test.problems)
  }

  @Test func `a keyword's location goes through the references that were followed`() throws {
    let schema = try Schema(
      JSONDocument(
        """
        {"properties": {"list": {"items": {"$ref": "#/$defs/entry"}}},
         "$defs": {"entry": {"allOf": [{"properties": {"n": {"minimum": 1}}}]}}}
        """))
    let document = try JSONDocument(#"{"list": [{"n": 0}]}"#)
    let violations = schema.violations(of: document.root, atMost: 20)
    #expect(
      violations == [
        SchemaViolation(
          instanceLocation: "/list/0/n",
          keywordLocation: "/properties/list/items/$ref/allOf/0/properties/n/minimum",
          problem: "is 0; it must be at least 1")
      ])
  }

  @Test func `no more violations are listed than asked for`() throws {
    let value = "[" + Array(repeating: "1", count: 100).joined(separator: ",") + "]"
    #expect(try problems(#"{"items": {"type": "string"}}"#, value, atMost: 20).count == 20)
    #expect(try problems(#"{"items": {"type": "string"}}"#, value, atMost: 1).count == 1)
    #expect(try problems(#"{"items": {"type": "string"}}"#, value, atMost: 0).isEmpty)
  }

  @Test func `a long value is cut in what is said of it`() throws {
    let long = String(repeating: "ü", count: 100_000)
    let said = try problems(#"{"pattern": "^a"}"#, "\"\(long)\"")
    #expect(said.count == 1)
    #expect(said[0].unicodeScalars.count < 150)
    let names = (0..<1000).map { "\"\($0)\"" }.joined(separator: ",")
    #expect(try problems("{\"enum\": [\(names)]}", "1")[0].unicodeScalars.count < 150)
  }
}
