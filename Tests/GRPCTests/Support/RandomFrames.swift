import TestSupport

/// Frames of one side of a connection, each well-formed by itself, in an order of chance: what they
/// amount to may be a call, nonsense, or a breach of the protocol.
struct RandomFrames {
  enum Side { case client, server }

  private let side: Side

  /// Every stream there has been; those on which this side has said something, and those on which it
  /// has said that it is done.
  private(set) var streams: [UInt32]
  private var begunStreams: Set<UInt32> = []
  private var endedStreams: Set<UInt32> = []

  /// GOAWAY was among them: the other side may close without a word.
  private(set) var saidGoAway = false

  /// - Parameter streams: those that a client has opened before.
  init(_ side: Side, streams: [UInt32] = []) {
    self.side = side
    self.streams = streams
  }

  mutating func next(_ random: inout SeededRandom) -> [UInt8] {
    guard !streams.isEmpty else { return head(&random) }
    switch Int.random(in: 0..<100, using: &random) {
    case 0..<25: return head(&random)
    case 25..<55: return data(&random)
    case 55..<63: return trailers(&random)
    case 63..<69:
      let stream = anyStream(&random)
      endedStreams.insert(stream)
      return RawFrame.reset(stream: stream, code: UInt32.random(in: 0...14, using: &random))
    case 69..<77:
      return RawFrame.windowUpdate(
        stream: Bool.random(using: &random) ? 0 : anyStream(&random),
        [1, 100, 1_000, 10_000, 65_535, 0x7FFF_FFFF].randomElement(using: &random)!)
    default: return control(&random)
    }
  }

  // MARK: Streams

  /// Also one that has ended.
  private func anyStream(_ random: inout SeededRandom) -> UInt32 {
    streams.randomElement(using: &random)!
  }

  /// Mostly one of those that go on, begun or not, since anything on others may end the connection.
  private func openStream(isBegun: Bool, _ random: inout SeededRandom) -> UInt32? {
    guard Int.random(in: 0..<40, using: &random) > 0 else { return anyStream(&random) }
    return streams.filter { !endedStreams.contains($0) && begunStreams.contains($0) == isBegun }
      .randomElement(using: &random)
  }

  private mutating func lastFlag(_ stream: UInt32, oneIn count: Int, _ random: inout SeededRandom)
    -> UInt8
  {
    guard Int.random(in: 0..<count, using: &random) == 0 else { return 0 }
    endedStreams.insert(stream)
    return 1
  }

  // MARK: Messages

  private mutating func head(_ random: inout SeededRandom) -> [UInt8] {
    if side == .client { streams.append(streams.last.map { $0 + 2 } ?? 1) }
    guard let stream = side == .client ? streams.last : openStream(isBegun: false, &random) else {
      return control(&random)
    }
    begunStreams.insert(stream)
    let fields = side == .client ? request(&random) : response(&random)
    return section(fields, stream, lastFlag(stream, oneIn: 6, &random), &random)
  }

  private func request(_ random: inout SeededRandom) -> [(String, String)] {
    let path = ["Unary", "Collect", "Repeat", "Chat", "Unknown"].randomElement(using: &random)!
    let method = Int.random(in: 0..<20, using: &random) == 0 ? "GET" : "POST"
    let fields = [
      (":method", method), (":scheme", "http"), (":path", "/test.Echo/\(path)"),
      (":authority", "test"), ("content-type", "application/grpc"),
    ]
    let more = [
      ("grpc-timeout", "1n"), ("grpc-timeout", "x"), ("grpc-encoding", "gzip"),
      ("grpc-encoding", "zstd"), ("x-bin", "A,!"), ("x", String(repeating: "y", count: 9_000)),
      ("content-length", "7"),
    ]
    return Bool.random(using: &random) ? fields : fields + [more.randomElement(using: &random)!]
  }

  private func response(_ random: inout SeededRandom) -> [(String, String)] {
    let fields = [(":status", "200"), ("content-type", "application/grpc")]
    let large = String(repeating: "y", count: 40_000)
    let others = [
      [(":status", "103")], [(":status", "503")], [(":status", "200")], [("grpc-status", "0")],
      fields + [("grpc-status", "5"), ("grpc-message", "%zz")], fields + [("x-bin", "A,!")],
      fields + [("grpc-encoding", "gzip")], fields + [("grpc-encoding", "zstd")],
      // Over the client's limit as two fields; nghttp2 takes no single one of this size.
      fields + [("x", large), ("x", large)],
    ]
    return Bool.random(using: &random) ? fields : others.randomElement(using: &random)!
  }

  private mutating func trailers(_ random: inout SeededRandom) -> [UInt8] {
    guard let stream = openStream(isBegun: true, &random) else { return head(&random) }
    let status = String(Int.random(in: 0...20, using: &random))
    let fields = side == .client ? [("x", "y")] : [("grpc-status", status)]
    // Without END_STREAM they are no trailers.
    let isLast = Int.random(in: 0..<10, using: &random) > 0
    if isLast { endedStreams.insert(stream) }
    return section(fields, stream, isLast ? 1 : 0, &random)
  }

  /// In one frame, or as many as it must or chance will have it.
  private func section(
    _ fields: [(String, String)], _ stream: UInt32, _ flags: UInt8, _ random: inout SeededRandom
  ) -> [UInt8] {
    var rest = RawFrame.block(fields)[...]
    var type: UInt8 = 1
    var frames: [UInt8] = []
    let isSplit = Int.random(in: 0..<10, using: &random) == 0
    repeat {
      let most = isSplit ? Int.random(in: 1...max(1, rest.count), using: &random) : 16_384
      let part = rest.prefix(min(most, 16_384))
      rest = rest.dropFirst(part.count)
      let ending: UInt8 = rest.isEmpty ? 4 : 0
      frames += RawFrame.frame(
        type: type, flags: (type == 1 ? flags : 0) | ending, stream: stream, Array(part))
      type = 9
    } while !rest.isEmpty
    return frames
  }

  private mutating func data(_ random: inout SeededRandom) -> [UInt8] {
    guard let stream = openStream(isBegun: true, &random) else { return head(&random) }
    let many = Int.random(in: 1...40, using: &random)
    let payloads: [[UInt8]] = [
      Wire.framed("hello"), Wire.framed(""),
      Array(repeatElement(Wire.framed("x"), count: many).joined()), [], [0, 0], [0, 0, 0, 0, 9, 1],
      [7, 0, 0, 0, 0], [0, 0xFF, 0xFF, 0xFF, 0xFF],
      [1, 0, 0, 0, 3, 0x1F, 0x8B, 8], [0, 0, 0, 0x3F, 0xF0] + [UInt8](repeating: 1, count: 0x3FF0),
    ]
    let flags = lastFlag(stream, oneIn: 4, &random)
    let payload = payloads.randomElement(using: &random)!
    guard Int.random(in: 0..<10, using: &random) == 0, payload.count < 16_000 else {
      return RawFrame.frame(type: 0, flags: flags, stream: stream, payload)
    }
    let padding = UInt8.random(in: 0...255, using: &random)
    return RawFrame.frame(
      type: 0, flags: flags | 8, stream: stream,
      [padding] + payload + [UInt8](repeating: 0, count: Int(padding)))
  }

  // MARK: The connection

  private mutating func control(_ random: inout SeededRandom) -> [UInt8] {
    switch Int.random(in: 0..<20, using: &random) {
    case 0..<7: return RawFrame.settings([setting(&random)])
    case 7..<12: return RawFrame.ping
    case 12..<14: return RawFrame.frame(type: 6, flags: 1, [1, 2, 3, 4, 5, 6, 7, 8])
    case 14..<16: return RawFrame.frame(type: 2, stream: anyStream(&random), [0, 0, 0, 1, 15])
    case 16..<18: return RawFrame.frame(type: 0x7F, stream: anyStream(&random), [1, 2, 3])
    case 18:
      guard side == .server, Bool.random(using: &random) else { return RawFrame.ping }
      // A push, which nobody asked for.
      let promise: [UInt8] = [0, 0, 0, 2] + RawFrame.block(RawFrame.requestFields)
      return RawFrame.frame(type: 5, flags: 4, stream: anyStream(&random), promise)
    default:
      saidGoAway = true
      let last = UInt8.random(in: 0...9, using: &random)
      return RawFrame.frame(
        type: 7, [0, 0, 0, last, 0, 0, 0, UInt8.random(in: 0...14, using: &random)])
    }
  }

  /// Of those that have a meaning, with values that they may have, and one that has none.
  private func setting(_ random: inout SeededRandom) -> (UInt16, UInt32) {
    [
      (1, [0, 100, 4_096, 1 << 20]), (3, [0, 1, 100]), (4, [0, 1, 65_535, 1 << 20]),
      (5, [16_384, 1 << 20]), (6, [0, 100, 1 << 20]), (0x99, [7]),
    ].map { ($0.0, $0.1.randomElement(using: &random)!) }.randomElement(using: &random)!
  }
}
