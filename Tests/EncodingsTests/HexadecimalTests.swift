import Encodings
import Testing

@Suite struct HexadecimalTests {
  @Test(arguments: [("", []), ("00", [0]), ("ff0a", [255, 10])] as [(String, [UInt8])])
  func `bytes are two lower-case digits each`(_ text: String, _ bytes: [UInt8]) {
    #expect(Hexadecimal.text(bytes) == text)
    #expect(Hexadecimal.bytes(text.utf8) == bytes)
  }

  @Test(arguments: ["0", "0g", "FF", " 0"])
  func `anything else is no hexadecimal text`(_ text: String) {
    #expect(Hexadecimal.bytes(text.utf8) == nil)
  }
}
