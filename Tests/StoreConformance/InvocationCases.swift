import EventCore
import Testing

extension ConformanceCase {
  static let invocations: [ConformanceCase] = [
    ConformanceCase("an accepted invocation comes back as it was") { test async throws in
      let made = try await test.store.trigger("e", ["f", "g"])
      for invocation in made.invocations {
        #expect(try await test.store.invocation(invocation.id, in: .default) == invocation)
        #expect(try await test.store.invocation(invocation.id, in: .other) == nil)
      }
      let beyond = InvocationID(triggerID: made.trigger.triggerID, ordinal: 2)
      #expect(try await test.store.invocation(beyond, in: .default) == nil)
    },
    ConformanceCase("what an attempt left behind comes back with every field") {
      test async throws in
      let full = try await test.store.trigger().invocations[0].full
      #expect(try await test.store.record(full))
      #expect(try await test.store.invocation(full.id, in: .default) == full)
      try await test.reopen()
      #expect(try await test.store.invocation(full.id, in: .default) == full)
    },
    ConformanceCase("the largest output and logs come back unchanged") { test async throws in
      var invocation = try await test.store.trigger().invocations[0].ended(.succeeded)
      let bytes = (0..<Limits.outputBytesMax).map { UInt8(truncatingIfNeeded: $0) }
      invocation.output = Output(payload: Payload(data: bytes, dataType: "a/b"), isTruncated: true)
      let text = String(repeating: "x", count: Limits.logLineBytesMax)
      invocation.logs = (0..<Limits.logLinesMax).map {
        LogLine(time: .at($0), attempt: 1, text: text)
      }
      #expect(try await test.store.record(invocation))
      #expect(try await test.store.invocation(invocation.id, in: .default) == invocation)
    },
    ConformanceCase("a retry takes the place of what was before") { test async throws in
      let pending = try await test.store.trigger().invocations[0]
      let retrying = pending.ended(.retrying, retryAt: .at(5))
      #expect(try await test.store.record(retrying))
      #expect(try await test.store.invocation(pending.id, in: .default) == retrying)
      let done = retrying.ended(.succeeded, at: .at(6))
      #expect(try await test.store.record(done))
      #expect(try await test.store.invocation(pending.id, in: .default) == done)
      #expect(done.attempts.count == 2)
    },
    ConformanceCase("a finished invocation is never written again") { test async throws in
      for state in Invocation.State.allCases where state.isTerminal {
        let finished = try await test.store.trigger().invocations[0].ended(state)
        #expect(try await test.store.record(finished))
        for later in [
          finished, finished.ended(.retrying, retryAt: .at(9)), finished.ended(.succeeded),
        ] {
          #expect(try await test.store.record(later) == false)
        }
        #expect(try await test.store.invocation(finished.id, in: .default) == finished)
      }
    },
    ConformanceCase("an invocation that is not there is not recorded") { test async throws in
      let unknown = Trigger.of().invocations(["f"])[0]
      #expect(try await test.store.record(unknown.ended(.succeeded)) == false)
      var beyond = try await test.store.trigger().invocations[0]
      beyond.id = InvocationID(triggerID: beyond.id.triggerID, ordinal: 1)
      #expect(try await test.store.record(beyond.ended(.succeeded)) == false)
      #expect(try await test.store.invocation(beyond.id, in: .default) == nil)
    },
    ConformanceCase("of two outcomes at the same time one counts") { test async throws in
      let store = test.store
      let pending = try await store.trigger().invocations[0]
      let recorded = try await withThrowingTaskGroup { group in
        for number in 0..<16 {
          group.addTask { try await store.record(pending.ended(.succeeded, at: .at(number))) }
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(recorded.count { $0 } == 1)
    },
    ConformanceCase("a tally follows its invocations") { test async throws in
      let made = try await test.store.trigger("e", ["a", "b", "c", "d", "e"])
      let states: [Invocation.State] = [.succeeded, .failed, .cancelled, .skipped]
      for (invocation, state) in zip(made.invocations, states) {
        _ = try await test.store.record(invocation.ended(state))
      }
      _ = try await test.store.record(made.invocations[4].ended(.retrying, retryAt: .at(9)))
      var expected = InvocationTally()
      for state in states + [.retrying] { expected[state] = 1 }
      let stored = try await test.store.trigger(made.trigger.triggerID, in: .default)
      #expect(stored?.tally == expected)
    },
  ]

  static let invocationPages: [ConformanceCase] = [
    ConformanceCase("invocations are listed newest trigger first, then by ordinal") {
      test async throws in
      let old = try await test.store.trigger("e", ["a", "b", "c"], at: .at(1))
      let new = try await test.store.trigger("e", ["a", "b", "c"], at: .at(2))
      try await test.store.trigger(in: .other)
      let expected = (new.invocations + old.invocations).map(\.id)
      for limit in 1...7 {
        let query = InvocationQuery(in: .default, limit: limit)
        #expect(try await allPages(query, test) == expected)
      }
    },
    ConformanceCase("invocations are listed by trigger") { test async throws in
      try await test.store.trigger("e", ["a"], at: .at(1))
      let made = try await test.store.trigger("e", ["a", "b", "c"], at: .at(2))
      try await test.store.trigger("e", ["a"], at: .at(3))
      var query = InvocationQuery(in: .default, triggerID: made.trigger.triggerID, limit: 2)
      #expect(try await allPages(query, test) == made.invocations.map(\.id))
      query.organization = .other
      #expect(try await allPages(query, test).isEmpty)
    },
    ConformanceCase("invocations are listed by function and by subscription") { test async throws in
      let first = try await test.store.trigger("e", ["a", "b", "a"], at: .at(1)).invocations
      let second = try await test.store.trigger("e", ["b", "a"], at: .at(2)).invocations
      let ofA = [second[1].id, first[0].id, first[2].id]
      let ofB = [second[0].id, first[1].id]
      func ids(function: String? = nil, subscription: String? = nil) async throws -> [InvocationID]
      {
        let query = InvocationQuery(
          in: .default, subscriptionID: subscription, functionID: function, limit: 1)
        return try await allPages(query, test)
      }
      #expect(try await ids(function: "a") == ofA)
      #expect(try await ids(subscription: "s-b") == ofB)
      #expect(try await ids(function: "a", subscription: "s-a") == ofA)
      #expect(try await ids(function: "a", subscription: "s-b") == [])
      #expect(try await ids(function: "unheard-of") == [])
      #expect(try await ids(subscription: "unheard-of") == [])
    },
    ConformanceCase("invocations are listed by state, with every other filter") {
      test async throws in
      var expected: [Invocation.State: [InvocationID]] = [:]
      let states: [Invocation.State] = [.pending, .retrying, .succeeded, .failed, .cancelled]
      for round in 0..<2 {
        let made = try await test.store.trigger("e", ["a", "b", "c", "d", "e"], at: .at(round))
        for (invocation, state) in zip(made.invocations, states) {
          if state != .pending {
            let retry: Timestamp? = state == .retrying ? .at(9) : nil
            #expect(try await test.store.record(invocation.ended(state, retryAt: retry)))
          }
          expected[state, default: []].insert(invocation.id, at: 0)
        }
      }
      let elsewhere = try await test.store.trigger("e", ["d"], in: .other).invocations[0]
      #expect(try await test.store.record(elsewhere.ended(.failed)))
      for state in states {
        var query = InvocationQuery(in: .default, states: [state], limit: 1)
        #expect(try await allPages(query, test) == expected[state])
        query.organization = .other
        #expect(try await allPages(query, test) == (state == .failed ? [elsewhere.id] : []))
      }
      let failed = try #require(expected[.failed])
      let one = InvocationQuery(
        in: .default, triggerID: failed[0].triggerID, states: [.failed], limit: 9)
      #expect(try await allPages(one, test) == [failed[0]])
      var byFunction = InvocationQuery(in: .default, functionID: "d", states: [.failed], limit: 9)
      #expect(try await allPages(byFunction, test) == failed)
      byFunction.functionID = "a"
      #expect(try await allPages(byFunction, test) == [])
      let several = InvocationQuery(in: .default, states: [.failed, .succeeded], limit: 1)
      #expect(try await allPages(several, test).count == 4)
    },
    ConformanceCase("a page says whether there are more invocations") { test async throws in
      try await test.store.trigger("e", ["f", "g"])
      try await test.store.trigger("e", ["f"])
      for (limit, hasMore) in [(2, true), (3, false), (4, false)] {
        let query = InvocationQuery(in: .default, limit: limit)
        #expect(try await test.store.invocations(query).hasMore == hasMore)
      }
    },
    ConformanceCase("a page without results leaves out outputs and logs only") {
      test async throws in
      let full = try await test.store.trigger().invocations[0].full
      #expect(try await test.store.record(full))
      var query = InvocationQuery(in: .default, limit: 1)
      #expect(try await test.store.invocations(query).items == [full])
      query.withResults = false
      var bare = full
      (bare.output, bare.logs) = (nil, [])
      #expect(try await test.store.invocations(query).items == [bare])
    },
  ]

  private static func allPages(
    _ query: InvocationQuery, _ test: StoreUnderTest
  ) async throws -> [InvocationID] {
    var query = query
    var ids: [InvocationID] = []
    while true {
      let page = try await test.store.invocations(query).items.map(\.id)
      #expect(page.count <= query.limit)
      if page.isEmpty { return ids }
      ids += page
      query.after = page.last
    }
  }
}

extension Invocation {
  /// With everything set that can be.
  fileprivate var full: Invocation {
    var full = ended(.retrying, at: .at(-1)).ended(.failed, at: .at(2))
    full.attempts[0].error = InvocationError(
      .timeout, code: "TIMEOUT", message: "ä\n\u{0}\u{1F600}", isFinal: true,
      retryAfter: .milliseconds(1_500))
    full.attempts[1].endTime = nil
    full.output = Output(
      payload: Payload(data: Array(0...255), dataType: "text/plain; charset=utf-8"),
      isTruncated: true)
    full.logs = [
      LogLine(time: .at(1), attempt: 1, text: ""), LogLine(time: .at(2), attempt: 2, text: "über"),
    ]
    full.error = InvocationError(.cancelled, code: "", message: "", retryAfter: .zero)
    full.redrive = Invocation.Redrive(at: .at(1), after: 1)
    full.revision = 1
    return full
  }
}
