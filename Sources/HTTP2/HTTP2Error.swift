import CNghttp2

/// A failed call into nghttp2 that ends the connection.
///
/// It keeps the operation and the library's own words: those are what people search for.
package struct HTTP2Error: Error, Equatable, Sendable, CustomStringConvertible {
  /// Whose fault it was.
  package enum Fault: Equatable, Sendable {
    /// The peer does not speak HTTP/2: its first bytes are not the client preface.
    case notHTTP2
    /// The peer broke the protocol or a limit.
    case peer
    /// This connection can open no more streams (identifiers used up, or GOAWAY).
    case exhausted
    /// Ours, or the machine's.
    case local
  }

  package let fault: Fault
  package let operation: String
  package let reason: String

  package var description: String { "\(operation): \(reason)" }

  init(_ operation: String, _ code: Int32, detail: String = "") {
    self.operation = operation
    let text = String(cString: nghttp2_strerror(code))
    reason = detail.isEmpty ? text : "\(text) (\(detail))"
    switch nghttp2_error(rawValue: code) {
    case NGHTTP2_ERR_BAD_CLIENT_MAGIC: fault = .notHTTP2
    case NGHTTP2_ERR_STREAM_ID_NOT_AVAILABLE, NGHTTP2_ERR_START_STREAM_NOT_ALLOWED:
      fault = .exhausted
    case NGHTTP2_ERR_NOMEM, NGHTTP2_ERR_INVALID_ARGUMENT, NGHTTP2_ERR_CALLBACK_FAILURE:
      fault = .local
    default: fault = .peer
    }
  }
}

/// Returns `code` when nghttp2 succeeded, and otherwise says which call failed.
@discardableResult
func check(_ operation: String, _ code: Int32) throws(HTTP2Error) -> Int32 {
  guard code >= 0 else { throw HTTP2Error(operation, code) }
  return code
}

/// For calls that fail only on a bug of ours or when memory is gone, where Swift traps as well.
@discardableResult
func must(_ operation: StaticString, _ code: Int32) -> Int32 {
  precondition(code >= 0, "\(operation): \(String(cString: nghttp2_strerror(code)))")
  return code
}
