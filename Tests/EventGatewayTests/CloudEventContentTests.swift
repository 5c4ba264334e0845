import EventCore
import Messages
import Testing

@testable import EventGateway

extension CloudEventMessage {
  /// Of the event `a`, well-formed.
  static func sample(
    _ id: String = "1", _ attributes: [String: CloudEventAttributeValue.Value?] = [:],
    _ change: (inout CloudEventMessage) -> Void = { _ in }
  ) -> CloudEventMessage {
    var event = CloudEventMessage()
    (event.id, event.source, event.specVersion, event.type) = (id, "/shop", "1.0", "a")
    for (name, value) in attributes {
      var attribute = CloudEventAttribute()
      (attribute.name, attribute.value.value) = (name, value)
      event.attributes.append(attribute)
    }
    change(&event)
    return event
  }
}

@Suite struct CloudEventContentTests {
  private let time = Timestamp(nanoseconds: 1_800_000_000_500_000_000)

  private func metadata(
    _ name: String, _ value: CloudEventAttributeValue.Value
  ) throws -> String? {
    try TriggerContent(.sample("1", [name: value])).metadata[name]
  }

  // MARK: What is taken

  @Test func `the required attributes and the known ones have places of their own`() throws {
    let content = try TriggerContent(
      .sample(
        "A-1",
        [
          "time": .timestamp(time), "datacontenttype": .string("image/png"),
          "partitionkey": .string("k"), "subject": .string("s"),
          "dataschema": .uri("https://x.test/schema"),
        ]))
    #expect(content.event == "a" && content.source == "/shop" && content.cloudEventID == "A-1")
    #expect(content.cloudEventTime == time && content.payload.dataType == "image/png")
    #expect(content.orderingKey == "k")
    #expect(content.metadata == ["subject": "s", "dataschema": "https://x.test/schema"])
  }

  @Test(arguments: [
    (CloudEventAttributeValue.Value.boolean(true), "true"), (.boolean(false), "false"),
    (.integer(.min), "-2147483648"), (.integer(0), "0"), (.string("ö \" %"), "ö \" %"),
    (.string(""), ""), (.bytes([]), ""), (.bytes([0xFB, 0xFF]), "+/8="),
    (.bytes([1, 2, 3]), "AQID"), (.uri("urn:a:b"), "urn:a:b"),
    (.uriReference("../a?b#c"), "../a?b#c"),
    (.timestamp(Timestamp(nanoseconds: -1)), "1969-12-31T23:59:59.999999999Z"),
  ])
  func `an extension of any type is kept as its canonical text`(
    value: CloudEventAttributeValue.Value, text: String
  ) throws {
    #expect(try metadata("ext1", value) == text)
  }

  @Test func `a time may be a string`() throws {
    let content = try TriggerContent(
      .sample("1", ["time": .string("2027-01-15T10:00:00.5+02:00")]))
    #expect(content.cloudEventTime == time)
  }

  @Test func `of two entries of a name the last one counts`() throws {
    var event = CloudEventMessage.sample("1", ["ext": .string("first")])
    event.attributes += CloudEventMessage.sample("1", ["ext": .string("last")]).attributes
    #expect(try TriggerContent(event).metadata == ["ext": "last"])
  }

  @Test func `each kind of data keeps its bytes, and has a type of its own by default`() throws {
    var any = AnyMessage()
    (any.typeURL, any.value) = ("type.googleapis.com/x.Y", [8, 1])
    let kinds: [(CloudEventMessage.Content?, [UInt8], type: String, fallback: String)] = [
      (.binary([0, 0xFF]), [0, 0xFF], "", "application/octet-stream"),
      (.text("ö"), Array("ö".utf8), "", "text/plain; charset=utf-8"),
      (.proto(any), [8, 1], "application/protobuf", "application/json"),
      (nil, [], "", "application/json"),
    ]
    for (data, bytes, type, fallback) in kinds {
      let content = try TriggerContent(.sample { $0.data = data })
      #expect(content.payload == Payload(data: bytes, dataType: type))
      #expect(content.defaultDataType == fallback)
      let typed = try TriggerContent(
        .sample("1", ["datacontenttype": .string("a/b")]) { $0.data = data })
      #expect(typed.payload == Payload(data: bytes, dataType: "a/b"))
    }
  }

  @Test func `the type of a message is its schema, unless another one is named`() throws {
    var any = AnyMessage()
    any.typeURL = "type.googleapis.com/x.Y"
    let plain = try TriggerContent(.sample { $0.data = .proto(any) })
    #expect(plain.metadata == ["dataschema": any.typeURL])
    let same = try TriggerContent(
      .sample("1", ["dataschema": .string(any.typeURL)]) { $0.data = .proto(any) })
    #expect(same.metadata == ["dataschema": any.typeURL])
    let other = try TriggerContent(
      .sample("1", ["dataschema": .uri("x:y")]) { $0.data = .proto(any) })
    #expect(other.metadata == ["dataschema": "x:y", "data-type-url": any.typeURL])
  }

  // MARK: What makes it the same event

  @Test func `source and id make the request id, whatever their length`() throws {
    func requestID(_ source: String, _ id: String) throws -> String {
      try TriggerContent(.sample(id) { $0.source = source }).requestID
    }
    let long = String(repeating: "x", count: Limits.cloudEventIDBytesMax)
    let pairs = [("/a", "b"), ("/ab", ""), ("/", "ab"), ("/a", "1 b"), ("/a", long), ("/a", "ö")]
    let ids = try pairs.filter { !$0.1.isEmpty }.map { try requestID($0, $1) }
    #expect(Set(ids).count == ids.count)
    #expect(ids.allSatisfy { $0.utf8.count <= Limits.requestIDBytesMax })
    #expect(try requestID("/a", "b") == ids[0])
    // As it is in stores: another text would accept what was accepted before once more.
    #expect(
      ids[0] == "cloudevent-ffce9b128919c955718ccc4c46de99843b2cd00aa6d44275a3a4ebfd4a86094e")
  }

  // MARK: What is refused

  static let refusals: [(CloudEventMessage, String)] = [
    (.sample { $0.id = "" }, "id"),
    (.sample { $0.id = "a\nb" }, "id"),
    (.sample { $0.id = String(repeating: "x", count: Limits.cloudEventIDBytesMax + 1) }, "id"),
    (.sample { $0.source = "" }, "source"),
    (.sample { $0.source = "a b" }, "source"),
    (.sample { $0.source = String(repeating: "x", count: Limits.sourceBytesMax + 1) }, "source"),
    (.sample { $0.type = "" }, "type"),
    (.sample { $0.type = "A b" }, "type"),
    (.sample { $0.specVersion = "" }, "spec_version"),
    (.sample { $0.specVersion = "0.3" }, "spec_version"),
    (.sample("1", ["time": .string("yesterday")]), "attributes[time]"),
    (.sample("1", ["time": .integer(5)]), "attributes[time]"),
    (.sample("1", ["time": nil as CloudEventAttributeValue.Value?]), "attributes[time]"),
    (.sample("1", ["ext": nil as CloudEventAttributeValue.Value?]), "attributes[ext]"),
    (.sample("1", ["datacontenttype": .string("json")]), "attributes[datacontenttype]"),
    (.sample("1", ["datacontenttype": .bytes([1])]), "attributes[datacontenttype]"),
    (.sample("1", ["partitionkey": .string("")]), "attributes[partitionkey]"),
    (.sample("1", ["partitionkey": .integer(1)]), "attributes[partitionkey]"),
    (.sample("1", ["subject": .string("")]), "attributes[subject]"),
    (.sample("1", ["dataschema": .uri("")]), "attributes[dataschema]"),
    (.sample("1", ["dataschema": .string("a b")]), "attributes[dataschema]"),
    (.sample("1", ["id": .string("2")]), "attributes[id]"),
    (.sample("1", ["source": .string("2")]), "attributes[source]"),
    (.sample("1", ["type": .string("2")]), "attributes[type]"),
    (.sample("1", ["specversion": .string("1.0")]), "attributes[specversion]"),
    (.sample("1", ["data": .string("2")]), "attributes[data]"),
    (.sample("1", ["Ext": .string("2")]), "attributes[Ext]"),
    (.sample("1", ["my_ext": .string("2")]), "attributes[my_ext]"),
    (.sample("1", ["": .string("2")]), "attributes[]"),
    (.sample("1", ["ext": .uri("no-scheme")]), "attributes[ext]"),
    (.sample("1", ["ext": .uriReference("a b")]), "attributes[ext]"),
    (.sample("1", ["ext": .string("a\u{7}")]), "attributes[ext]"),
    (.sample { $0.data = .proto(AnyMessage()) }, "proto_data.type_url"),
  ]

  @Test(arguments: 0..<refusals.count)
  func `what is missing or ill-formed is refused by its name`(index: Int) throws {
    let (event, field) = Self.refusals[index]
    let error = try #require(throws: GatewayError.self) { try TriggerContent(event) }
    #expect(error.reason == .fieldInvalid)
    #expect(Set(error.violations.map(\.field)) == [field])
  }

  @Test func `all that is wrong is said at once`() throws {
    let event = CloudEventMessage.sample("", ["time": .boolean(true)]) { $0.source = "" }
    let error = try #require(throws: GatewayError.self) { try TriggerContent(event) }
    #expect(error.violations.map(\.field) == ["id", "source", "attributes[time]"])
  }
}
