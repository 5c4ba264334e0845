import JSON
import JSONSchema
import Testing

@Suite struct SchemaChangeTests {
  struct Case: CustomTestStringConvertible {
    var old: String
    var new: String
    var verdict: SchemaChange.Verdict
    var notes: [String]

    init(_ old: String, _ new: String, _ verdict: SchemaChange.Verdict, _ notes: String...) {
      self.old = old
      self.new = new
      self.verdict = verdict
      self.notes = notes
    }

    var testDescription: String { "\(old) to \(new)" }
  }

  static let cases = [
    // Required members
    Case(#"{}"#, #"{"required": ["a"]}"#, .breaking, "'a' is required now"),
    Case(#"{"required": ["a"]}"#, #"{}"#, .compatible, "'a' is not required any more"),
    // Types
    Case(
      #"{"type": ["string", "null"]}"#, #"{"type": "string"}"#, .breaking,
      "the type null is not allowed any more"),
    Case(
      #"{"type": "number"}"#, #"{"type": "integer"}"#, .breaking,
      "the type number is not allowed any more"),
    Case(
      #"{"type": "integer"}"#, #"{"type": "number"}"#, .compatible,
      "the type number is allowed now"),
    Case(
      #"{"items": {"properties": {"a": {}}}}"#,
      #"{"items": {"properties": {"a": {"type": ["object", "array", "string", "number", "null"]}}}}"#,
      .breaking, "/items/properties/a: the type boolean is not allowed any more"),
    // Enumerations
    Case(#"{"enum": [1, 2]}"#, #"{"enum": [1]}"#, .breaking, "the value 2 is not allowed any more"),
    Case(#"{"enum": [1]}"#, #"{"enum": [1, 2]}"#, .compatible, "the value 2 is allowed now"),
    Case(#"{"enum": [1, 2]}"#, #"{"enum": [2.0, 1]}"#, .compatible),
    Case(#"{"const": 1}"#, #"{"enum": [1, 2]}"#, .compatible, "the value 2 is allowed now"),
    Case(#"{}"#, #"{"enum": [1]}"#, .breaking, "must be one of 1 now"),
    Case(
      #"{"enum": [1]}"#, #"{}"#, .compatible, "may be any value now, not only those listed"),
    // Properties
    Case(#"{"properties": {"a": {}}}"#, #"{}"#, .breaking, "the member 'a' is gone"),
    Case(#"{}"#, #"{"properties": {"a": {}}}"#, .compatible, "the member 'a' is new"),
    Case(
      #"{}"#, #"{"properties": {"a": {}}, "required": ["a"]}"#, .breaking, "'a' is required now"),
    Case(
      #"{}"#, #"{"additionalProperties": false}"#, .breaking,
      "other members are not allowed any more"),
    Case(
      #"{"additionalProperties": false}"#, #"{}"#, .compatible,
      "other members may be anything now"),
    Case(
      #"{"additionalProperties": true}"#, #"{"additionalProperties": false}"#, .breaking,
      "/additionalProperties: is not allowed any more"),
    // Bounds
    Case(
      #"{"minimum": 1}"#, #"{"minimum": 2}"#, .breaking, "'minimum' 1 became 'minimum' 2"),
    Case(
      #"{"minimum": 1}"#, #"{"exclusiveMinimum": 1}"#, .breaking,
      "'minimum' 1 became 'exclusiveMinimum' 1"),
    Case(
      #"{"maxLength": 5}"#, #"{"maxLength": 4}"#, .breaking, "'maxLength' 5 became 'maxLength' 4"),
    Case(
      #"{"maxLength": 4}"#, #"{"maxLength": 5}"#, .compatible,
      "'maxLength' 4 became 'maxLength' 5"),
    Case(#"{}"#, #"{"minItems": 1}"#, .breaking, "'minItems' 1 is new"),
    Case(#"{}"#, #"{"minItems": 0}"#, .compatible),
    Case(#"{"maxItems": 1}"#, #"{}"#, .compatible, "'maxItems' 1 is gone"),
    Case(
      #"{"multipleOf": 10}"#, #"{"multipleOf": 5}"#, .compatible, "'multipleOf' 10 became 5"),
    Case(#"{"multipleOf": 10}"#, #"{"multipleOf": 4}"#, .breaking, "'multipleOf' 10 became 4"),
    Case(#"{}"#, #"{"uniqueItems": true}"#, .breaking, "its elements must be unique now"),
    // Annotations
    Case(
      #"{"title": "a", "default": 1}"#, #"{"description": "b", "examples": [1], "x-y": 2}"#,
      .compatible),
    Case(#"{"$id": "https://a.example/v1"}"#, #"{"$id": "https://a.example/v2"}"#, .compatible),
    // What has no rule
    Case(#"{"pattern": "a"}"#, #"{"pattern": "b"}"#, .unknown, "'pattern' is different"),
    Case(#"{"allOf": [{}]}"#, #"{"allOf": [{"type": "null"}]}"#, .unknown, "'allOf' is different"),
    Case(#"{}"#, #"{"if": {}}"#, .unknown, "'if' is new"),
    Case(#"{"not": {}}"#, #"{}"#, .unknown, "'not' is gone"),
    Case(
      ##"{"$ref": "#/$defs/a", "$defs": {"a": {}, "b": {}}}"##,
      ##"{"$ref": "#/$defs/b", "$defs": {"a": {}, "b": {}}}"##, .unknown,
      "'$ref' leads elsewhere"),
    Case(
      ##"{"$ref": "#x", "$defs": {"a": {"$anchor": "x"}}}"##,
      ##"{"$ref": "#x", "$defs": {"a": {"$anchor": "x", "minimum": 1}}}"##, .unknown,
      "'$ref' leads to '#x'"),
    // Breaking wins
    Case(
      #"{"pattern": "a", "minimum": 1}"#, #"{"pattern": "b", "minimum": 2}"#, .breaking,
      "'minimum' 1 became 'minimum' 2"),
    // References
    Case(
      ##"{"items": {"$ref": "#/$defs/a"}, "$defs": {"a": {"minimum": 1}}}"##,
      ##"{"items": {"$ref": "#/$defs/a"}, "$defs": {"a": {"minimum": 2}}}"##, .breaking,
      "/$defs/a: 'minimum' 1 became 'minimum' 2"),
    Case(
      ##"{"$defs": {"a": {"minimum": 1}}}"##, ##"{"$defs": {"a": {"minimum": 2}}}"##, .compatible),
    Case(
      ##"{"properties": {"next": {"$ref": "#"}}}"##,
      ##"{"properties": {"next": {"$ref": "#"}, "a": {}}}"##, .compatible, "the member 'a' is new"),
    Case(
      ##"{"anyOf": [{"$ref": "#/$defs/a"}], "$defs": {"a": {"minimum": 1}}}"##,
      ##"{"anyOf": [{"$ref": "#/$defs/a"}], "$defs": {"a": {"minimum": 2}}}"##, .unknown,
      "/$defs/a: is different within a combination of schemas"),
    // Booleans
    Case("true", "false", .breaking, "is not allowed any more"),
    Case("false", "{}", .compatible, "is allowed now"),
    Case("true", #"{"minimum": 1}"#, .breaking, "'minimum' 1 is new"),
  ]

  @Test(arguments: cases)
  func `a change is told by its verdict and its differences`(test: Case) throws {
    let change = SchemaChange(
      from: try JSONDocument(test.old), to: try JSONDocument(test.new))
    #expect(change.verdict == test.verdict)
    #expect(change.notes == test.notes)
  }

  @Test func `notes have a limit`() throws {
    let names = (0..<100).map { "\"\($0)\"" }.joined(separator: ",")
    let new = try JSONDocument("{\"required\": [\(names)]}")
    #expect(SchemaChange(from: try JSONDocument("{}"), to: new).notes.count == 20)
  }
}
