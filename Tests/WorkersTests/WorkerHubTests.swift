import EventCore
import Synchronization
import Testing

@testable import Workers

struct WorkerHubTests {
  @Test func `an attempt runs where it has a place, and is settled when it is recorded`()
    async throws
  {
    let fixture = try HubFixture(credit: 1)
    let place = try fixture.takePlace()
    async let result = fixture.hub.run(fixture.attempt(at: place), into: fixture.sink)
    var orders = fixture.worker.orders.makeAsyncIterator()
    guard case .run(let lease, let attempt)? = await orders.next() else {
      Issue.record("no assignment")
      return
    }
    #expect(attempt.place == place)
    try fixture.worker.progress(lease, offset: 0, Array("ab".utf8), logs: ["line"])
    try fixture.worker.progress(lease, offset: 1, Array("bc".utf8), logs: [])
    _ = fixture.worker.report(lease, AttemptResult(.succeeded), output: Array("d".utf8))
    #expect(await result.outcome == .succeeded)
    #expect(await result.worker == "w")
    #expect(fixture.sink.text == "abcd")
    fixture.hub.leavePlace(place, isRecorded: true)
    #expect(await orders.next() == .settle(lease: lease))
  }

  @Test func `a place that its worker lost waits for another worker`() async throws {
    let fixture = try HubFixture(credit: 1)
    let place = try fixture.takePlace()
    fixture.worker.disconnect()
    async let result = fixture.hub.run(fixture.attempt(at: place), into: fixture.sink)
    let other = try fixture.connect("other", credit: 1)
    var orders = other.orders.makeAsyncIterator()
    guard case .run(let lease, _)? = await orders.next() else {
      Issue.record("no assignment")
      return
    }
    _ = other.report(lease, AttemptResult(.succeeded), output: nil)
    #expect(await result.outcome == .succeeded)
  }

  @Test(arguments: [true, false])
  func `a cancelled attempt returns, wherever it is`(hasWorker: Bool) async throws {
    let fixture = try HubFixture(credit: 1)
    let place = try fixture.takePlace()
    if !hasWorker { fixture.worker.disconnect() }
    let run = Task { [fixture] in
      await fixture.hub.run(fixture.attempt(at: place), into: fixture.sink)
    }
    if hasWorker {
      var orders = fixture.worker.orders.makeAsyncIterator()
      _ = await orders.next()
      run.cancel()
      guard case .cancel? = await orders.next() else {
        Issue.record("the worker was not told")
        return
      }
    } else {
      run.cancel()
    }
    guard case .failed(let error) = await run.value.outcome else {
      Issue.record("it succeeded")
      return
    }
    #expect(error.errorClass == .cancelled)
  }

  @Test func `what was not started in time goes to another worker, and its late result nowhere`()
    async throws
  {
    let fixture = try HubFixture(credit: 1)
    let place = try fixture.takePlace()
    async let result = fixture.hub.run(fixture.attempt(at: place), into: fixture.sink)
    var orders = fixture.worker.orders.makeAsyncIterator()
    guard case .run(let stale, _)? = await orders.next() else {
      Issue.record("no assignment")
      return
    }
    fixture.hub.act { $0.expire(at: .now + .seconds(29)) }
    fixture.hub.act { $0.expire(at: .now + .seconds(31)) }
    guard case .cancel(stale, _)? = await orders.next() else {
      Issue.record("the lease was not taken back")
      return
    }
    let other = try fixture.connect("other", credit: 1)
    var others = other.orders.makeAsyncIterator()
    guard case .run(let fresh, _)? = await others.next() else {
      Issue.record("no second assignment")
      return
    }
    guard case .refused = fixture.worker.report(stale, AttemptResult(.succeeded), output: [1])
    else {
      Issue.record("a late result was taken")
      return
    }
    _ = other.report(fresh, AttemptResult(.succeeded), output: nil)
    #expect(await result.worker == "w")
    #expect(fixture.sink.text == "")
  }

  @Test func `output with a gap before it is refused`() async throws {
    let fixture = try HubFixture(credit: 1)
    let place = try fixture.takePlace()
    async let result = fixture.hub.run(fixture.attempt(at: place), into: fixture.sink)
    var orders = fixture.worker.orders.makeAsyncIterator()
    guard case .run(let lease, _)? = await orders.next() else {
      Issue.record("no assignment")
      return
    }
    try fixture.worker.progress(lease, offset: 0, Array("ab".utf8), logs: [])
    #expect(throws: GatewayError.self) {
      try fixture.worker.progress(lease, offset: 3, Array("d".utf8), logs: [])
    }
    _ = fixture.worker.report(lease, AttemptResult(.succeeded), output: nil)
    _ = await result
    #expect(fixture.sink.text == "ab")
  }

  @Test func `an assignment that nobody started is sent again on the worker's next stream`()
    async throws
  {
    let fixture = try HubFixture(credit: 1)
    let place = try fixture.takePlace()
    async let result = fixture.hub.run(fixture.attempt(at: place), into: fixture.sink)
    var orders = fixture.worker.orders.makeAsyncIterator()
    guard case .run(let lease, _)? = await orders.next() else {
      Issue.record("no assignment")
      return
    }
    let second = try fixture.connect("first", credit: 0)
    var seconds = second.orders.makeAsyncIterator()
    guard case .run(lease, _)? = await seconds.next() else {
      Issue.record("it was not sent again")
      return
    }
    second.started(lease)
    let third = try fixture.connect("first", credit: 0)
    #expect(third.leases == [lease])
    _ = third.report(lease, AttemptResult(.succeeded), output: nil)
    _ = await result
    fixture.hub.leavePlace(place, isRecorded: true)
    var thirds = third.orders.makeAsyncIterator()
    #expect(await thirds.next() == .settle(lease: lease), "it had been started")
  }

  @Test func `what an earlier stream of a session still says does not count`() async throws {
    let fixture = try HubFixture(credit: 1)
    let place = try fixture.takePlace()
    async let result = fixture.hub.run(fixture.attempt(at: place), into: fixture.sink)
    var orders = fixture.worker.orders.makeAsyncIterator()
    guard case .run(let lease, _)? = await orders.next() else {
      Issue.record("no assignment")
      return
    }
    let next = try fixture.connect("first", credit: 0)
    try fixture.worker.progress(lease, offset: 0, Array("old".utf8), logs: ["old"])
    _ = fixture.worker.report(lease, AttemptResult(.succeeded), output: Array("old".utf8))
    _ = next.report(lease, AttemptResult(.succeeded), output: Array("new".utf8))
    #expect(await result.outcome == .succeeded)
    #expect(fixture.sink.text == "new")
  }

  @Test func `a worker that missed an acknowledgement learns it when it asks again`() async throws {
    let fixture = try HubFixture(credit: 1)
    let place = try fixture.takePlace()
    async let result = fixture.hub.run(fixture.attempt(at: place), into: fixture.sink)
    var orders = fixture.worker.orders.makeAsyncIterator()
    guard case .run(let lease, _)? = await orders.next() else {
      Issue.record("no assignment")
      return
    }
    _ = fixture.worker.report(lease, AttemptResult(.succeeded), output: nil)
    _ = await result
    fixture.worker.disconnect()
    fixture.hub.leavePlace(place, isRecorded: true)
    let again = try fixture.connect("first", credit: 0)
    #expect(again.leases == [])
    guard case .settled = again.report(lease, AttemptResult(.succeeded), output: nil) else {
      Issue.record("it is not known to be durable")
      return
    }
  }
}

/// A hub with one worker, `first`, of the function `f`.
private struct HubFixture: Sendable {
  let hub = WorkerHub()
  let worker: ConnectedWorker
  let sink = TextSink()

  init(credit: Int) throws {
    worker = try ConnectedWorker(
      SessionKey(organization: .default, name: "first"), worker: "w", functionIDs: ["f"], at: hub)
    if credit > 0 { try worker.addCredit(credit) }
  }

  func connect(_ session: String, credit: Int) throws -> ConnectedWorker {
    let worker = try ConnectedWorker(
      SessionKey(organization: .default, name: session), worker: "w", functionIDs: ["f"], at: hub)
    if credit > 0 { try worker.addCredit(credit) }
    return worker
  }

  func takePlace() throws -> UInt64 {
    guard case .taken(let place) = hub.takePlace(in: Lane(.default, "f")) else {
      throw GatewayError(.internal, "no place")
    }
    return place
  }

  func attempt(at place: UInt64) -> AttemptRequest {
    var function = Function()
    function.functionID = "f"
    function.target = .worker(WorkerTarget())
    var trigger = Trigger()
    trigger.organization = .default
    var attempt = AttemptRequest(
      function: function, trigger: trigger, subscriptionID: "s",
      invocationID: InvocationID(triggerID: trigger.triggerID, ordinal: 0), number: 1)
    attempt.place = place
    return attempt
  }
}

private final class TextSink: OutputSink {
  private let bytes = Mutex<[UInt8]>([])

  func output(_ bytes: [UInt8]) { self.bytes.withLock { $0 += bytes } }
  func log(_ line: String) {}

  var text: String { bytes.withLock { String(decoding: $0, as: UTF8.self) } }
}
