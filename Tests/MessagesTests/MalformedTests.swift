import EventCore
import Messages
import Testing

struct MalformedTests {
  /// What the wire format does not allow, or proto3 does not have.
  static let malformed: [(what: String, bytes: [UInt8])] = [
    ("field number 0", .field(0, varint: 1)),
    ("field number 0 with a length", .field(0, bytes: [1])),
    ("a field number of 2^29", .varint(1 << 32) + [1]),
    ("a tag of 2^64 - 1", .varint(.max)),
    ("a tag without a value", .tag(1, wireType: 0)),
    ("a tag that does not end", [0x8A]),
    ("a group's start", .tag(2, wireType: 3)),
    ("a group", .tag(2, wireType: 3) + .tag(2, wireType: 4)),
    ("a group in an unknown field", .tag(99, wireType: 3) + .tag(99, wireType: 4)),
    ("a group's end", .tag(2, wireType: 4)),
    ("wire type 6", .tag(2, wireType: 6) + [0]),
    ("wire type 7", .tag(99, wireType: 7) + [0]),
    ("a varint of 11 bytes", .tag(3, wireType: 0) + .repeated([0x80], count: 10) + [0]),
    ("a varint without an end", .tag(3, wireType: 0) + .repeated([0xFF], count: 9)),
    ("a length past the end", .tag(2, wireType: 2) + [2, 0x61]),
    ("a length of 2^31 - 1", .tag(2, wireType: 2) + .varint(1 << 31 - 1) + [0x61]),
    ("a length of 2^32", .tag(2, wireType: 2) + .varint(1 << 32) + [0x61]),
    ("a length of 2^32 + 1", .tag(2, wireType: 2) + .varint(1 << 32 + 1) + [0x61]),
    ("a length of 2^63 - 1", .tag(2, wireType: 2) + .varint(1 << 63 - 1) + [0x61]),
    ("a length of 2^63", .tag(2, wireType: 2) + .varint(1 << 63) + [0x61]),
    ("a length of 2^64 - 1", .tag(2, wireType: 2) + .varint(.max) + [0x61]),
    ("a length past the end, unknown", .tag(99, wireType: 2) + [2, 0x61]),
    ("64 bits cut off", .tag(99, wireType: 1) + [1, 2, 3, 4, 5, 6, 7]),
    ("32 bits cut off", .tag(99, wireType: 5) + [1, 2, 3]),
    ("text as a varint", .field(2, varint: 1)),
    ("text as 64 bits", .field(2, double: 1)),
    ("a message as a varint", .field(1, varint: 1)),
    ("a number as text", .field(1, bytes: .field(10, text: "a"))),
    ("map entry as a varint", .field(1, bytes: .field(7, varint: 1))),
    ("a message cut off by the one around it", .field(1, bytes: .tag(1, wireType: 2) + [5])),
  ]

  @Test(arguments: malformed)
  func `bytes that are no message are refused`(what: String, bytes: [UInt8]) throws {
    let error = try #require(throws: GatewayError.self) { try CreateEventRequest(bytes) }
    #expect(error.reason == .malformedMessage)
    #expect(error.message.contains("is not a valid dispatch.events.v1."))
  }

  @Test func `the error says which field the message breaks off in`() throws {
    let event = [UInt8].field(7, bytes: .tag(1, wireType: 2) + [9])
    let error = try #require(throws: GatewayError.self) {
      try CreateEventRequest(.field(1, bytes: event))
    }
    #expect(error.message.hasSuffix("(in event.metadata)"))
  }

  @Test(arguments: MessageType.all)
  func `a message cut off inside a field is refused`(type: MessageType) throws {
    let sample = SampleMessage.bytes(of: type.shape)
    let ends = fieldEnds(sample)
    for size in sample.indices {
      let prefix = Array(sample[..<size])
      if ends.contains(size) {
        _ = try type.repack(prefix, .server)
      } else {
        let error = try #require(throws: GatewayError.self) { try type.repack(prefix, .server) }
        #expect(error.reason == .malformedMessage, "\(size) of \(sample.count) bytes")
      }
    }
  }

  static let wellFormed: [(what: String, bytes: [UInt8])] = [
    ("nothing", []),
    ("unknown fields", .field(99, varint: 1) + .field(98, double: 1) + .field(97, text: "a")),
    ("an unknown field of 32 bits", .tag(99, wireType: 5) + [1, 2, 3, 4]),
    ("the highest field number", .field(1 << 29 - 1, varint: 1)),
    ("a varint of 10 bytes", .field(3, varint: .max)),
    ("a length with leading zeros", .tag(2, wireType: 2) + [0x81, 0x80, 0x00, 0x61]),
    ("fields out of order", .field(3, varint: 1) + .field(2, text: "a")),
  ]

  @Test(arguments: wellFormed)
  func `odd but valid bytes are taken`(what: String, bytes: [UInt8]) throws {
    _ = try CreateEventRequest(bytes)
  }

  /// Where the message's own fields end; a message may end there and still be well-formed.
  private func fieldEnds(_ bytes: [UInt8]) -> Set<Int> {
    bytes.withUnsafeBytes { buffer in
      var ends: Set<Int> = [0]
      for size in buffer.indices {
        var reader = WireReader(UnsafeRawBufferPointer(rebasing: buffer[..<size]))
        do { while try reader.next() != nil {} } catch { continue }
        ends.insert(size)
      }
      return ends
    }
  }
}
