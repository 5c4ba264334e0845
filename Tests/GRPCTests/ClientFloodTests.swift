import HTTP2
import NIOCore
import TestSupport
import Testing

@testable import GRPC

/// Servers that cost a client more than they bring. Without sockets or real time.
@Suite struct ClientFloodTests {
  private func flooded(_ frame: [UInt8], count: Int) throws -> (ClientWire, output: [UInt8]) {
    let wire = try ClientWire()
    wire.call(ByteBuffer(string: "waits"))
    _ = try wire.takeOutput()
    try wire.inject(RawFrame.settings())
    _ = try wire.takeOutput()
    try wire.inject([UInt8](repeatElement(frame, count: count).joined()))
    return (wire, try wire.takeOutput())
  }

  @Test(arguments: [
    RawFrame.frame(type: 0x7F), RawFrame.windowUpdate(stream: 0, 1), RawFrame.ping,
    RawFrame.settings(),
  ])
  func `a server that floods is told so and left, and its calls end`(_ frame: [UInt8]) throws {
    let (wire, output) = try flooded(frame, count: 20_000)
    #expect(describeFrames(output).last == "GOAWAY 0 11")
    #expect(!wire.isOpen)
    let call = wire.calls[0]
    #expect(call.isFinished)
    guard case .failed(let error) = call.inbound.next() else {
      Issue.record("the call has no error")
      return
    }
    #expect(error.code == .unavailable)
  }

  @Test func `a server within its bound is kept`() throws {
    let (wire, output) = try flooded(RawFrame.windowUpdate(stream: 0, 1), count: 9_000)
    #expect(output.isEmpty)
    #expect(wire.isOpen)
    #expect(wire.connection.openStreams == 1)
  }
}
