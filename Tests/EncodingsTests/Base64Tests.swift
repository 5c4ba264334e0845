import Encodings
import Testing

@Suite struct Base64Tests {
  @Test(
    arguments: [
      ("", []), ("AA", [0]), ("AP8", [0, 255]), ("AP8H", [0, 255, 7]), ("+/+/", [251, 255, 191]),
    ] as [(String, [UInt8])])
  func `base64 is written without padding and read with and without`(
    _ text: String, _ bytes: [UInt8]
  ) {
    #expect(String(decoding: Base64.encode(bytes), as: UTF8.self) == text)
    #expect(Base64.decode(text.utf8) == bytes)
    let padded = text + String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
    #expect(Base64.decode(padded.utf8) == bytes)
    #expect(String(decoding: Base64.encode(bytes, isPadded: true), as: UTF8.self) == padded)
  }

  @Test(arguments: ["A", "=", "A===", "AA=", "AAA==", "AAAA=", "AA==AA==", "A-_A", "AA A"])
  func `what no encoder makes is not base64`(_ text: String) {
    #expect(Base64.decode(text.utf8) == nil)
  }
}
