/// Hand-built bytes for what a well-behaved peer never sends (RFC 9113 section 4.1).
package enum RawFrame {
  package static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

  package static func frame(
    type: UInt8, flags: UInt8 = 0, stream: UInt32 = 0, _ payload: [UInt8] = []
  ) -> [UInt8] {
    let length = UInt32(payload.count)
    return [UInt8(length >> 16 & 0xFF), UInt8(length >> 8 & 0xFF), UInt8(length & 0xFF)]
      + [type, flags] + bigEndian(stream) + payload
  }

  package static func data(_ payload: [UInt8], stream: UInt32, isLast: Bool = false) -> [UInt8] {
    frame(type: 0, flags: isLast ? 1 : 0, stream: stream, payload)
  }

  package static func headers(
    _ fields: [(String, String)], stream: UInt32, isLast: Bool = false, isComplete: Bool = true
  ) -> [UInt8] {
    let flags: UInt8 = (isLast ? 1 : 0) | (isComplete ? 4 : 0)
    return frame(type: 1, flags: flags, stream: stream, block(fields))
  }

  package static func continuation(
    _ fields: [(String, String)], stream: UInt32, isComplete: Bool
  ) -> [UInt8] {
    frame(type: 9, flags: isComplete ? 4 : 0, stream: stream, block(fields))
  }

  package static func reset(stream: UInt32, code: UInt32 = 8) -> [UInt8] {
    frame(type: 3, stream: stream, bigEndian(code))
  }

  package static func settings(_ entries: [(UInt16, UInt32)] = []) -> [UInt8] {
    frame(
      type: 4, entries.flatMap { [UInt8($0.0 >> 8), UInt8($0.0 & 0xFF)] + bigEndian($0.1) })
  }

  package static let ping = frame(type: 6, [1, 2, 3, 4, 5, 6, 7, 8])

  package static func windowUpdate(stream: UInt32, _ increment: UInt32) -> [UInt8] {
    frame(type: 8, stream: stream, bigEndian(increment))
  }

  /// HPACK literals without indexing and without Huffman (RFC 7541 section 6.2.2).
  package static func block(_ fields: [(String, String)]) -> [UInt8] {
    fields.flatMap { [0] + literal($0.0) + literal($0.1) }
  }

  /// A literal that the peer's table takes up (section 6.2.1).
  package static func indexed(_ name: String, _ value: String) -> [UInt8] {
    [0x40] + literal(name) + literal(value)
  }

  private static func literal(_ text: String) -> [UInt8] {
    var count = text.utf8.count
    guard count >= 127 else { return [UInt8(count)] + text.utf8 }
    var bytes: [UInt8] = [127]
    count -= 127
    while count >= 128 {
      bytes.append(UInt8(count & 127) | 128)
      count >>= 7
    }
    return bytes + [UInt8(count)] + text.utf8
  }

  private static func bigEndian(_ value: UInt32) -> [UInt8] {
    withUnsafeBytes(of: value.bigEndian) { Array($0) }
  }

  /// What a gRPC client's request begins with.
  package static let requestFields = [
    (":method", "POST"), (":scheme", "http"), (":path", "/s/M"), (":authority", "test"),
  ]
}

/// The frames in `bytes`, as lines such as `HEADERS 1 END_STREAM` or `RST_STREAM 1 8`.
package func describeFrames(_ bytes: [UInt8]) -> [String] {
  let names = [
    "DATA", "HEADERS", "PRIORITY", "RST_STREAM", "SETTINGS", "PUSH_PROMISE", "PING", "GOAWAY",
    "WINDOW_UPDATE", "CONTINUATION",
  ]
  var lines: [String] = []
  var rest = bytes[...]
  while rest.count >= 9 {
    let head = Array(rest.prefix(9))
    let length = Int(head[0]) << 16 | Int(head[1]) << 8 | Int(head[2])
    let payload = Array(rest.dropFirst(9).prefix(length))
    let stream = head[5...8].reduce(0) { $0 << 8 | UInt32($1) }
    var line = "\(names[Int(head[3])]) \(stream)"
    switch head[3] {
    case 0, 1: if head[4] & 1 != 0 { line += " END_STREAM" }
    case 3: line += " \(payload.reduce(0) { $0 << 8 | UInt32($1) })"
    case 4, 6: if head[4] & 1 != 0 { line += " ACK" }
    case 7: line += " \(payload[4...7].reduce(0) { $0 << 8 | UInt32($1) })"
    default: break
    }
    lines.append(line)
    rest = rest.dropFirst(9 + length)
  }
  return lines
}
