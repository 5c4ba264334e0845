import HTTP2
import NIOCore
import NIOEmbedded
import TestSupport
import Testing

@testable import GRPC

/// Connections of chance. The seed is printed; `FUZZ_SEED=n` runs the same bytes again.
@Suite struct FrameFuzzTests {
  /// What a client sends for a call of each kind, a reset and a PING, from its preface on.
  private func conversation() throws -> [UInt8] {
    let client = HTTP2Session(.client, settings: .init())
    var bytes: [UInt8] = []
    func drain() throws { while let chunk = try client.nextOutput() { bytes += chunk } }
    for path in ["Unary", "Collect", "Repeat", "Chat"] {
      let stream = HTTP2Stream()
      Wire.framed("hello").withUnsafeBytes { stream.body.append($0) }
      if path != "Chat" { stream.body.finish() }
      let head = Wire.head("/test.Echo/\(path)", [("grpc-timeout", "5S"), ("x-bin", "AAEC")])
      try client.submitRequest(head, on: stream, hasBody: true)
      try drain()
      if path == "Chat" { client.reset(stream, .cancel) }
    }
    client.ping()
    try drain()
    return bytes
  }

  @Test func `mutated conversations end or go on, and leave no handler behind`() throws {
    var random = SeededRandom.announced(for: "frames")
    let original = try conversation()
    var survivors = 0
    for _ in FuzzRounds(1_500) {
      var bytes = original
      for _ in 0..<Int.random(in: 0...3, using: &random) { mutate(&bytes, &random) }
      let wire = try Wire(connects: false)
      try inject(bytes, into: wire, &random)
      #expect(wire.connection.openStreams <= 4)
      // Echoes of a few bytes, and the frames that say so.
      #expect(try wire.takeOutput().readableBytes < 64 * 1024)
      if wire.isOpen { survivors += 1 }
      try wire.disconnect()
      #expect(wire.finished.value == 1)
      #expect(wire.connection.runningHandlers == 0)
    }
    #expect(survivors > 0)
  }

  @Test func `frames of chance after a good preface end or go on`() throws {
    var random = SeededRandom.announced(for: "random frames")
    let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + [0, 0, 0, 4, 0, 0, 0, 0, 0]
    for _ in FuzzRounds(1_500) {
      let wire = try Wire(connects: false)
      var bytes = preface
      for _ in 0..<Int.random(in: 1...8, using: &random) {
        let count = UInt8.random(in: 0...40, using: &random)
        let kind = UInt8.random(in: 0...10, using: &random)
        let flags = UInt8.random(in: 0...255, using: &random)
        bytes += [0, 0, count, kind, flags, 0, 0, 0, UInt8.random(in: 0...5, using: &random)]
        bytes += (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
      }
      try inject(bytes, into: wire, &random)
      #expect(try wire.takeOutput().readableBytes < 64 * 1024)
      try wire.disconnect()
      #expect(wire.finished.value == 1)
      #expect(wire.connection.runningHandlers == 0)
    }
  }

  /// The length prefixes of a stream, whatever the pieces it comes in.
  @Test func `messages are cut out alike from any pieces`() throws {
    var random = SeededRandom.announced(for: "deframer")
    for _ in FuzzRounds(3_000) {
      let bytes = (0..<Int.random(in: 0...60, using: &random)).map { _ in
        // Mostly small numbers: prefixes of messages that end.
        Bool.random(using: &random) ? 0 : UInt8.random(in: 0...9, using: &random)
      }
      #expect(
        deframed([bytes[...]]) == deframed(pieces(of: bytes, &random)), "pieces of \(bytes)")
    }
  }

  // MARK: Chance

  /// The messages, and the error that ended them if there was one.
  private func deframed(_ pieces: [ArraySlice<UInt8>]) -> [String] {
    var deframer = MessageDeframer(messageBytesMax: 1_024)
    var found: [String] = []
    for piece in pieces {
      let isGood = piece.withUnsafeBytes { bytes in
        var rest = bytes
        do throws(RPCError) {
          while let message = try deframer.next(&rest) {
            found.append("\(message.bytes.readableBytesView.map { $0 })")
          }
          return true
        } catch {
          found.append("\(error.code) \(error.message)")
          return false
        }
      }
      guard isGood else { return found }
    }
    return found + ["\(deframer.isAtBoundary)"]
  }

  private func inject(_ bytes: [UInt8], into wire: Wire, _ random: inout SeededRandom) throws {
    for piece in pieces(of: bytes, &random) where wire.isOpen {
      try wire.inject(Array(piece))
      wire.loop.run()
    }
  }

  private func pieces(of bytes: [UInt8], _ random: inout SeededRandom) -> [ArraySlice<UInt8>] {
    var rest = bytes[...]
    var pieces: [ArraySlice<UInt8>] = []
    while !rest.isEmpty {
      let count = Int.random(in: 1...max(1, bytes.count / 2), using: &random)
      pieces.append(rest.prefix(count))
      rest = rest.dropFirst(count)
    }
    return pieces
  }

  private func mutate(_ bytes: inout [UInt8], _ random: inout SeededRandom) {
    // The preface stays: what breaks it is refused at once.
    let place = Int.random(in: 24..<bytes.count, using: &random)
    let end = min(bytes.count, place + Int.random(in: 1...40, using: &random))
    switch Int.random(in: 0..<4, using: &random) {
    case 0: bytes[place] ^= 1 << UInt8.random(in: 0...7, using: &random)
    case 1: bytes[place] = UInt8.random(in: 0...255, using: &random)
    case 2: bytes.insert(contentsOf: bytes[place..<end], at: place)
    default: bytes.removeSubrange(place..<end)
    }
  }
}
