import EventCore
import Testing

@testable import Runtimes

struct KeptAnswerTests {
  private static let id = InvocationID(triggerID: UniqueID(high: 1, low: 2), ordinal: 3)

  @Test(arguments: [
    (#""output": {"a": [1.0, "x\n"]}"#, #"{"a":[1.0,"x\u000a"]}"#, "application/json"),
    (#""output": null"#, "null", "application/json"),
    (#""output": "text""#, #""text""#, "application/json"),
    (#""output": "te\u0000xt", "data_type": "text/plain""#, "te\u{0}xt", "text/plain"),
    (#""output": 1, "data_type": "application/a+json""#, "1", "application/a+json"),
    (#""output_base64": "AAE=""#, "\u{0}\u{1}", ""),
    (#""output_base64": "AAE", "data_type": "image/png""#, "\u{0}\u{1}", "image/png"),
  ])
  func `an output is a value, a text or bytes`(
    members: String, output: String, dataType: String
  ) throws {
    let answer = try Self.answer(members)
    #expect(answer.output == Array(output.utf8) && answer.dataType == dataType)
    #expect(answer.error == nil)
  }

  @Test func `no output is success, too`() throws {
    let answer = try KeptAnswer(Array(#"{"id":"\#(Self.id)"}"#.utf8), to: Self.id)
    #expect(answer.output == nil && answer.error == nil && answer.dataType == "")
  }

  @Test func `an error says what it wants to`() throws {
    let all = try Self.answer(
      #""error": {"code": "NO_STOCK", "message": "no\u0000ne", "final": true, "retry_after": 1.5}"#)
    #expect(
      all.error
        == InvocationError(
          .function, code: "NO_STOCK", message: "no\u{FFFD}ne", isFinal: true,
          retryAfter: .milliseconds(1_500)))
    let none = try Self.answer(#""error": {}"#).error
    #expect(none?.code == "FUNCTION_FAILED" && none?.isFinal == false && none?.retryAfter == nil)
    #expect(none?.message.isEmpty == false)
    #expect(
      try Self.answer(#""error": {"retry_after": 1e99}"#).error?.retryAfter
        == RuntimeLimits.retryAfterMax)
    let longest = String(repeating: "x", count: 64)
    #expect(try Self.answer(#""error": {"code": "\#(longest)"}"#).error?.code == longest)
  }

  @Test(arguments: [
    ("", "is not JSON"), ("hello", "is not JSON (expected a value): 'hello'"), ("{", "is not JSON"),
    ("[]", "an answer that is not an object"), ("null", "an answer that is not an object"),
    ("{}", "without an id"), (#"{"id": 7}"#, "without an id"),
    (#"{"id": "other"}"#, "for another invocation: 'other'"),
    (#"{"id": "\#(id)", "id": "\#(id)"}"#, "is not JSON"),
    (#"{"id": "\#(id)"} x"#, "is not JSON"),
  ])
  func `a line that answers nothing is refused`(line: String, problem: String) {
    #expect(Self.problem(line)?.contains(problem) == true, "\(Self.problem(line) ?? "")")
  }

  @Test(arguments: [
    (#""outptu": 1"#, "an unknown member: 'outptu'"),
    (#""output": 1, "output_base64": """#, "both output and output_base64"),
    (#""output_base64": "A""#, "not base64"), (#""output_base64": 1"#, "not base64"),
    (#""output": 1, "error": {}"#, "both an output and an error"),
    (#""output": 1, "data_type": "text/plain""#, "not text, of the data_type 'text/plain'"),
    (#""data_type": 1"#, "not a MIME type"), (#""data_type": "json""#, "not a MIME type"),
    (#""error": "x""#, "an error that is not an object"),
    (#""error": {"retryAfter": 1}"#, "an unknown member: 'retryAfter'"),
    (#""error": {"code": ""}"#, "an error.code"), (#""error": {"code": 1}"#, "an error.code"),
    (#""error": {"code": "a b"}"#, "an error.code"),
    (#""error": {"code": "\#(String(repeating: "x", count: 65))"}"#, "an error.code"),
    (#""error": {"message": 1}"#, "an error.message"),
    (#""error": {"final": "yes"}"#, "an error.final"),
    (#""error": {"retry_after": -1}"#, "an error.retry_after"),
    (#""error": {"retry_after": "1"}"#, "an error.retry_after"),
  ])
  func `what an answer can't hold is refused`(members: String, problem: String) {
    let found = Self.problem(#"{"id": "\#(Self.id)", \#(members)}"#)
    #expect(found?.contains(problem) == true, "\(found ?? "")")
  }

  @Test func `an excerpt is short and on one line`() {
    #expect(KeptAnswer.excerpt(of: "a\nb\u{1B}c".utf8) == "'a b c'")
    let long = String(repeating: "x", count: 64)
    #expect(KeptAnswer.excerpt(of: long.utf8) == "'\(long)'")
    #expect(KeptAnswer.excerpt(of: (long + "y").utf8) == "'\(long)…'")
  }

  private static func answer(_ members: String) throws -> KeptAnswer {
    try KeptAnswer(Array(#"{"id": "\#(id)", \#(members)}"#.utf8), to: id)
  }

  private static func problem(_ line: String) -> String? {
    do throws(KeptAnswer.Malformed) {
      _ = try KeptAnswer(Array(line.utf8), to: id)
      return nil
    } catch {
      return error.problem
    }
  }
}
