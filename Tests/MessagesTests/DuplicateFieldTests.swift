import EventCore
import Messages
import Testing

/// A field that may come once and comes twice: https://protobuf.dev/programming-guides/encoding/
struct DuplicateFieldTests {
  @Test func `the last of several values wins`() throws {
    let text = try CreateEventRequest(.field(2, text: "first") + .field(2, text: "last"))
    #expect(text.requestID == "last")
    let number = try ListEventsRequest(.field(1, varint: 7) + .field(1, varint: 9))
    #expect(number.page.size == 9)
    let bytes = try TriggerEventRequest(.field(2, text: "first") + .field(2, bytes: []))
    #expect(bytes.content.payload.data == [])
  }

  @Test func `the last of several alternatives wins`() throws {
    let http = [UInt8].field(2, bytes: .field(1, text: "http://one"))
    let process = [UInt8].field(4, bytes: .field(1, text: "/bin/two"))
    guard case .process(let target) = try Function(http + process).target else {
      return #expect(Bool(false), "the process is missing")
    }
    #expect(target.command == "/bin/two")
    guard case .http(let target) = try Function(process + http).target else {
      return #expect(Bool(false), "the endpoint is missing")
    }
    #expect(target.url == "http://one")
  }

  @Test func `the last alternative wins whether text or message`() throws {
    let name = [UInt8].field(3, text: "a.proto")
    let symbol = [UInt8].field(4, text: "a.B")
    let number = [UInt8].field(5, bytes: .field(2, varint: 4))
    #expect(try ReflectionRequest(name + symbol).question == .fileContainingSymbol("a.B"))
    #expect(try ReflectionRequest(symbol + number + name).question == .fileByName("a.proto"))
    var expected = ReflectionExtension()
    expected.number = 4
    let question = try ReflectionRequest(name + symbol + number).question
    #expect(question == .fileContainingExtension(expected))
  }

  @Test func `the last entry of a map's key wins`() throws {
    let entries = [("key", "first"), ("other", ""), ("key", "last")]
    let bytes = entries.flatMap { key, value in
      [UInt8].field(4, bytes: .field(1, text: key) + .field(2, text: value))
    }
    let metadata = try TriggerEventRequest(bytes).content.metadata
    #expect(metadata == ["key": "last", "other": ""])
  }

  @Test func `a map entry without key and value is an empty pair`() throws {
    #expect(try TriggerEventRequest(.field(4, bytes: [])).content.metadata == ["": ""])
  }

  @Test(arguments: MessageType.all)
  func `a message that may come once and comes twice is refused`(type: MessageType) throws {
    for field in type.shape.fields where field.message != nil && !field.isRepeated {
      let once = SampleMessage.bytes(of: field, in: type.shape)
      _ = try type.repack(once, .server)
      let error = try #require(throws: GatewayError.self) {
        try type.repack(once + once, .server)
      }
      #expect(error.reason == .malformedMessage)
      #expect(error.message.contains(field.name))
    }
  }

  @Test func `an inner message that comes twice is refused by its path`() throws {
    let delivery = [UInt8].field(7, bytes: .field(2, varint: 3))
    let error = try #require(throws: GatewayError.self) {
      try CreateSubscriptionRequest(.field(1, bytes: delivery + delivery))
    }
    #expect(error.reason == .malformedMessage)
    #expect(error.message.contains("subscription.delivery"))
  }
}
