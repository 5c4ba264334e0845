import EventCore
import MemoryStore
import Messages
import Testing

@testable import EventGateway

@Suite struct RedriveTests {
  private func request(
    limit: Int32 = 0, dryRun: Bool = false,
    _ change: (inout RedriveDeadLettersRequest) -> Void = { _ in }
  ) -> RedriveDeadLettersRequest {
    var request = RedriveDeadLettersRequest()
    (request.limit, request.dryRun) = (limit, dryRun)
    change(&request)
    return request
  }

  /// Triggers of which all invocations failed, one in each second.
  private func fixture(_ count: Int, subscriptions: [String: String] = ["s": "a"]) async throws
    -> (DeliveryFixture, [InvocationID])
  {
    let fixture = try await DeliveryFixture(subscriptions: subscriptions)
    var failed: [InvocationID] = []
    for second in 0..<count {
      for invocation in try await fixture.emit(at: second).invocations {
        try await fixture.fail(invocation.id, code: second % 2 == 0 ? "HTTP_400" : "HTTP_404")
        failed.append(invocation.id)
      }
    }
    return (fixture, failed)
  }

  private func state(_ id: InvocationID, _ fixture: DeliveryFixture) -> Invocation.State? {
    fixture.store[id]?.state
  }

  @Test func `all dead letters are taken up again`() async throws {
    let (fixture, failed) = try await fixture(5)
    try await fixture.emit(at: 9)
    let response = try await fixture.redrive.run(request(), in: fixture.organization)
    #expect(response.count == 5)
    #expect(!response.hasMore)
    #expect(failed.allSatisfy { state($0, fixture) == .pending })
    #expect(fixture.store[failed[0]]?.redrive != nil)
  }

  @Test func `a dry run counts and changes nothing`() async throws {
    let (fixture, _) = try await fixture(3)
    let response = try await fixture.redrive.run(request(dryRun: true), in: fixture.organization)
    #expect(response.count == 3)
    #expect(try await fixture.states() == [.failed: 3])
  }

  @Test(arguments: [1, 2, 4, 5, 6])
  func `a limit takes the oldest and says whether there are more`(_ limit: Int) async throws {
    let (fixture, failed) = try await fixture(5)
    let run = request(limit: Int32(limit))
    let response = try await fixture.redrive.run(run, in: fixture.organization)
    #expect(response.count == Int32(min(limit, 5)))
    #expect(response.hasMore == (limit < 5))
    let taken = failed.filter { state($0, fixture) == .pending }
    #expect(taken == Array(failed.prefix(limit)))
  }

  @Test func `the oldest trigger comes first, within a trigger the lowest ordinal`() async throws {
    let (fixture, failed) = try await fixture(4, subscriptions: ["s": "a", "t": "a"])
    let query = InvocationQuery(
      in: fixture.organization, states: [.failed], withResults: false, limit: 3)
    let found = try await fixture.redrive.oldest(100, query, errorCode: "")
    #expect(found.items == failed)
    let some = try await fixture.redrive.oldest(4, query, errorCode: "")
    #expect(some.items == Array(failed.prefix(4)))
    #expect(some.hasMore)
  }

  @Test func `filters choose`() async throws {
    let (fixture, _) = try await fixture(4)
    let letter = try await fixture.emit("a", at: 20).invocations[0].id
    try await fixture.fail(letter, code: "EXIT_1")
    func count(_ change: (inout RedriveDeadLettersRequest) -> Void) async throws -> Int32 {
      try await fixture.redrive.run(request(dryRun: true, change), in: fixture.organization).count
    }
    #expect(try await count { $0.errorCode = "HTTP_404" } == 2)
    #expect(try await count { $0.errorCode = "HTTP_500" } == 0)
    #expect(try await count { $0.event = "a" } == 5)
    #expect(try await count { $0.event = "b" } == 0)
    #expect(try await count { $0.subscriptionID = "s" } == 5)
    #expect(try await count { $0.functionID = "g" } == 0)
    var range = TimeRange()
    range.start = fixture.time(2)
    range.end = fixture.time(20)
    #expect(try await count { $0.received = range } == 2)
  }

  @Test func `one that fails again at once is not taken twice`() async throws {
    let (fixture, failed) = try await fixture(3)
    _ = try await fixture.redrive.run(request(), in: fixture.organization)
    for id in failed { try await fixture.fail(id) }
    let again = try await fixture.redrive.run(request(), in: fixture.organization)
    #expect(again.count == 3)
    #expect(failed.allSatisfy { fixture.store[$0]?.redrive?.attempts == 2 })
  }

  @Test func `a limit below zero is refused, one past the most is the most`() async throws {
    #expect(throws: GatewayError.self) { try Redrive.limit(-1, atMost: 10) }
    #expect(try Redrive.limit(0, atMost: 10) == 10)
    #expect(try Redrive.limit(10, atMost: 10) == 10)
    #expect(try Redrive.limit(11, atMost: 10) == 10)
  }

  @Test func `a range of time that ends before it starts is refused by name`() async throws {
    let fixture = try await DeliveryFixture()
    var range = TimeRange()
    (range.start, range.end) = (fixture.time(1), fixture.time(1))
    let error = await #expect(throws: GatewayError.self) {
      try await fixture.redrive.run(request { $0.received = range }, in: fixture.organization)
    }
    #expect(error?.violations.first?.field == "received.end")
  }
}
