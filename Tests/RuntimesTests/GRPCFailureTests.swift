import EventCore
import GRPC
import Messages
import Testing

@testable import Runtimes

struct GRPCFailureTests {
  /// Every status that can be, with what it means of a service and whether it is final.
  private static let meanings: [(StatusCode, InvocationError.Class, isFinal: Bool)] = [
    (.invalidArgument, .input, true), (.outOfRange, .input, true), (.notFound, .input, true),
    (.alreadyExists, .input, true), (.failedPrecondition, .input, true),
    (.permissionDenied, .system, true), (.unauthenticated, .system, true),
    (.unimplemented, .system, true), (.deadlineExceeded, .timeout, false),
    (.cancelled, .function, false), (.unknown, .function, false),
    (.resourceExhausted, .function, false), (.aborted, .function, false),
    (.internal, .function, false), (.unavailable, .function, false), (.dataLoss, .function, false),
  ]

  @Test(arguments: 1...16)
  func `a status has a class, and may be final`(_ number: Int) throws {
    let code = try #require(StatusCode(rawValue: number))
    let meaning = try #require(Self.meanings.first { $0.0 == code })
    let error = failure(code, "why")
    #expect((error.errorClass, error.isFinal) == (meaning.1, meaning.isFinal))
    #expect((error.code, error.message) == ("GRPC_\(code.name)", "why"))
  }

  @Test(arguments: 1...16)
  func `what the service did not say itself is an error of the system`(_ number: Int) throws {
    let code = try #require(StatusCode(rawValue: number))
    let error = failure(code, "why", isFromServer: false)
    #expect(error.errorClass == .system)
    #expect(error.isFinal == failure(code, "why").isFinal)
    #expect(error.message == "the call to a:1 failed: why")
  }

  @Test func `a status without words is told in ours`() {
    #expect(failure(.aborted, "").message == "a:1 answered ABORTED")
  }

  @Test(arguments: [
    (Duration.seconds(7), Duration.seconds(7)), (.seconds(-7), .zero),
    (RuntimeLimits.retryAfterMax + .seconds(1), RuntimeLimits.retryAfterMax),
  ])
  func `a retry waits as long as RetryInfo asks, within bounds`(
    _ asked: Duration, _ taken: Duration
  ) {
    #expect(failure(.unavailable, "", retryAfter: asked).retryAfter == taken)
    #expect(failure(.notFound, "", retryAfter: asked).retryAfter == nil)
  }

  @Test func `details that are none ask for nothing`() {
    var status = RPCError(.unavailable, "", statusDetails: [0xFF])
    status.isFromServer = true
    #expect(GRPCFailure(status, at: "a:1").error.retryAfter == nil)
    #expect(failure(.unavailable, "").retryAfter == nil)
  }

  private func failure(
    _ code: StatusCode, _ message: String, isFromServer: Bool = true, retryAfter: Duration? = nil
  ) -> InvocationError {
    var details = ErrorStatus()
    details.code = Int32(code.rawValue)
    if let retryAfter {
      var info = RetryInfo()
      info.delay = retryAfter
      details.details = [ErrorDetail("RetryInfo", info)]
    }
    var status = RPCError(code, message, statusDetails: details.packed())
    status.isFromServer = isFromServer
    return GRPCFailure(status, at: "a:1").error
  }
}
