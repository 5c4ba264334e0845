import HTTP2
import NIOCore
import Testing

@testable import GRPC

/// What calls may hold, of one connection and of all. Without sockets or real time.
@Suite struct CallMemoryTests {
  /// `/test.Big/Get` answers with 3 MB, of which a client that gives no window back takes 1 MiB.
  private var router: Router {
    var router = Router.echo
    router.unary("/test.Big/Get") { _, _ in ByteBuffer(repeating: 7, count: 3_000_000) }
    router.serverStreaming("/test.Big/Stream") { _, _, writer in
      while true { try await writer.write(ByteBuffer(repeating: 7, count: 3_000_000)) }
    }
    return router
  }

  private func status(_ wire: Wire, _ stream: HTTP2Stream) -> String? {
    wire.responses[stream.id]?.status
  }

  /// The start of a message of which `count` bytes come.
  private func part(_ count: Int) -> [UInt8] {
    [0, 0, 0x40, 0, 0] + Array(repeating: 1, count: count)
  }

  /// A connection that holds some 300,000 bytes of requests.
  private func hoarder(_ memory: CallMemory) throws -> Wire {
    let wire = try Wire(memory: memory)
    for _ in 0..<6 { try wire.open(Wire.head, part(50_000), isLast: false) }
    return wire
  }

  @Test func `a share may always be held, and more as long as there is memory`() {
    let all = CallMemory(bytesMax: 1_000_000)
    var other = ConnectionMemory(all)
    let memory = ConnectionMemory(all)
    let share = Limits.connectionShareBytes
    other.changed(to: 999_999)
    #expect(memory.allows(share + 1))
    other.changed(to: 1_000_000 + Limits.memoryStepBytes)
    #expect(memory.allows(share))
    #expect(!memory.allows(share + 1))
    other.release()
    #expect(memory.allows(share + 1))
  }

  @Test func `responses that wait are bounded for the connection as a whole`() throws {
    var limits = ServerLimits()
    limits.connectionHeldBytesMax = 5_000_000
    let wire = try Wire(router, limits: limits)
    wire.clientConsumes = false
    let streams = try (0..<3).map { _ in try wire.open(Wire.head("/test.Big/Get"), Wire.framed(""))
    }
    #expect(status(wire, streams[0]) == nil)
    #expect(status(wire, streams[1]) == nil)
    #expect(status(wire, streams[2]) == "8")
    for stream in streams.prefix(2) { try wire.reset(stream) }
    #expect(wire.connection.messageBytes == 0)
    #expect(try wire.echo("others go on") == "others go on")
  }

  @Test func `a stream of responses ends where they are over the bound`() throws {
    var limits = ServerLimits()
    limits.connectionHeldBytesMax = 2_999_999
    let wire = try Wire(router, limits: limits)
    let stream = try wire.open(Wire.head("/test.Big/Stream"), Wire.framed(""))
    #expect(status(wire, stream) == "8")
    #expect(wire.connection.runningHandlers == 0)
  }

  @Test func `what one connection hoards keeps others from much and from nothing small`() throws {
    let memory = CallMemory(bytesMax: 200_000)
    let hoarder = try hoarder(memory)
    let other = try Wire(router, memory: memory)
    #expect(try other.echo("small") == "small")
    let request = try other.open(Wire.head, part(200_000), isLast: false)
    #expect(status(other, request) == "8")
    let response = try other.open(Wire.head("/test.Big/Get"), Wire.framed(""))
    #expect(status(other, response) == "8")
    #expect(
      other.responses[response.id]?.message
        == "the server has no memory for more calls like this now")

    try hoarder.disconnect()
    let again = try other.open(Wire.head("/test.Big/Get"), Wire.framed(""))
    #expect(status(other, again) == "0")
    #expect(!memory.isUsedUp)
  }

  @Test func `open calls count, and every connection may have some`() throws {
    let memory = CallMemory(bytesMax: 200_000)
    let many = try Wire(memory: memory)
    let streams = try (0..<40).map { _ in try many.open(Wire.head("/test.Echo/Chat"), isLast: false)
    }
    #expect(status(many, streams[20]) == nil)
    #expect(status(many, streams[39]) == "8")
    let few = try Wire(memory: memory)
    for _ in 0..<14 { try few.open(Wire.head("/test.Echo/Chat"), isLast: false) }
    #expect(try few.echo("served") == "served")
    try many.disconnect()
    try few.disconnect()
    #expect(!memory.isUsedUp)
  }
}
