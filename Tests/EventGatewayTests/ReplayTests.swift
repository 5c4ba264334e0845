import EventCore
import MemoryStore
import Messages
import Testing

@testable import EventGateway

@Suite struct ReplayTests {
  private func request(
    limit: Int32 = 0, _ change: (inout ReplayTriggersRequest) -> Void = { _ in }
  ) -> ReplayTriggersRequest {
    var request = ReplayTriggersRequest()
    (request.event, request.limit) = ("a", limit)
    change(&request)
    return request
  }

  private func run(
    _ request: ReplayTriggersRequest, _ fixture: DeliveryFixture, at second: Int = 1_000
  ) async throws -> ReplayTriggersResponse {
    try await fixture.replay.run(request, in: fixture.organization, at: fixture.time(second))
  }

  /// Oldest first.
  private func copies(_ fixture: DeliveryFixture) async throws -> [Trigger] {
    try await fixture.triggers().filter { $0.replayTime != nil }.reversed()
  }

  @Test func `past triggers come again as they were, oldest first`() async throws {
    let fixture = try await DeliveryFixture()
    var past: [Trigger] = []
    for second in 0..<3 {
      let plan = try await fixture.emit(at: second) {
        $0.payload = Payload(data: [UInt8(second)], dataType: "text/plain")
        $0.metadata = ["n": "\(second)"]
        $0.orderingKey = "k"
        $0.requestID = "request \(second)"
        $0.deadLetterHops = 2
      }
      past.append(plan.trigger)
    }
    try await fixture.emit("b", at: 3)
    let response = try await run(request(), fixture)
    #expect(response.count == 3)
    #expect(response.nextPageToken == "")
    let copies = try await copies(fixture)
    #expect(copies.map(\.payload) == past.map(\.payload))
    #expect(copies.map(\.metadata) == past.map(\.metadata))
    #expect(copies.map(\.receivedAt) == past.map(\.receivedAt))
    #expect(copies.allSatisfy { $0.orderingKey == "k" && $0.requestID == "" })
    #expect(copies.allSatisfy { $0.deadLetterHops == 0 && $0.deliverAt == nil })
    #expect(copies.allSatisfy { $0.replayTime == fixture.time(1_000) })
    #expect(Set(copies.map(\.triggerID)).isDisjoint(with: past.map(\.triggerID)))
  }

  @Test func `copies are not copied again`() async throws {
    let fixture = try await DeliveryFixture()
    for second in 0..<3 { try await fixture.emit(at: second) }
    #expect(try await run(request(), fixture).count == 3)
    #expect(try await run(request(), fixture, at: 2_000).count == 3)
    #expect(try await copies(fixture).count == 6)
  }

  @Test func `a dry run counts and triggers nothing`() async throws {
    let fixture = try await DeliveryFixture()
    for second in 0..<3 { try await fixture.emit(at: second) }
    #expect(try await run(request { $0.dryRun = true }, fixture).count == 3)
    #expect(try await copies(fixture).isEmpty)
  }

  @Test func `what comes in after the call began is not past`() async throws {
    let fixture = try await DeliveryFixture()
    for second in [0, 1, 2, 3] { try await fixture.emit(at: second) }
    #expect(try await run(request(), fixture, at: 2).count == 2)
  }

  @Test(arguments: [1, 2, 3, 4, 5])
  func `a limit stops, and its token goes on`(_ limit: Int) async throws {
    let fixture = try await DeliveryFixture()
    for second in 0..<5 { try await fixture.emit(at: second) }
    var counts: [Int32] = []
    var token = ""
    repeat {
      let response = try await run(
        request(limit: Int32(limit)) { $0.pageToken = token }, fixture, at: 1_000 + counts.count)
      counts.append(response.count)
      token = response.nextPageToken
    } while !token.isEmpty
    #expect(counts.reduce(0, +) == 5)
    #expect(counts.dropLast().allSatisfy { $0 == Int32(limit) })
    #expect(counts.last != 0)
    let times = try await copies(fixture).map(\.receivedAt)
    #expect(times == (0..<5).map { fixture.time($0) })
  }

  @Test func `a token of another request is refused`() async throws {
    let fixture = try await DeliveryFixture()
    for second in 0..<2 { try await fixture.emit(at: second) }
    let token = try await run(request(limit: 1), fixture).nextPageToken
    let error = await #expect(throws: GatewayError.self) {
      try await run(
        request {
          $0.pageToken = token
          $0.subscriptionID = "s"
        }, fixture)
    }
    #expect(error?.reason == .pageTokenInvalid)
  }

  @Test func `the same request twice makes one copy of each, and the same answer`() async throws {
    let fixture = try await DeliveryFixture()
    for second in 0..<3 { try await fixture.emit(at: second) }
    let once = try await run(request { $0.requestID = "r" }, fixture)
    let twice = try await run(request { $0.requestID = "r" }, fixture, at: 2_000)
    #expect(once == twice)
    #expect(try await copies(fixture).count == 3)
    _ = try await run(request { $0.requestID = "other" }, fixture, at: 3_000)
    #expect(try await copies(fixture).count == 6)
  }

  @Test func `only the wanted subscription runs`() async throws {
    let fixture = try await DeliveryFixture(subscriptions: ["s": "a", "t": "a", "u": "b"])
    try await fixture.emit(at: 0)
    _ = try await run(request { $0.subscriptionID = "t" }, fixture)
    let copy = try #require(try await copies(fixture).first)
    let query = InvocationQuery(in: fixture.organization, triggerID: copy.triggerID, limit: 10)
    let invocations = try await fixture.store.invocations(query).items
    #expect(invocations.map(\.subscriptionID) == ["t"])
  }

  @Test func `a subscription that is not there or does not match is refused`() async throws {
    let fixture = try await DeliveryFixture(subscriptions: ["s": "a", "u": "b"])
    let missing = await #expect(throws: GatewayError.self) {
      try await run(request { $0.subscriptionID = "nope" }, fixture)
    }
    #expect(missing?.reason == .subscriptionNotFound)
    let other = await #expect(throws: GatewayError.self) {
      try await run(request { $0.subscriptionID = "u" }, fixture)
    }
    #expect(other?.violations.first?.field == "subscription_id")
  }

  @Test func `a range of time chooses by when they were received`() async throws {
    let fixture = try await DeliveryFixture()
    for second in 0..<5 { try await fixture.emit(at: second) }
    var range = TimeRange()
    (range.start, range.end) = (fixture.time(1), fixture.time(3))
    #expect(try await run(request { $0.received = range }, fixture).count == 2)
    range.end = fixture.time(5_000)
    #expect(try await run(request { $0.received = range }, fixture).count == 4)
    range.start = fixture.time(4_000)
    #expect(try await run(request { $0.received = range }, fixture).count == 0)
  }

  @Test func `a backlog that is full ends the call, and its token goes on`() async throws {
    var limits = ModelLimits()
    limits.backlogMax = 5
    let fixture = try await DeliveryFixture(MemoryStore(limits: limits))
    for second in 0..<3 { try await fixture.emit(at: second) }
    let response = try await run(request(), fixture)
    #expect(response.count == 2)
    #expect(response.nextPageToken != "")
    let error = await #expect(throws: GatewayError.self) {
      try await run(request { $0.pageToken = response.nextPageToken }, fixture)
    }
    #expect(error?.reason == .queueFull)
    #expect(error?.retryAfter != nil)
    let first = try #require(try await fixture.triggers().last)
    try await fixture.fail(InvocationID(triggerID: first.triggerID, ordinal: 0))
    let rest = try await run(request { $0.pageToken = response.nextPageToken }, fixture)
    #expect(rest.count == 1)
    #expect(rest.nextPageToken == "")
  }
}
