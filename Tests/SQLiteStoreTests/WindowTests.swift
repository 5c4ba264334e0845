import EventCore
import Testing

@testable import SQLiteStore

/// Reading in windows: of places in the log of changes, of blocks of triggers.
@Suite struct WindowTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  @Test func `a page of changes looks at so many and no more, and the next one goes on`()
    async throws
  {
    var limits = StoreLimits()
    limits.examinedChangesMax = 2
    let store = try directory.open(limits: limits)
    var last: Trigger?
    for number in 0..<5 {
      let trigger = Trigger.of(number == 4 ? "wanted" : "other")
      #expect(await store.acceptError(trigger) == nil)
      #expect(try await store.record(trigger.invocation().ended(at: .now())) != nil)
      last = trigger
    }
    var query = ChangeQuery(in: .default, after: 0, limit: 9)
    query.event = "wanted"
    var found: [UniqueID] = []
    for place in [2, 4, 5] as [Int64] {
      let page = try await store.changes(query)
      #expect(page.place == place && page.hasMore == (place < 5))
      found += page.changes.map(\.invocation.id.triggerID)
      query.after = page.place
    }
    #expect(found == [try #require(last).triggerID])
    await store.close()
  }

  @Test func `places are not given again after a restart of an empty log`() async throws {
    let first = try directory.open()
    try await finish(.of(), in: first)
    _ = try await first.prune(at: .now() + Limits.changesWindow + .seconds(60), limit: 9)
    #expect(try await first.rows("SELECT count(*) FROM changes") == 0)
    await first.close()
    let store = try directory.open()
    try await finish(.of(), in: store)
    #expect(try await store.rows("SELECT max(place) FROM changes") == 2)
    #expect(try await store.changes(ChangeQuery(in: .default, after: 0, limit: 9)).isExpired)
    #expect(try await store.changes(ChangeQuery(in: .default, after: 3, limit: 9)).isExpired)
    #expect(
      try await store.changes(ChangeQuery(in: .default, after: 1, limit: 9)).changes.count == 1)
    await store.close()
  }

  @Test func `a query by time finds what other blocks have in between`() async throws {
    let connection = try Connection(path: directory.databasePath, .readWrite)
    try Migration.run(on: connection)
    let blocks = ReceivedBlocks(connection: connection)
    let times = [10...20, 30...40, 12...13, 15...50] as [ClosedRange<Int64>]
    for (block, range) in times.enumerated() {
      try blocks.widen(
        Int64(block),
        to: Timestamp(nanoseconds: range.lowerBound)...Timestamp(nanoseconds: range.upperBound))
    }
    let ranges = { (from: Int64, to: Int64) in
      try blocks.ranges(Timestamp(nanoseconds: from)..<Timestamp(nanoseconds: to))
    }
    #expect(try ranges(10, 14) == [0...1_023, 2_048...3_071])
    #expect(try ranges(20, 21) == [0...1_023, 3_072...4_095])
    #expect(try ranges(41, 60) == [3_072...4_095])
    #expect(try ranges(12, 16) == [0...1_023, 2_048...4_095])
    #expect(try ranges(51, 60) == [])
  }

  private func finish(_ trigger: Trigger, in store: SQLiteStore) async throws {
    #expect(await store.acceptError(trigger) == nil)
    #expect(try await store.record(trigger.invocation().ended(at: trigger.receivedAt)) != nil)
  }
}
