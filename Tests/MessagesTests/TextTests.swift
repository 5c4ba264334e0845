import EventCore
import Messages
import Testing

struct TextTests {
  /// Not UTF-8 (RFC 3629): a lone continuation, a cut-off sequence, overlong forms, a surrogate,
  /// past U+10FFFF, bytes that never occur.
  static let invalid: [[UInt8]] = [
    [0x80], [0x61, 0xC3], [0xC3, 0x28], [0xE2, 0x82], [0xC0, 0xAF], [0xE0, 0x80, 0xAF],
    [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xFE], [0xFF],
  ]

  @Test(arguments: TextPlace.all, invalid)
  func `text that is not UTF-8 is refused by its path`(place: TextPlace, bytes: [UInt8]) throws {
    let error = try #require(throws: GatewayError.self) { try place.send(bytes) }
    #expect(error.reason == .invalidUTF8)
    #expect(error.violations == [FieldViolation(field: place.path, problem: "is not valid UTF-8")])
  }

  @Test(arguments: TextPlace.all, [[0], [0x61, 0, 0x62], [0x61, 0]])
  func `text with a NUL is refused by its path`(place: TextPlace, bytes: [UInt8]) throws {
    let error = try #require(throws: GatewayError.self) { try place.send(bytes) }
    #expect(error.reason == .invalidUTF8)
    let problem = "contains a NUL character"
    #expect(error.violations == [FieldViolation(field: place.path, problem: problem)])
  }

  @Test(arguments: TextPlace.all, ["", "a", "é", "€", "𝄞", "\u{10FFFF}", "\u{FEFF}\u{7F}"])
  func `any other text is taken`(place: TextPlace, text: String) throws {
    try place.send(Array(text.utf8))
  }

  @Test(arguments: invalid + [[0], [0x61, 0, 0x62]])
  func `payload bytes are taken as they are`(bytes: [UInt8]) throws {
    let request = try TriggerEventRequest(.field(2, bytes: bytes))
    #expect(request.content.payload.data == bytes)
  }

  @Test func `a field that is not known may have any bytes`() throws {
    _ = try TriggerEventRequest(.field(99, bytes: [0, 0xFF]))
  }
}

/// Where text can be in a message.
struct TextPlace: Sendable, CustomTestStringConvertible {
  let path: String
  /// Unpacks a message with `text` in that place.
  let send: @Sendable (_ text: [UInt8]) throws(GatewayError) -> Void

  var testDescription: String { path }

  static let all = [
    TextPlace(path: "request_id") { text throws(GatewayError) in
      _ = try CreateEventRequest(.field(2, bytes: text))
    },
    TextPlace(path: "event.data_type") { text throws(GatewayError) in
      _ = try CreateEventRequest(.field(1, bytes: .field(5, bytes: text)))
    },
    TextPlace(path: "event.metadata.key") { text throws(GatewayError) in
      let entry = [UInt8].field(1, bytes: text) + .field(2, text: "value")
      _ = try CreateEventRequest(.field(1, bytes: .field(7, bytes: entry)))
    },
    TextPlace(path: "event.metadata.value") { text throws(GatewayError) in
      let entry = [UInt8].field(1, text: "key") + .field(2, bytes: text)
      _ = try CreateEventRequest(.field(1, bytes: .field(7, bytes: entry)))
    },
    TextPlace(path: "function.process.arguments") { text throws(GatewayError) in
      let process = [UInt8].field(2, text: "first") + .field(2, bytes: text)
      _ = try CreateFunctionRequest(.field(1, bytes: .field(4, bytes: process)))
    },
    TextPlace(path: "file_containing_symbol") { text throws(GatewayError) in
      _ = try ReflectionRequest(.field(4, bytes: text))
    },
  ]
}
