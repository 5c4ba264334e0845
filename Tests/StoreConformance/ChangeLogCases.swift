import EventCore
import Testing

extension ConformanceCase {
  static let changeLog: [ConformanceCase] = [
    ConformanceCase("changes are told in the order of their commits") { test async throws in
      let begin = try await place(test)
      let made = try await test.store.trigger("e", ["a", "b", "c"])
      #expect(try await test.store.changes(query(after: begin)).changes.isEmpty)
      for ordinal in [1, 2, 0] { try await test.end(made.invocations[ordinal].id, .succeeded) }
      let page = try await test.store.changes(query(after: begin))
      #expect(page.changes.map(\.invocation.id.ordinal) == [1, 2, 0])
      #expect(page.changes.map(\.event) == ["e", "e", "e"])
      #expect(page.changes.map(\.place) == page.changes.map(\.place).sorted())
      #expect(page.place == page.changes.last?.place)
      #expect(!page.hasMore && !page.isExpired)
      #expect(try await test.store.changes(query(after: page.place)).changes.isEmpty)
    },
    ConformanceCase("an invocation is told at its newest change only, as it is") {
      test async throws in
      let begin = try await place(test)
      let made = try await test.store.trigger("e", ["a", "b"])
      try await test.end(made.invocations[0].id, .retrying, retryAt: .at(5))
      try await test.end(made.invocations[1].id, .succeeded)
      try await test.end(made.invocations[0].id, .failed, at: .at(5))
      let page = try await test.store.changes(query(after: begin))
      #expect(page.changes.map(\.invocation.id.ordinal) == [1, 0])
      #expect(page.changes.last?.invocation == (try await test.invocation(made.invocations[0].id)))
      #expect(page.changes.map(\.invocation.revision) == [1, 2])
    },
    ConformanceCase("changes are told without output and logs") { test async throws in
      let begin = try await place(test)
      var done = try await test.store.trigger().invocations[0].ended(.succeeded)
      done.output = Output(payload: Payload(data: [1]))
      done.logs = [LogLine(time: start, attempt: 1, text: "x")]
      #expect(try await test.store.record(done))
      (done.output, done.logs) = (nil, [])
      #expect(
        try await test.store.changes(query(after: begin)).changes.map(\.invocation) == [done])
    },
    ConformanceCase("without a place changes are told from now on") { test async throws in
      let first = try await test.store.trigger().invocations[0]
      try await test.end(first.id, .succeeded)
      let page = try await test.store.changes(query(after: nil))
      #expect(page.changes.isEmpty && !page.hasMore && !page.isExpired)
      let second = try await test.store.trigger().invocations[0]
      try await test.end(second.id, .succeeded)
      let next = try await test.store.changes(query(after: page.place))
      #expect(next.changes.map(\.invocation.id) == [second.id])
    },
    ConformanceCase("page by page every change is told once") { test async throws in
      let begin = try await place(test)
      let made = try await test.store.trigger("e", ["a", "b", "c", "d", "e"])
      for invocation in made.invocations { try await test.end(invocation.id, .succeeded) }
      for limit in 1...6 {
        let told = try await allChanges(test, query(after: begin, limit: limit))
        #expect(told.map(\.invocation.id.ordinal) == [0, 1, 2, 3, 4])
      }
    },
    ConformanceCase("whatever ends or revives an invocation is a change, a hold is none") {
      test async throws in
      let begin = try await place(test)
      let plan = TriggerPlan.group(.sequence)
      let keyed = TriggerPlan.group(.parallel, ["x"], key: "k", at: .at(1))
      let later = TriggerPlan.keyed("k", ["x"], at: .at(2))
      try await test.accept(plan, keyed, later)
      try await test.end(plan.id(0), .succeeded)
      try await test.end(plan.id(1), .failed)
      try await test.cancel(.trigger(keyed.id))
      var told = try await allChanges(test, query(after: begin))
      #expect(
        told.map(\.invocation.id) == [plan.id(0), plan.id(1), plan.id(2), keyed.id(0)])
      #expect(told.map(\.invocation.state) == [.succeeded, .failed, .skipped, .cancelled])
      let place = try #require(told.last?.place)
      try await test.redrive(plan.id(1))
      told = try await allChanges(test, query(after: place))
      #expect(Set(told.map(\.invocation.id)) == [plan.id(1), plan.id(2)])
      #expect(told.map(\.invocation.state) == [.pending, .pending])
    },
    ConformanceCase("a place is good after a restart, and changes go on from it") {
      test async throws in
      let begin = try await place(test)
      let first = try await test.store.trigger().invocations[0]
      try await test.end(first.id, .succeeded)
      try await test.reopen()
      let second = try await test.store.trigger().invocations[0]
      try await test.end(second.id, .succeeded)
      let told = try await allChanges(test, query(after: begin))
      #expect(told.map(\.invocation.id) == [first.id, second.id])
      #expect(try await allChanges(test, query(after: told[0].place)).count == 1)
    },
    ConformanceCase("a place whose next change is past the window has expired") {
      test async throws in
      let begin = try await place(test)
      let made = try await test.store.trigger("e", ["a", "b"])
      try await test.end(made.invocations[0].id, .succeeded, at: .at(0))
      let between = try await place(test)
      try await test.end(made.invocations[1].id, .succeeded, at: .at(100))
      _ = try await test.store.prune(at: .at(2) + Limits.changesWindow, limit: 9)
      let expired = try await test.store.changes(query(after: begin))
      #expect(expired.isExpired)
      #expect(expired.changes.isEmpty)
      let kept = try await test.store.changes(query(after: between))
      #expect(!kept.isExpired)
      #expect(kept.changes.map(\.invocation.id) == [made.invocations[1].id])
    },
    ConformanceCase("places grow on when everything before was forgotten") { test async throws in
      let begin = try await place(test)
      let first = try await test.store.trigger().invocations[0]
      try await test.end(first.id, .succeeded)
      let end = try await place(test)
      _ = try await test.store.prune(at: .at(9) + Limits.changesWindow, limit: 9)
      try await test.reopen()
      #expect(try await place(test) == end)
      #expect(try await test.store.changes(query(after: begin)).isExpired)
      let second = try await test.store.trigger().invocations[0]
      try await test.end(second.id, .succeeded, at: .at(9) + Limits.changesWindow)
      let page = try await test.store.changes(query(after: end))
      #expect(page.changes.map(\.invocation.id) == [second.id])
      #expect(page.place > end && !page.isExpired)
    },
    ConformanceCase("the log is forgotten in batches, until nothing is left to do") {
      test async throws in
      let begin = try await place(test)
      for _ in 0..<5 {
        try await test.end(try await test.store.trigger().invocations[0].id, .succeeded)
      }
      let end = try await place(test)
      let late = Timestamp.at(9) + Limits.changesWindow
      var rounds = 0
      while let next = try await test.store.prune(at: late, limit: 2).next, next <= late {
        rounds += 1
        try #require(rounds < 99, "prune comes to no end")
      }
      #expect(try await test.store.changes(query(after: begin)).isExpired)
      #expect(try await test.store.changes(query(after: end)).isExpired == false)
    },
  ]

  static let changeFilters: [ConformanceCase] = [
    ConformanceCase("changes are told by subscription, function, event and organization") {
      test async throws in
      let begin = try await place(test)
      let first = try await test.store.trigger("e", ["a", "b"])
      let second = try await test.store.trigger("x", ["a"], at: .at(1))
      let other = try await test.store.trigger("e", ["a"], in: .other)
      for made in [first, second, other] {
        for invocation in made.invocations {
          #expect(try await test.store.record(invocation.ended(.succeeded)))
        }
      }
      func told(_ edit: (inout ChangeQuery) -> Void) async throws -> [InvocationID] {
        var query = query(after: begin, limit: 1)
        edit(&query)
        return try await allChanges(test, query).map(\.invocation.id)
      }
      let (a, b, x) = (first.invocations[0].id, first.invocations[1].id, second.invocations[0].id)
      #expect(try await told { _ in } == [a, b, x])
      #expect(try await told { $0.functionID = "a" } == [a, x])
      #expect(try await told { $0.subscriptionID = "s-b" } == [b])
      #expect(try await told { $0.event = "e" } == [a, b])
      #expect(
        try await told {
          $0.event = "x"
          $0.functionID = "b"
        } == [])
      #expect(try await told { $0.functionID = "unheard-of" } == [])
      #expect(try await told { $0.event = "unheard-of" } == [])
      #expect(try await told { $0.organization = .other } == [other.invocations[0].id])
    },
    ConformanceCase("changes are told by the state that they lead to") { test async throws in
      let begin = try await place(test)
      let made = try await test.store.trigger("e", ["a", "b", "c"])
      try await test.end(made.invocations[0].id, .failed)
      try await test.end(made.invocations[1].id, .succeeded)
      try await test.end(made.invocations[2].id, .failed)
      try await test.redrive(made.invocations[2].id)
      var query = query(after: begin)
      query.states = [.failed]
      #expect(try await allChanges(test, query).map(\.invocation.id.ordinal) == [0])
      query.states = [.pending, .succeeded]
      #expect(try await allChanges(test, query).map(\.invocation.id.ordinal) == [1, 2])
    },
    ConformanceCase("a page that finds nothing says how far it looked") { test async throws in
      let begin = try await place(test)
      let made = try await test.store.trigger("e", ["a", "b", "c"])
      for invocation in made.invocations { try await test.end(invocation.id, .succeeded) }
      var query = query(after: begin, limit: 1)
      query.states = [.failed]
      #expect(try await allChanges(test, query).isEmpty)
      var page = try await test.store.changes(query)
      while page.hasMore {
        query.after = page.place
        page = try await test.store.changes(query)
      }
      #expect(try await place(test) == page.place)
    },
  ]

  private static func query(after place: Int64?, limit: Int = 99) -> ChangeQuery {
    ChangeQuery(in: .default, after: place, limit: limit)
  }

  /// The log's end.
  private static func place(_ test: StoreUnderTest) async throws -> Int64 {
    try await test.store.changes(query(after: nil)).place
  }

  private static func allChanges(
    _ test: StoreUnderTest, _ query: ChangeQuery
  ) async throws -> [Change] {
    var query = query
    var changes: [Change] = []
    while true {
      let page = try await test.store.changes(query)
      #expect(page.changes.count <= query.limit)
      #expect(!page.isExpired)
      changes += page.changes
      guard page.hasMore else { return changes }
      try #require(page.place > query.after ?? .min, "the next page would be the same")
      query.after = page.place
    }
  }
}
