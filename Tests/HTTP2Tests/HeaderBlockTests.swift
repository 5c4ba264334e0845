import Testing

@testable import HTTP2

@Suite struct HeaderBlockTests {
  @Test func `fields come out in the order they went in, empty values and repeats included`() {
    var block = HeaderBlock([("a", "1"), ("b", "")])
    block.append("a", "2")
    var seen: [String] = []
    block.forEach { _, name, value in
      seen.append(
        String(decoding: name, as: UTF8.self) + "=" + String(decoding: value, as: UTF8.self))
    }
    #expect(seen == ["a=1", "b=", "a=2"])
    #expect(block["a"] == "1")
    #expect(block["missing"] == nil)
  }

  @Test func `the size counts names, values and 32 bytes a field`() {
    #expect(HeaderBlock().listBytes == 0)
    #expect(HeaderBlock([("ab", "cde"), ("f", "")]).listBytes == 5 + 32 + 1 + 32)
  }

  @Test func `a body gives its bytes out in order across any reads`() {
    var body = OutboundBody()
    var expected: [UInt8] = []
    var drained: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1_000)
    for round in 0..<2_000 {
      let chunk = (0..<(round % 97)).map { UInt8(truncatingIfNeeded: round &+ $0) }
      expected += chunk
      chunk.withUnsafeBytes { body.append($0) }
      let count = buffer.withUnsafeMutableBytes {
        body.drain(into: .init(rebasing: $0[..<(round * 7 % 61)]))
      }
      drained += buffer.prefix(count)
    }
    while body.count > 0 {
      let count = buffer.withUnsafeMutableBytes { body.drain(into: $0) }
      drained += buffer.prefix(count)
    }
    #expect(drained == expected)
  }
}
