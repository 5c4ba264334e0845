internal import Encodings
import HTTP2

/// A response's header or trailer section (PROTOCOL-HTTP2.md, "Responses").
struct ResponseHead {
  /// Why the response is not gRPC at all; nil if it is.
  private(set) var refusal: RPCError?

  /// The call's status, if the section has one.
  private(set) var status: Result<Void, RPCError>?

  private var httpStatus: Int?
  private var isGRPC = false
  /// How its messages are compressed.
  private(set) var encoding = MessageEncoding.identity
  private var unknownEncoding: String?
  private var code: String?
  private var message = ""
  private var details: [UInt8] = []

  init(_ fields: HeaderBlock) {
    fields.forEach { _, name, value in read(name, value) }
    if let code { status = Self.status(code, message, details, fields) }
    if let httpStatus { refusal = checkHTTP(httpStatus) }
  }

  private mutating func read(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
    switch name.count {
    case 7 where name.equals(":status"):
      httpStatus = Int(String(decoding: value, as: UTF8.self)) ?? 0
    case 11 where name.equals("grpc-status"): code = String(decoding: value, as: UTF8.self)
    case 12 where name.equals("content-type"): isGRPC = ContentType.isGRPC(value)
    case 12 where name.equals("grpc-message"): message = StatusMessage.decode(value)
    case 13 where name.equals("grpc-encoding"):
      if let known = MessageEncoding(name: value) {
        encoding = known
      } else {
        unknownEncoding = String(decoding: value, as: UTF8.self)
      }
    case 23 where name.equals("grpc-status-details-bin"):
      details = Base64.decode(value) ?? []
    default: break
    }
  }

  private func checkHTTP(_ httpStatus: Int) -> RPCError? {
    // A grpc-status comes from a gRPC server whatever the HTTP status is.
    if httpStatus != 200 {
      guard case .failure(let error) = status else { return Self.error(forHTTP: httpStatus) }
      return error
    }
    guard isGRPC else {
      return RPCError(.unknown, "the response's content-type is not application/grpc")
    }
    if let name = unknownEncoding {
      return RPCError(.internal, "the response has the unsupported grpc-encoding \(name)")
    }
    return nil
  }

  private static func status(
    _ code: String, _ message: String, _ details: [UInt8], _ fields: HeaderBlock
  ) -> Result<Void, RPCError> {
    // Digits only; `Int` would take a sign as well.
    let isNumber = code.utf8.allSatisfy { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
    let known = isNumber ? Int(code).flatMap(StatusCode.init(rawValue:)) : nil
    if known == .ok { return .success(()) }
    var error = RPCError(
      known ?? .unknown, message.isEmpty && known == nil ? "grpc-status \(code)" : message,
      statusDetails: details, trailers: Metadata(fields))
    error.isFromServer = true
    return .failure(error)
  }

  /// https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md
  private static func error(forHTTP status: Int) -> RPCError {
    let code: StatusCode =
      switch status {
      case 400: .internal
      case 401: .unauthenticated
      case 403: .permissionDenied
      case 404: .unimplemented
      case 429, 502, 503, 504: .unavailable
      default: .unknown
      }
    return RPCError(code, "the server answered with HTTP status \(status)")
  }
}
