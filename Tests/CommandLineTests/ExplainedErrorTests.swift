import EventCore
import EventGateway
import GRPC
import Testing

@testable import event_gateway

@Suite struct ExplainedErrorTests {
  private func explanation(_ violations: FieldViolation...) -> String {
    let error = GatewayError.invalid(violations, .schemaViolation)
    return error.rpcError.explanation
  }

  @Test func `one violation is one line`() {
    #expect(
      explanation(FieldViolation(field: "data/a", problem: "is null"))
        == "error: INVALID_ARGUMENT SCHEMA_VIOLATION: data/a is null")
  }

  @Test func `each of several violations has a line`() {
    let said = explanation(
      FieldViolation(field: "data/a", problem: "is null"),
      FieldViolation(field: "data/b\nerror: \u{1B}", problem: "is 3"))
    #expect(
      said.split(separator: "\n") == [
        "error: INVALID_ARGUMENT SCHEMA_VIOLATION: 2 problems",
        "  data/a: is null", #"  data/b error: \u{1b}: is 3"#,
      ])
  }

  @Test func `violations that an error has no room for are counted`() {
    let error = GatewayError.invalid(
      (0..<20).map {
        FieldViolation(field: "data/\($0)", problem: String(repeating: "x", count: 200))
      }, .schemaViolation)
    let lines = error.rpcError.explanation.split(separator: "\n")
    #expect(lines.first == "error: INVALID_ARGUMENT SCHEMA_VIOLATION: 20 problems")
    #expect(lines.count < 20)
    #expect(lines.last == "  and \(20 - (lines.count - 2)) more")
  }
}
