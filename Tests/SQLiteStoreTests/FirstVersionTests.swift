import EventCore
import Testing

@testable import SQLiteStore

/// A database as the first version of the program left it.
@Suite struct FirstVersionTests {
  private let directory: TemporaryDirectory

  init() throws {
    directory = try TemporaryDirectory()
    let connection = try Connection(path: directory.databasePath, .readWrite)
    try Migration.run(on: connection, Array(Schema.steps.prefix(1)))
    try connection.execute(Self.definitions + Self.triggers)
  }

  @Test func `definitions get the defaults of the fields that are new`() async throws {
    let store = try directory.open()
    let event = try await store.definition(.init(.event, "e"), in: .default)
    var expected = Event()
    expected.event = "e"
    expected.functionID = "f"
    expected.data = [0x7B, 0x7D]
    expected.metadata = ["k": "v"]
    expected.stamp = Self.stamp
    expected.receivedAt = Timestamp(nanoseconds: 9)
    #expect(event == .event(expected))
    let subscription = try await store.definition(.init(.subscription, "s"), in: .default)
    var bound = Subscription()
    bound.subscriptionID = "s"
    bound.event = "e"
    bound.functionID = "f"
    bound.delivery.maxAttempts = 7
    bound.stamp = Self.stamp
    #expect(subscription == .subscription(bound))
    await store.close()
  }

  @Test func `what was unfinished is due, and counts in the backlog`() async throws {
    var limits = StoreLimits()
    limits.backlogPerFunctionMax = 1
    let store = try directory.open(limits: limits)
    let work = try await store.due(
      Lane(.default, "f"), at: .now(), limit: 9, without: [], .age)
    #expect(work.assignments.map(\.invocation.id.ordinal) == [0])
    let invocation = try #require(work.assignments.first?.invocation)
    #expect(invocation.id.triggerID == Self.id(1))
    #expect(try await store.accept(Trigger.of().plan) == .full(.function("f")))
    #expect(try await store.record(invocation.ended(at: .now())) != nil)
    #expect(await store.acceptError() == nil)
    await store.close()
  }

  @Test func `outcomes of the first form are read`() async throws {
    let store = try directory.open()
    let id = InvocationID(triggerID: Self.id(3), ordinal: 0)
    let invocation = try #require(try await store.invocation(id, in: .default))
    #expect(invocation.state == .failed)
    #expect(invocation.error == nil && invocation.redrive == nil && invocation.revision == 0)
    await store.close()
  }

  @Test func `what had finished is kept for its retention from the migration on`() async throws {
    let store = try directory.open()
    let now = Timestamp.now()
    #expect(try await store.prune(at: now + .seconds(6 * 86_400), limit: 9).count == 0)
    #expect(try await store.prune(at: now + .seconds(8 * 86_400), limit: 9).count == 1)
    #expect(try await store.trigger(Self.id(2), in: .default) == nil)
    #expect(try await store.prune(at: now + .seconds(31 * 86_400), limit: 9).count == 1)
    #expect(try await store.trigger(Self.id(3), in: .default) == nil)
    #expect(try await store.trigger(Self.id(1), in: .default) != nil)
    await store.close()
  }

  @Test func `a failed one can be redriven`() async throws {
    let store = try directory.open()
    let id = InvocationID(triggerID: Self.id(3), ordinal: 0)
    let taken = try await store.redrive([id], in: .default, at: .now())
    #expect(taken.changed.map(\.state) == [.pending])
    #expect(taken.lanes == [Lane(.default, "f")])
    await store.close()
  }

  @Test func `triggers are found by time`() async throws {
    let store = try directory.open()
    let range = Timestamp(nanoseconds: 2)..<Timestamp(nanoseconds: 3)
    let page = try await store.triggers(
      TriggerQuery(in: .default, event: "e", received: range, limit: 9))
    #expect(page.items.map(\.trigger.triggerID) == [Self.id(2)])
    await store.close()
  }

  private static func id(_ number: UInt64) -> UniqueID { UniqueID(high: number, low: number) }

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
    INSERT INTO definitions VALUES ('default', 'function', 'f',
      '{"flow":{"maxConcurrency":64},"functionID":"f","metadata":{},"stamp":\(stampJSON)}', x'');
    INSERT INTO definitions VALUES ('default', 'event', 'e',
      '{"dataType":"","data":[],"event":"e","functionID":"f","metadata":{"k":"v"},'
      || '"stamp":\(stampJSON)}', x'7B7D');
    INSERT INTO definitions VALUES ('default', 'subscription', 's',
      '{"delivery":{"attemptTimeout":[1,11553255926290448384],"backoffMultiplier":2,'
      || '"initialBackoff":[0,1000000000000000000],"jitter":0.2,"maxAge":[4683,13897502818169782272],'
      || '"maxAttempts":7,"maxBackoff":[16,4852094820647174144]},"event":"e","functionID":"f",'
      || '"isManaged":false,"metadata":{},"stamp":\(stampJSON),"subscriptionID":"s"}', x'');
    INSERT INTO definition_references VALUES ('default', 'event', 'e', 'subscription', 's');
    INSERT INTO definition_counts VALUES
      ('default', 'function', 1), ('default', 'event', 1), ('default', 'subscription', 1);

    """

  /// Of three triggers the first is unfinished, the second succeeded, the third failed.
  private static let triggers = """
    INSERT INTO names VALUES
      (1, 1, 'default', '', NULL), (2, 2, 'default', 'e', 9), (3, 3, 'default', 'f', NULL),
      (4, 4, 'default', 's', NULL);
    INSERT INTO triggers VALUES
      (1, 1, 2, x'00000000000000010000000000000001', 1, 1, '', '', 'a/b', 0, x'', x'00'),
      (2, 1, 2, x'00000000000000020000000000000002', 2, 1, '', '', 'a/b', 0, x'', x'00'),
      (3, 1, 2, x'00000000000000030000000000000003', 3, 1, '', '', 'a/b', 0, x'', x'00');
    INSERT INTO invocations VALUES
      (1 << 10 | 1023, 3, 4, 1, 1), (2 << 10 | 1023, 3, 4, 4, NULL),
      (3 << 10 | 1023, 3, 4, 5, NULL);
    INSERT INTO outcomes VALUES
      (2 << 10 | 1023, x'0100000000'), (3 << 10 | 1023, x'0100000000');

    """
}
