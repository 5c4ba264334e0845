import EventCore
import Messages
import Testing

struct EnumerationTests {
  @Test func `a packed list, an unpacked one and a mix are the same`() throws {
    let states: [Invocation.State] = [.pending, .succeeded, .failed]
    let forms: [[UInt8]] = [
      .field(6, bytes: [1, 4, 5]),
      .field(6, varint: 1) + .field(6, varint: 4) + .field(6, varint: 5),
      .field(6, varint: 1) + .field(6, bytes: [4, 5]),
      .field(6, bytes: [1]) + .field(6, bytes: []) + .field(6, bytes: [4, 5]),
    ]
    for bytes in forms { #expect(try ListInvocationsRequest(bytes).states == states) }
  }

  /// 2^32 - 1 and 2^64 - 1 are -1 as a program in C and one in C++ write it.
  static let unknown: [UInt64] = [8, 127, 1 << 31 - 1, 1 << 31, 1 << 32 - 1, .max]

  @Test(arguments: unknown)
  func `an unknown value in a list is refused by name`(value: UInt64) throws {
    for bytes in [[UInt8].field(6, varint: value), .field(6, bytes: .varint(1) + .varint(value))] {
      let error = try #require(throws: GatewayError.self) { try ListInvocationsRequest(bytes) }
      #expect(error.reason == .fieldInvalid)
      #expect(error.violations.map(\.field) == ["states"])
    }
  }

  @Test func `UNSPECIFIED in a list is refused by name`() throws {
    let error = try #require(throws: GatewayError.self) {
      try ListInvocationsRequest(.field(6, bytes: [1, 0]))
    }
    #expect(error.violations.map(\.field) == ["states"])
  }

  @Test(arguments: unknown)
  func `an unknown value is refused by its path`(value: UInt64) throws {
    let error = try #require(throws: GatewayError.self) {
      try Accepted(.field(1, bytes: .field(13, varint: value)), from: .server)
    }
    #expect(error.violations.map(\.field) == ["trigger.state"])
  }

  @Test func `a negative value is named as what it is`() throws {
    let error = try #require(throws: GatewayError.self) {
      try Summary(.field(2, varint: .max), from: .server)
    }
    #expect(error.message == "state has the unknown value -1")
  }

  @Test func `a packed list that breaks off inside a value is refused`() throws {
    let error = try #require(throws: GatewayError.self) {
      try ListInvocationsRequest(.field(6, bytes: [1, 0x80]))
    }
    #expect(error.reason == .malformedMessage)
  }

  @Test func `a packed value of 11 bytes is refused`() throws {
    let value = [UInt8].repeated([0x81], count: 10) + [1]
    let error = try #require(throws: GatewayError.self) {
      try ListInvocationsRequest(.field(6, bytes: value))
    }
    #expect(error.reason == .malformedMessage)
  }

  @Test func `UNSPECIFIED leaves the default`() throws {
    #expect(try Summary(.field(2, varint: 0), from: .server).state == .accepted)
  }
}
