import EventCore
import Testing

@testable import SQLiteStore

/// A database as the program left it that knew no schemas and filters.
@Suite struct SecondVersionTests {
  private let directory: TemporaryDirectory

  init() throws {
    directory = try TemporaryDirectory()
    let connection = try Connection(path: directory.databasePath, .readWrite)
    try Migration.run(on: connection, Array(Schema.steps.prefix(2)))
    try connection.execute(Self.definitions + Self.triggers)
  }

  @Test func `a trigger was checked against no schema, and came as no CloudEvent`() async throws {
    let store = try directory.open()
    var expected = Trigger()
    expected.triggerID = Self.id
    expected.event = "e"
    expected.payload = Payload(data: [0], dataType: "a/b")
    expected.orderingKey = "k"
    expected.receivedAt = Timestamp(nanoseconds: 1)
    expected.replayTime = Timestamp(nanoseconds: 2)
    expected.deadLetterHops = 3
    expected.eventRevision = 1
    #expect(try await store.trigger(Self.id, in: .default)?.trigger == expected)
    await store.close()
  }

  @Test func `definitions have no schema, filter or transform`() async throws {
    let store = try directory.open()
    var event = Event()
    event.event = "e"
    event.stamp = Self.stamp
    #expect(try await store.definition(.init(.event, "e"), in: .default) == .event(event))
    guard
      case .subscription(let subscription)? = try await store.definition(
        .init(.subscription, "s"), in: .default)
    else { return #expect(Bool(false), "the subscription is missing") }
    #expect(subscription.filter == nil && subscription.transform == nil)
    #expect(subscription.delivery.maxAttempts == 7)
    await store.close()
  }

  @Test func `new triggers keep what is new beside the old ones`() async throws {
    let store = try directory.open()
    var trigger = Trigger.of()
    trigger.schemaRevision = 4
    trigger.schemaViolationCount = 5
    trigger.cloudEventID = "id"
    trigger.cloudEventTime = Timestamp(nanoseconds: -6)
    #expect(try await store.accept(TriggerPlan(trigger)) == .accepted(held: []))
    #expect(try await store.trigger(trigger.triggerID, in: .default)?.trigger == trigger)
    await store.close()
  }

  private static let id = UniqueID(high: 1, low: 1)

  private static let stamp: ResourceStamp = {
    var stamp = ResourceStamp()
    stamp.uid = UniqueID(high: 0, low: 1)
    stamp.revision = 1
    stamp.createTime = Timestamp(nanoseconds: 1)
    stamp.updateTime = Timestamp(nanoseconds: 1)
    return stamp
  }()

  private static let stampJSON =
    #"{"createTime":1,"revision":1,"uid":"00000000-0000-0000-0000-000000000001","updateTime":1}"#

  private static let definitions = """
    INSERT INTO definitions VALUES ('default', 'event', 'e',
      '{"dataType":"","data":[],"deadLetterRetention":[140512,11096714923483332608],"event":"e",'
      || '"functionID":"","metadata":{},"retention":[32786,5048799358640717824],'
      || '"stamp":\(stampJSON)}', x'');
    INSERT INTO definitions VALUES ('default', 'subscription', 's',
      '{"delivery":{"attemptTimeout":[1,11553255926290448384],"backoffMultiplier":2,'
      || '"deadLetterEvent":"","finalClasses":[],"finalCodes":[],'
      || '"initialBackoff":[0,1000000000000000000],"jitter":0.2,"maxAge":[4683,13897502818169782272],'
      || '"maxAttempts":7,"maxBackoff":[16,4852094820647174144],'
      || '"retryAfterMax":[195,2884905626637434880]},"event":"**","functionID":"f","groupID":"",'
      || '"isManaged":false,"isPaused":false,"metadata":{},"order":0,"stamp":\(stampJSON),'
      || '"stateReason":"","subscriptionID":"s","weight":1}', x'');

    """

  private static let triggers = """
    INSERT INTO names VALUES (1, 1, 'default', '', NULL), (2, 2, 'default', 'e', NULL);
    INSERT INTO triggers (seq, organization, event, trigger_id, received_at, event_revision, source,
        request_id, data_type, defaults, metadata, data, ordering_key, replay_time, hops)
      VALUES
        (1, 1, 2, x'00000000000000010000000000000001', 1, 1, '', '', 'a/b', 0, x'', x'00', 'k', 2, 3);

    """
}
