import ArgumentParser
import EventCore
import Messages
import Testing

@testable import event_gateway

@Suite struct SchemaCommandTests {
  private func options(_ arguments: String...) throws -> SchemaOptions {
    try SchemaOptions.parse(arguments)
  }

  private var old: PayloadSchema {
    var schema = PayloadSchema()
    (schema.definition, schema.enforcement) = (#"{"type":"object"}"#, .audit)
    (schema.assertsFormat, schema.compatibility) = (true, .backward)
    return schema
  }

  @Test func `what no option is given for stays as it is`() throws {
    var expected = old
    #expect(try options().updated(old) == expected)
    expected.enforcement = .off
    #expect(try options("--enforcement", "OFF").updated(old) == expected)
    expected.assertsFormat = false
    #expect(
      try options("--enforcement", "off", "--no-format-assertion").updated(old) == expected)
    expected.compatibility = .none
    let all = try options(
      "--enforcement", "off", "--no-format-assertion", "--compatibility", "COMPATIBILITY_NONE")
    #expect(try all.updated(old) == expected)
  }

  @Test func `without a schema there is nothing to enforce`() throws {
    #expect(throws: ValidationError.self) { try options("--enforcement", "audit").updated(nil) }
    #expect(try options().created() == nil)
  }

  @Test func `a file that can't be read is an error`() throws {
    #expect(throws: ValidationError.self) { try options("--schema", "/nope/schema.json").created() }
    #expect(throws: ValidationError.self) { try options("--schema", "/proc/self/exe").created() }
  }

  @Test func `a revision says what it changed, one that is the same says nothing`() {
    var new = old
    new.revision = 2
    (new.change, new.changeNotes) = (.breaking, ["'a' is required now", "'b\n\u{1B}' is gone"])
    #expect(
      new.changeLines(since: old) == [
        "schema revision 2: BREAKING", "  'a' is required now", #"  'b \u{1b}' is gone"#,
      ])
    #expect(new.changeLines(since: new).isEmpty)
    (new.revision, new.change, new.changeNotes) = (1, nil, [])
    #expect(new.changeLines(since: nil) == ["schema revision 1"])
  }

  @Test func `a violation is one line, whatever the payload's names are`() {
    var violation = PayloadViolation()
    (violation.instanceLocation, violation.description) = ("/a\nerror: \u{202E}", "is null")
    #expect(violation.line == #"/a error: \u{202e} is null"#)
  }
}
