import HTTP2
import NIOCore
import TestSupport
import Testing

@testable import GRPC

/// Header fields and compressed messages of chance, past what nghttp2 would let through.
@Suite struct HeaderFuzzTests {
  private static let names = [
    ":method", ":path", ":scheme", ":authority", "content-type", "te", "grpc-timeout",
    "grpc-encoding", "grpc-accept-encoding", "grpc-status", "grpc-message",
    "grpc-status-details-bin", ":status", "x", "x-bin", "a.b-bin", "",
  ]

  private static let values = [
    "POST", "/a/B", "http", "application/grpc", "application/grpc+proto", "trailers", "1S",
    "99999999H", "gzip", "gzip,identity", "0", "16", "%E4%BD%A0", "%", "AAEC", "AA==,AQ", "200", "",
  ]

  private func block(_ random: inout SeededRandom) -> HeaderBlock {
    // Half of them begin as a good request.
    var block = Bool.random(using: &random) ? Wire.head("/a/B") : HeaderBlock()
    for _ in 0..<Int.random(in: 0...6, using: &random) {
      var value = Array(Self.values.randomElement(using: &random)!.utf8)
      if Bool.random(using: &random) {
        let place = Int.random(in: 0...value.count, using: &random)
        value.insert(UInt8.random(in: 0...255, using: &random), at: place)
      }
      let name = Array(Self.names.randomElement(using: &random)!.utf8)
      name.withUnsafeBytes { name in
        value.withUnsafeBytes { block.append(name: name, value: $0) }
      }
    }
    return block
  }

  @Test func `a head of chance is taken or refused, and its metadata is fit to be sent`() {
    var random = SeededRandom.announced(for: "heads")
    var (taken, refused) = (0, 0)
    for _ in FuzzRounds(20_000) {
      let fields = block(&random)
      do throws(RequestHead.Refusal) {
        let head = try RequestHead(fields)
        #expect(head.timeout.map { $0.nanoseconds >= 0 } ?? true)
        taken += 1
      } catch { refused += 1 }
      let status = ResponseHead(fields)
      if case .failure(let error) = status.status { #expect(error.code != .ok) }
      var sent = HeaderBlock()
      let metadata = Metadata(fields)
      metadata.write(to: &sent)
      #expect(Metadata(sent) == metadata)
    }
    #expect(taken > 0 && refused > 0)
  }

  @Test func `metadata of chance comes out as it went in`() throws {
    var random = SeededRandom.announced(for: "metadata")
    for _ in FuzzRounds(5_000) {
      var metadata = Metadata()
      for index in 0..<Int.random(in: 0...6, using: &random) {
        let count = Int.random(in: 0...20, using: &random)
        if Bool.random(using: &random) {
          let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
          try metadata.add(binary: bytes, for: "k\(index % 3)-bin")
        } else {
          let text = (0..<count).map { _ in UInt8.random(in: 0x21...0x7E, using: &random) }
          try metadata.add(String(decoding: text, as: UTF8.self), for: "k\(index % 3)")
        }
      }
      var sent = HeaderBlock()
      metadata.write(to: &sent)
      #expect(Metadata(sent) == metadata)
    }
  }

  @Test(arguments: [MessageEncoding.gzip, .deflate])
  func `damaged data inflates to no more than the limit, or says what is wrong`(
    _ encoding: MessageEncoding
  ) throws {
    var random = SeededRandom.announced(for: "\(encoding)")
    let text = (0..<4_000).map { "\($0 % 97) " }.joined()
    let message = ByteBuffer(string: text)
    let good = Array(
      try #require(Codecs.ofThisThread.deflater(encoding).compress(message)).readableBytesView)
    let inflater = Inflater()
    var survivors = 0
    for _ in FuzzRounds(4_000) {
      var bytes = good
      for _ in 0..<Int.random(in: 0...3, using: &random) {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = .random(
          in: 0...255, using: &random)
      }
      let limit = Int.random(in: 0...2 * text.utf8.count, using: &random)
      do throws(RPCError) {
        let out = try inflater.inflate(ByteBuffer(bytes: bytes), encoding, bytesMax: limit)
        #expect(out.readableBytes <= limit)
        // Both formats end in a checksum of the text.
        #expect(out == message)
        survivors += 1
      } catch {
        #expect(error.code == .internal || error.code == .resourceExhausted)
      }
    }
    #expect(survivors > 0)
  }
}
