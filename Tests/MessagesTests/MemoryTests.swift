import EventCore
import Testing

@testable import Messages

struct MemoryTests {
  // That the arena never hands out more than its budget is shown in ArenaTests. The memory of the
  // process says nothing here: other tests run in it at the same time.
  @Test func `two million small fields are refused`() throws {
    for small in SmallFields.all.prefix(2) {
      let error = try #require(throws: GatewayError.self, "\(small)") {
        try small.type.repack(small.message(bytes: 4 << 20), .client)
      }
      #expect(error.reason == .messageTooLarge, "\(small)")
    }
  }

  @Test(arguments: SmallFields.all)
  func `small fields are refused past the budget, from a client and from a server`(
    small: SmallFields
  ) throws {
    for (sender, size) in [(Sender.client, 64 << 10), (.server, 512 << 10)] {
      let error = try #require(throws: GatewayError.self) {
        try small.type.repack(small.message(bytes: size), sender)
      }
      #expect(error.reason == .messageTooLarge)
      #expect(error.message.contains(small.type.shape.name))
    }
  }

  @Test func `a trigger at every limit is taken`() throws {
    var request = TriggerEventRequest()
    request.content.payload.data = Array(repeating: 0, count: Limits.payloadBytesMax)
    request.content.metadata = smallPairs(Limits.metadataPairsMax)
    let unpacked = try TriggerEventRequest(request.packed())
    #expect(unpacked.content == request.content)
  }

  @Test func `a function of small parts at every limit is taken`() throws {
    var process = ProcessTarget()
    process.arguments = Array(repeating: "", count: Limits.commandArgumentsMax)
    process.environment = smallPairs(Limits.metadataPairsMax)
    var request = CreateFunctionRequest()
    request.function.target = .process(process)
    request.function.metadata = smallPairs(Limits.metadataPairsMax)
    #expect(try CreateFunctionRequest(request.packed()).packed() == request.packed())
  }

  @Test func `the largest page of small events is taken from a server`() throws {
    var event = Event()
    event.metadata = smallPairs(Limits.metadataPairsMax)
    var response = ListEventsResponse()
    response.events = Array(repeating: event, count: Limits.pageSizeMax)
    let unpacked = try ListEventsResponse(response.packed(), from: .server)
    #expect(unpacked.events.count == Limits.pageSizeMax)
  }

  @Test func `a page of invocations with many short log lines is taken from a server`() throws {
    var invocation = Invocation()
    let line = LogLine(time: Timestamp(nanoseconds: 1), attempt: 1, text: "")
    invocation.logs = Array(repeating: line, count: Limits.logLinesMax)
    invocation.attempts = Array(repeating: Attempt(), count: Limits.attemptsMax)
    var response = ListInvocationsResponse()
    response.invocations = Array(repeating: invocation, count: Limits.pageSizeMax)
    let unpacked = try ListInvocationsResponse(response.packed(), from: .server)
    #expect(unpacked.invocations.count == Limits.pageSizeMax)
  }

  private func smallPairs(_ count: Int) -> [String: String] {
    Dictionary(uniqueKeysWithValues: (0..<count).map { (String($0), "") })
  }
}

/// A message that is small on the wire and large in memory.
struct SmallFields: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let type: MessageType
  let field: [UInt8]
  /// The fields that lead to the message that the small ones are in.
  var path: [Int] = []

  static let all = [
    SmallFields(
      testDescription: "unknown fields", type: .init(TriggerEventRequest.self),
      field: .field(15, varint: 0)),
    SmallFields(
      testDescription: "arguments", type: .init(CreateFunctionRequest.self),
      field: .field(2, bytes: []), path: [1, 4]),
    SmallFields(
      testDescription: "headers", type: .init(CreateFunctionRequest.self),
      field: .field(2, bytes: []), path: [1, 2]),
    SmallFields(
      testDescription: "metadata", type: .init(TriggerEventRequest.self),
      field: .field(4, bytes: [])),
    SmallFields(
      testDescription: "paths", type: .init(FieldMask.self), field: .field(1, bytes: [])),
    SmallFields(
      testDescription: "states", type: .init(ListInvocationsRequest.self),
      field: .field(6, varint: 1)),
    SmallFields(
      testDescription: "events", type: .init(ListEventsResponse.self),
      field: .field(1, bytes: [])),
  ]

  func message(bytes: Int) -> [UInt8] {
    let fields = [UInt8].repeated(field, count: bytes / field.count)
    return path.reversed().reduce(fields) { inner, number in .field(number, bytes: inner) }
  }
}
