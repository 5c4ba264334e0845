import NIOCore
import Testing

@testable import GRPC
@testable import HTTP2

/// The small formats inside headers and bodies.
@Suite struct WireFormatTests {
  // MARK: grpc-message

  @Test(arguments: [
    ("plain text", "plain text"), ("100%", "100%25"), ("a\nb", "a%0Ab"), ("ü", "%C3%BC"),
    ("\u{7F}~", "%7F~"), ("", ""),
  ])
  func `a message is percent-encoded and comes back`(_ message: String, _ encoded: String) {
    #expect(String(decoding: StatusMessage.encode(message), as: UTF8.self) == encoded)
    #expect(decoded(encoded) == message)
  }

  @Test func `a broken escape stays as it is`() {
    #expect(decoded("50% off %zz %4") == "50% off %zz %4")
    #expect(decoded("%c3%bC") == "ü")
  }

  @Test func `a long message is cut between characters`() {
    #expect(StatusMessage.encode("aaü", bytesMax: 3) == Array("aa".utf8))
    #expect(StatusMessage.encode("aaü", bytesMax: 4) == Array("aa%C3%BC".utf8))
  }

  private func decoded(_ text: String) -> String {
    Array(text.utf8).withUnsafeBytes(StatusMessage.decode)
  }

  // MARK: grpc-timeout

  @Test(arguments: [
    ("1H", 3_600_000_000_000), ("2M", 120_000_000_000), ("3S", 3_000_000_000), ("4m", 4_000_000),
    ("5u", 5_000), ("6n", 6), ("99999999H", Int64.max), ("0S", 0),
  ])
  func `a timeout is read in every unit`(_ text: String, _ ns: Int64) {
    #expect(Array(text.utf8).withUnsafeBytes(Timeout.decode) == .nanoseconds(ns))
  }

  @Test(arguments: [
    (0, "0n"), (-5, "0n"), (99_999_999, "99999999n"), (100_000_000, "100000u"),
    (100_000_001, "100001u"), (5_000_000_000, "5000000u"), (Int64.max, "2562048H"),
  ])
  func `a timeout is written in eight digits and never shortened`(_ ns: Int64, _ text: String) {
    #expect(Timeout.encode(.nanoseconds(ns)) == text)
    let back = Array(text.utf8).withUnsafeBytes(Timeout.decode)!
    #expect(back.nanoseconds >= max(0, ns))
  }

  // MARK: Metadata

  @Test func `names are checked`() throws {
    var metadata = Metadata()
    #expect(throws: Metadata.Fault.reserved("grpc-timeout")) {
      try metadata.add("1S", for: "grpc-timeout")
    }
    #expect(throws: Metadata.Fault.reserved("content-type")) {
      try metadata.add("x", for: "Content-Type")
    }
    #expect(throws: Metadata.Fault.name("")) { try metadata.add("x", for: "") }
    #expect(throws: Metadata.Fault.name(":path")) { try metadata.add("x", for: ":path") }
    #expect(throws: Metadata.Fault.name("a b")) { try metadata.add("x", for: "a b") }
    #expect(throws: Metadata.Fault.kind(name: "x-bin")) { try metadata.add("x", for: "x-bin") }
    #expect(throws: Metadata.Fault.kind(name: "x")) { try metadata.add(binary: [1], for: "x") }
    #expect(throws: Metadata.Fault.value(name: "x")) { try metadata.add("a\nb", for: "x") }
    #expect(throws: Metadata.Fault.value(name: "x")) { try metadata.add(" a", for: "x") }
    #expect(metadata.isEmpty)
  }

  @Test func `repeated names keep their values in order`() throws {
    var metadata: Metadata = ["a": "1"]
    try metadata.add("2", for: "A")
    #expect(metadata.texts(named: "a") == ["1", "2"])
    #expect(metadata["a"] == "1")
    metadata.removeAll(named: "a")
    #expect(metadata.isEmpty)
  }

  @Test func `binary values joined by a proxy are taken apart`() {
    let block = HeaderBlock([("x-bin", "AQ, Ag==,Aw"), ("te", "trailers"), ("y", "a,b")])
    let metadata = Metadata(block)
    #expect(metadata.binaries(named: "x-bin") == [[1], [2], [3]])
    #expect(metadata.texts(named: "y") == ["a,b"])
    #expect(metadata.count == 4)
  }

  @Test func `details over their limit are left out rather than the status`() {
    let atLimit = [UInt8](repeating: 1, count: Limits.statusDetailsBytesMax)
    let kept = ResponseFields.trailers(for: RPCError(.aborted, "m", statusDetails: atLimit))
    let cut = ResponseFields.trailers(for: RPCError(.aborted, "m", statusDetails: atLimit + [1]))
    #expect(kept["grpc-status-details-bin"] != nil)
    #expect(cut["grpc-status-details-bin"] == nil)
    #expect(cut["grpc-status"] == "10")
  }

  // MARK: Messages

  @Test func `messages come out whole whatever pieces they arrive in`() throws {
    var body = OutboundBody()
    let messages = [0, 1, 5, 300, 70_000].map { ByteBuffer(repeating: 9, count: $0) }
    for message in messages { MessageFraming.append(message, to: &body) }
    var bytes = [UInt8](repeating: 0, count: body.count)
    #expect(bytes.withUnsafeMutableBytes { body.drain(into: $0) } == bytes.count)
    for size in [1, 2, 3, 7, 1_000, 100_000] {
      var deframer = MessageDeframer(messageBytesMax: 70_000)
      var received: [ByteBuffer] = []
      for start in stride(from: 0, to: bytes.count, by: size) {
        try bytes[start..<min(start + size, bytes.count)].withUnsafeBytes { piece in
          var rest = piece
          while let message = try deframer.next(&rest) { received.append(message.bytes) }
        }
      }
      #expect(received == messages)
      #expect(deframer.isAtBoundary)
    }
  }

  // MARK: Router

  @Test func `every path is found among many, and no other`() {
    var router = Router()
    let paths = (0..<200).map { "/service.S\($0 % 7)/Method\($0)" }
    for path in paths { router.unary(path) { _, message in message } }
    for path in paths { #expect(Array(path.utf8).withUnsafeBytes(router.method) != nil) }
    for path in ["/service.S0/Method1", "", "/", "/service.S0/Method0x"] {
      #expect(Array(path.utf8).withUnsafeBytes(router.method) == nil)
    }
    #expect(router.services == (0..<7).map { "service.S\($0)" })
  }

  // MARK: RateLimit

  @Test func `a bucket gives its burst and then its rate`() {
    var limit = RateLimit(burst: 3, perSecond: 10)
    let start = NIODeadline.uptimeNanoseconds(1)
    let taken = [0, 0, 0, 0, 99, 100, 199, 60_000, 60_000, 60_000, 60_000].map {
      limit.take(now: start + .milliseconds($0))
    }
    #expect(
      taken == [true, true, true, false, false, true, false, true, true, true, false])
  }
}
