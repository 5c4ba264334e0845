import EventCore
import GRPC
import Messages

/// An error that can be explained to a person at a terminal.
protocol ExplainedError: Error {
  var explanation: String { get }
}

extension RPCError: ExplainedError {
  /// The code, the gateway's reason and its words; if several fields are wrong, a line for each.
  var explanation: String {
    let status = statusDetails.withUnsafeBytes {
      try? ErrorStatus(unpacking: $0, from: .server)
    }
    let details = status?.details ?? []
    let info = details.lazy.compactMap { $0.unpacked("ErrorInfo", as: ErrorInfo.self) }.first
    let reason = info.map { " \($0.reason)" } ?? ""
    let request = details.lazy.compactMap { $0.unpacked("BadRequest", as: BadRequest.self) }.first
    let violations = request?.violations ?? []
    let count = violations.count(saidIn: message)
    let words = count > 1 ? "\(count) problems" : message
    var lines = ["error: \(code.name)\(reason): \(words)"]
    if code == .unavailable, info == nil {
      lines.append("is a gateway running there? start one with: event-gateway serve")
    }
    if count != 1 { lines += violations.map { "  \($0.field): \($0.problem)" } }
    if count > violations.count { lines.append("  and \(count - violations.count) more") }
    return lines.map(\.printableLine).joined(separator: "\n")
  }
}

extension [FieldViolation] {
  /// How many there are in all: an error has room for some only, and its message is the first one
  /// and the number of the others. 0 if the message says something else.
  fileprivate func count(saidIn message: String) -> Int {
    guard let first, message.hasPrefix("\(first.field) \(first.problem)") else { return 0 }
    let rest = message.dropFirst(first.field.count + 1 + first.problem.count)
    guard let more = rest.firstMatch(of: /^ \(and ([0-9]+) more\)$/) else { return 1 }
    return Swift.max(count, (Int(more.1) ?? 0) + 1)
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
    case .cancelled: "error: cancelled"
    }
  }
}

extension ListenError: ExplainedError {
  var explanation: String { "error: can't listen on \(address): \(problem)" }
}

extension TLSError: ExplainedError {
  var explanation: String { "error: \(description)" }
}
