import EventCore
import Testing

@testable import Messages

struct NestingTests {
  static let unknownLevels = [UInt8].nested(10_000, in: 99)

  @Test func `nesting is taken to the limit and refused past it`() throws {
    try check(.nested(MessageLimits.depthMax - 1, in: 1))
    let error = try #require(throws: GatewayError.self) {
      try check(.nested(MessageLimits.depthMax, in: 1))
    }
    #expect(error.reason == .nestingTooDeep)
  }

  @Test func `10,000 levels are refused`() throws {
    let error = try #require(throws: GatewayError.self) { try check(.nested(10_000, in: 1)) }
    #expect(error.reason == .nestingTooDeep)
  }

  @Test func `text at the deepest level is checked`() throws {
    let depth = MessageLimits.depthMax - 1
    let bytes = (0..<depth).reduce([UInt8].field(2, bytes: [0xFF])) { inner, _ in
      .field(1, bytes: inner)
    }
    let error = try #require(throws: GatewayError.self) { try check(bytes) }
    #expect(error.reason == .invalidUTF8)
    let path = Array(repeating: "next", count: depth) + ["text"]
    #expect(error.violations.map(\.field) == [path.joined(separator: ".")])
  }

  @Test(arguments: MessageType.all)
  func `10,000 levels in a field that is not known are skipped, not entered`(type: MessageType)
    throws
  {
    #expect(try type.repack(Self.unknownLevels, .server) == type.repack([], .server))
  }

  @Test func `no message of the contract comes near the limit`() {
    let depth = MessageType.all.map(\.shape.depth).max() ?? 0
    #expect(depth <= MessageLimits.depthMax / 4)
  }

  private func check(_ bytes: [UInt8]) throws {
    let type = RecursiveType()
    try bytes.withUnsafeBytes { try WireCheck.run($0, as: type.descriptor) }
  }
}

extension MessageShape {
  /// Levels of messages in messages, itself included.
  fileprivate var depth: Int { 1 + (fields.compactMap { $0.message?.depth }.max() ?? 0) }
}
