import HTTP2
import NIOCore
import NIOEmbedded
import TestSupport
import Testing

@testable import GRPC

/// Good frames in an order of chance, against our server and against our client. The seed is
/// printed; `FUZZ_SEED=n` runs the same again.
@Suite struct FrameOrderFuzzTests {
  private static let pingAnswer = RawFrame.frame(type: 6, flags: 1, [8, 7, 6, 5, 4, 3, 2, 1])
  private static let ping = RawFrame.frame(type: 6, [8, 7, 6, 5, 4, 3, 2, 1])

  /// What a side holds for the messages of a conversation: its bytes, and what each costs besides.
  private func bound(_ sentBytes: Int) -> Int { sentBytes * (1 + Limits.messageOverheadBytes / 5) }

  /// A side that ends a connection says GOAWAY before.
  private func saysWhy(_ output: [UInt8]) -> Bool {
    describeFrames(output).contains { $0.hasPrefix("GOAWAY") }
  }

  @Test func `a server serves what comes in any order, or says why it ends the connection`() throws
  {
    var random = SeededRandom.announced(for: "a client's frames in any order")
    var survivors = 0
    var answers = 0
    for _ in FuzzRounds(1_000) {
      let wire = try Wire(connects: false)
      var frames = RandomFrames(.client)
      var output: [UInt8] = []
      var sentBytes = 0
      try wire.inject(RawFrame.preface + RawFrame.settings())
      for _ in 0..<Int.random(in: 1...40, using: &random) where wire.isOpen {
        let frame = frames.next(&random)
        sentBytes += frame.count
        for piece in pieces(of: frame, &random) where wire.isOpen { try wire.inject(piece) }
        wire.loop.run()
        output += try wire.takeOutput().readableBytesView
        #expect(wire.connection.openStreams <= frames.streams.count)
        #expect(wire.connection.heldBytes <= bound(sentBytes))
      }
      answers += describeFrames(output).count { $0.hasPrefix("HEADERS") }
      if wire.isOpen {
        survivors += 1
        try wire.inject(Self.ping)
        wire.loop.run()
        let answer = try Array(wire.takeOutput().readableBytesView)
        #expect(answer.suffix(Self.pingAnswer.count) == Self.pingAnswer[...])
      } else {
        let isExplained = frames.saidGoAway || saysWhy(output)
        #expect(isExplained, "\(describeFrames(output))")
      }
      try wire.disconnect()
      #expect(wire.finished.value == 1)
      #expect(wire.connection.runningHandlers == 0)
      #expect(wire.connection.heldBytes == 0)
    }
    #expect(survivors > 0)
    #expect(answers > 0)
  }

  @Test func `a client ends its calls whatever comes in any order, or says why it leaves`() throws {
    var random = SeededRandom.announced(for: "a server's frames in any order")
    var survivors = 0
    var served = 0
    for _ in FuzzRounds(500) {
      let wire = try ClientWire()
      for _ in 0..<4 { wire.call(nil) }
      for _ in 0..<4 { wire.call(ByteBuffer(repeating: 7, count: 100_000)) }
      var frames = RandomFrames(.server, streams: [1, 3, 5, 7, 9, 11, 13, 15])
      var output = try Array(wire.takeOutput().dropFirst(RawFrame.preface.count))
      var sentBytes = 0
      try wire.inject(RawFrame.settings())
      for _ in 0..<Int.random(in: 1...40, using: &random) where wire.isOpen {
        let frame = frames.next(&random)
        sentBytes += frame.count
        for piece in pieces(of: frame, &random) where wire.isOpen { try wire.inject(piece) }
        output += try wire.takeOutput()
        #expect(wire.connection.openStreams <= wire.calls.count)
        let waitingBytes = wire.calls.reduce(0) { $0 + $1.inbound.waitingBytes }
        #expect(waitingBytes <= bound(sentBytes))
      }
      if wire.isOpen {
        survivors += 1
        try wire.inject(Self.ping)
        let answer = try wire.takeOutput()
        #expect(answer.suffix(Self.pingAnswer.count) == Self.pingAnswer[...])
      } else {
        let isExplained = frames.saidGoAway || wire.connection.fault != nil || saysWhy(output)
        #expect(isExplained, "\(describeFrames(output))")
      }
      wire.disconnect()
      let finished = wire.calls.count { $0.isFinished }
      #expect(finished == wire.calls.count)
      #expect(wire.connection.openStreams == 0)
      served += wire.calls.count { !$0.initialMetadata.isEmpty || $0.inbound.waitingBytes > 0 }
    }
    #expect(survivors > 0)
    #expect(served > 0)
  }

  /// Mostly whole, sometimes cut in two.
  private func pieces(of bytes: [UInt8], _ random: inout SeededRandom) -> [[UInt8]] {
    guard Int.random(in: 0..<4, using: &random) == 0 else { return [bytes] }
    let cut = Int.random(in: 1..<bytes.count, using: &random)
    return [Array(bytes[..<cut]), Array(bytes[cut...])]
  }
}
