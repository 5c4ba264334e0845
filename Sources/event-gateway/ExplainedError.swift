import EventCore
import GRPC
import Messages

/// An error that can be explained to a person at a terminal.
protocol ExplainedError: Error {
  var explanation: String { get }
}

extension RPCError: ExplainedError {
  /// The code, the gateway's reason and its words, then a line for each field that is wrong.
  var explanation: String {
    let status = statusDetails.withUnsafeBytes {
      try? ErrorStatus(unpacking: $0, from: .server)
    }
    let details = status?.details ?? []
    let info = details.lazy.compactMap { $0.unpacked("ErrorInfo", as: ErrorInfo.self) }.first
    let reason = info.map { " \($0.reason)" } ?? ""
    var lines = ["error: \(code.name)\(reason): \(message)".printableLine]
    if code == .unavailable, info == nil {
      lines.append("is a gateway running there? start one with: event-gateway serve")
    }
    let request = details.lazy.compactMap { $0.unpacked("BadRequest", as: BadRequest.self) }.first
    for violation in request?.violations ?? [] {
      lines.append("  \(violation.field): \(violation.problem)".printableLine)
    }
    return lines.joined(separator: "\n")
  }
}

extension ErrorStatus {
  /// As a call's error: what one message of a stream was answered with.
  var explanation: String {
    let code = StatusCode(rawValue: Int(code)) ?? .unknown
    return RPCError(code, message, statusDetails: packed()).explanation
  }
}

extension GatewayError: ExplainedError {
  var explanation: String { "error: \(reason.rawValue): \(message)" }
}

extension StoreError: ExplainedError {
  var explanation: String {
    switch self {
    case .unavailable(let problem): "error: \(problem)"
    case .overloaded: "error: the store is overloaded"
    case .closed: "error: the store is closed"
    }
  }
}

extension ListenError: ExplainedError {
  var explanation: String { "error: can't listen on \(address): \(problem)" }
}
