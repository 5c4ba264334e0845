import HTTP2
import NIOCore

/// A request's header section, checked against PROTOCOL-HTTP2.md, "Requests".
struct RequestHead {
  let fields: HeaderBlock
  let path: HeaderBlock.Field

  /// The client's deadline, counted from the head's arrival; nil for none.
  let timeout: TimeAmount?

  /// How its messages are compressed, those that are.
  let encoding: MessageEncoding

  /// Why a request is not a call we can serve.
  enum Refusal: Error {
    case notPOST
    case notGRPC
    case encoding(String)
    case malformed(RPCError)
  }

  init(_ fields: HeaderBlock) throws(Refusal) {
    var reader = Reader()
    try fields.forEach { field, name, value throws(Refusal) in
      try reader.read(field, name, value)
    }
    guard reader.isPOST else { throw .notPOST }
    guard reader.isGRPC else { throw .notGRPC }
    if let name = reader.unknownEncoding { throw .encoding(name) }
    if let fault = reader.fault { throw .malformed(fault) }
    // nghttp2 has refused a request without :path.
    guard let path = reader.path else { throw .malformed(RPCError(.internal, "no :path")) }
    self.fields = fields
    self.path = path
    timeout = reader.timeout
    encoding = reader.encoding
  }

  /// The fields that matter, in whatever order they come. Faults wait until the end, so that the
  /// answer does not depend on the order.
  private struct Reader {
    var path: HeaderBlock.Field?
    var isPOST = false
    var isGRPC = false
    var timeout: TimeAmount?
    var encoding = MessageEncoding.identity
    var unknownEncoding: String?
    var fault: RPCError?

    mutating func read(
      _ field: HeaderBlock.Field, _ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer
    ) throws(Refusal) {
      switch name.count {
      case 5 where name.equals(":path"): path = field
      case 7 where name.equals(":method"): isPOST = value.equals("POST")
      case 12 where name.equals("content-type"): isGRPC = ContentType.isGRPC(value)
      case 12 where name.equals("grpc-timeout"): readTimeout(value)
      case 13 where name.equals("grpc-encoding"):
        readEncoding(value)
      default:
        if name.count > 4, UnsafeRawBufferPointer(rebasing: name.suffix(4)).equals("-bin"),
          !Metadata.isReadable(value)
        {
          let name = String(decoding: name, as: UTF8.self)
          fault = RPCError(.internal, "the metadata \(name) is not base64")
        }
      }
    }

    private mutating func readEncoding(_ value: UnsafeRawBufferPointer) {
      if let known = MessageEncoding(name: value) {
        encoding = known
      } else {
        unknownEncoding = String(decoding: value, as: UTF8.self)
      }
    }

    private mutating func readTimeout(_ value: UnsafeRawBufferPointer) {
      timeout = Timeout.decode(value)
      guard timeout == nil else { return }
      fault = RPCError(
        .invalidArgument,
        "grpc-timeout is ill-formed: it takes 1 to 8 digits and one of H M S m u n")
    }
  }
}

enum ContentType {
  /// `application/grpc`, alone or followed by `+` or `;`.
  static func isGRPC(_ value: UnsafeRawBufferPointer) -> Bool {
    let expected: StaticString = "application/grpc"
    let count = expected.utf8CodeUnitCount
    guard value.count >= count,
      UnsafeRawBufferPointer(rebasing: value.prefix(count)).equals(expected)
    else { return false }
    return value.count == count || value[count] == UInt8(ascii: "+")
      || value[count] == UInt8(ascii: ";")
  }
}

extension UnsafeRawBufferPointer {
  func equals(_ text: StaticString) -> Bool {
    guard count == text.utf8CodeUnitCount else { return false }
    for index in 0..<count where self[index] != text.utf8Start[index] { return false }
    return true
  }
}
