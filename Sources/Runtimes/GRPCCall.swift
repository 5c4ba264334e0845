import EventCore
import GRPC
import Messages
import NIOCore

/// One call being made for one attempt.
struct GRPCCall: Sendable {
  private static let path = "/dispatch.functions.v1.Function/Invoke"

  private let client: GRPCClient
  private let target: GRPCTarget
  private let attempt: AttemptRequest

  init(_ client: GRPCClient, _ target: GRPCTarget, _ attempt: AttemptRequest) {
    self.client = client
    self.target = target
    self.attempt = attempt
  }

  /// Reads to the end, also what the sink no longer keeps: only then is there a status. What ends it
  /// early, such as a cancelled task, resets the call.
  func run(into sink: any OutputSink) async -> AttemptResult {
    guard !Task.isCancelled else { return .cancelled }
    var dataType = ""
    do {
      let responses = client.serverStreaming(
        Self.path, ByteBuffer(bytes: InvokeRequest(attempt).packed()), metadata: try metadata(),
        options: CallOptions(timeout: timeout))
      for try await bytes in responses {
        switch try Self.content(of: bytes) {
        case .output(let bytes): sink.output(bytes)
        case .log(let line): sink.log(line)
        case .dataType(let type): dataType = type.utf8.count <= Limits.dataTypeBytesMax ? type : ""
        case .failure(let error): return .failed(error, dataType: dataType)
        case nil: break
        }
      }
      return AttemptResult(.succeeded, dataType: dataType)
    } catch {
      guard !Task.isCancelled else { return .cancelled }
      return AttemptResult(.failed(failure(error)), dataType: dataType)
    }
  }

  private var timeout: TimeAmount? {
    attempt.deadline.map { .nanoseconds(max(.zero, $0 - .now()).wholeNanoseconds) }
  }

  /// - Throws: never for a target that was checked.
  private func metadata() throws(Metadata.Fault) -> Metadata {
    var metadata = Metadata()
    for (name, value) in target.metadata.sorted(by: { $0.key < $1.key }) {
      try metadata.add(value, for: name)
    }
    return metadata
  }

  /// A service is trusted no more than a client.
  private static func content(
    of bytes: ByteBuffer
  ) throws(GatewayError) -> InvokeResponse.Content? {
    let response = bytes.withUnsafeReadableBytes { bytes in
      Result { () throws(GatewayError) in try InvokeResponse(unpacking: bytes, from: .client) }
    }
    return try response.get().content
  }

  private func failure(_ error: any Error) -> InvocationError {
    switch error {
    case let error as RPCError where error.code == .deadlineExceeded && isOverdue:
      InvocationError(
        .timeout, code: "ATTEMPT_TIMEOUT", message: "the function was stopped at its deadline")
    case let error as RPCError: GRPCFailure(error, at: target.address).error
    case let error as GatewayError:
      InvocationError(
        .function, code: "RESPONSE_INVALID", message: "a response is invalid: \(error.message)")
    default:
      InvocationError(
        .system, code: "CALL_FAILED", message: "the call to \(target.address) failed: \(error)")
    }
  }

  private var isOverdue: Bool { attempt.deadline.map { $0 <= .now() } ?? false }
}

extension AttemptResult {
  /// The function says that it failed.
  fileprivate static func failed(_ error: InvocationError, dataType: String) -> AttemptResult {
    var said = error.byFunction
    said.retryAfter = said.retryAfter.map { max(.zero, min($0, RuntimeLimits.retryAfterMax)) }
    return AttemptResult(.failed(said), dataType: dataType)
  }
}
