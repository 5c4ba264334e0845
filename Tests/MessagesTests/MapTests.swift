import EventCore
import Testing

@testable import Messages

@Suite struct MapTests {
  /// Two entries of `metadata`, field 7, with the value "v".
  private func event(_ keys: String...) -> [UInt8] {
    keys.flatMap { key -> [UInt8] in
      let entry = [0x0A, UInt8(key.utf8.count)] + Array(key.utf8) + [0x12, 1, 0x76]
      return [0x3A, UInt8(entry.count)] + entry
    }
  }

  @Test func `keys that are different text are both kept`() throws {
    let event = try event("a", "b").withUnsafeBytes { try Event(unpacking: $0, from: .client) }
    #expect(event.metadata == ["a": "v", "b": "v"])
  }

  @Test func `a key in two spellings of the same text is refused`() {
    let error = #expect(throws: GatewayError.self) {
      try event("\u{E9}", "e\u{301}").withUnsafeBytes { try Event(unpacking: $0, from: .client) }
    }
    #expect(error?.violations.first?.field == "metadata")
  }
}
