import EventCore
import Testing

extension ConformanceCase {
  static let order: [ConformanceCase] = [
    ConformanceCase("of one key and subscription the first may run, the others are held") {
      test async throws in
      let plans = (0..<3).map { TriggerPlan.keyed("k", ["f", "g"], at: .at($0)) }
      #expect(try await test.store.accept(plans[0]) == .accepted(held: []))
      #expect(try await test.store.accept(plans[1]) == .accepted(held: [0, 1]))
      let later = TriggerPlan.keyed("k", ["g"], at: .at(9))
      #expect(try await test.store.accept(later) == .accepted(held: [0]))
      #expect(try await test.runnable(plans[0]) == [0, 1])
      #expect(try await test.runnable(plans[1]) == [])
      #expect(try await test.holds(plans[1].id(1)) == .order)
    },
    ConformanceCase("another key, subscription or organization, or none, waits for nobody") {
      test async throws in
      try await test.accept(.keyed("k"))
      for plan in [
        TriggerPlan.keyed("l"), .keyed("k", ["g"]), .keyed("k", in: .other), .keyed(""), .keyed(""),
      ] {
        #expect(try await test.store.accept(plan) == .accepted(held: []))
      }
    },
    ConformanceCase("whatever an invocation ends with, the next of its key goes") {
      test async throws in
      let plans = (0..<5).map { TriggerPlan.keyed("k", at: .at($0)) }
      for plan in plans { try await test.accept(plan) }
      let states = Invocation.State.allCases.filter(\.isTerminal)
      for (index, state) in states.enumerated() {
        let consequences = try await test.end(plans[index].id(0), state)
        #expect(consequences.lanes == [Lane(.default, "f")])
        #expect(consequences.changed.map(\.id) == [plans[index].id(0)])
        #expect(try await test.runnable(plans[index + 1]) == [0])
        #expect(try await test.invocation(plans[index + 1].id(0)).revision == 0)
        for later in plans[(index + 2)...] { #expect(try await test.holds(later.id(0)) == .order) }
      }
    },
    ConformanceCase("a retry keeps its key") { test async throws in
      let (first, second) = (TriggerPlan.keyed("k"), TriggerPlan.keyed("k", at: .at(1)))
      try await test.accept(first, second)
      try await test.end(first.id(0), .retrying, retryAt: .at(50))
      #expect(try await test.runnable(second) == [])
      #expect(try await test.runnable(first) == [0])
    },
    ConformanceCase("one that is cancelled while it waits lets nobody go") { test async throws in
      let plans = (0..<3).map { TriggerPlan.keyed("k", at: .at($0)) }
      for plan in plans { try await test.accept(plan) }
      try await test.cancel(.invocation(plans[1].id(0)))
      #expect(try await test.holds(plans[2].id(0)) == .order)
      try await test.cancel(.trigger(plans[0].id))
      #expect(try await test.holds(plans[2].id(0)) == [])
    },
    ConformanceCase("what the strategy of a group ends gives way to the next of its key") {
      test async throws in
      let first = TriggerPlan.group(.sequence, key: "k")
      let second = TriggerPlan.group(.sequence, key: "k", at: .at(1))
      try await test.accept(first)
      #expect(try await test.store.accept(second) == .accepted(held: [0, 1, 2]))
      let consequences = try await test.end(first.id(0), .failed)
      #expect(consequences.lanes.contains(Lane(.default, "a")))
      #expect(try await test.holds(second.id(0)) == [])
      #expect(try await test.holds(second.id(1)) == .group)
      #expect(try await test.runnable(second) == [0])
    },
    ConformanceCase("a member that both order and group hold runs when both let it go") {
      test async throws in
      let first = TriggerPlan.keyed("k", ["b"])
      let second = TriggerPlan.group(.sequence, ["a", "b"], key: "k", at: .at(1))
      try await test.accept(first, second)
      try await test.end(second.id(0), .succeeded)
      #expect(try await test.holds(second.id(1)) == .order)
      try await test.end(first.id(0), .succeeded)
      #expect(try await test.runnable(second) == [1])
    },
    ConformanceCase("the order of a key is there after a restart") { test async throws in
      let (first, second) = (TriggerPlan.keyed("k"), TriggerPlan.keyed("k", at: .at(1)))
      try await test.accept(first, second)
      try await test.reopen()
      let third = TriggerPlan.keyed("k", at: .at(2))
      #expect(try await test.store.accept(third) == .accepted(held: [0]))
      try await test.end(first.id(0), .succeeded)
      #expect(try await test.runnable(second) == [0])
      #expect(try await test.runnable(third) == [])
    },
    ConformanceCase("many with few keys run in the order of their commits") { test async throws in
      let plans = (0..<120).map { TriggerPlan.keyed("k\($0 % 5)", at: .at($0)) }
      for plan in plans { try await test.accept(plan) }
      var order: [String: [UniqueID]] = [:]
      let lane = Lane(.default, "f")
      var due = try await test.store.due(lane, at: .at(1_000), limit: 99).assignments
      while !due.isEmpty {
        #expect(due.count <= 5)
        for assignment in due.reversed() {
          order[assignment.trigger.orderingKey, default: []].append(assignment.trigger.triggerID)
          #expect(try await test.store.record(assignment.invocation.ended(.succeeded)))
        }
        due = try await test.store.due(lane, at: .at(1_000), limit: 99).assignments
      }
      let expected = Dictionary(grouping: plans, by: \.trigger.orderingKey)
      #expect(order == expected.mapValues { $0.map(\.id) })
    },
    ConformanceCase("of those accepted at the same time one goes first") { test async throws in
      let store = test.store
      let held = try await withThrowingTaskGroup { group in
        for number in 0..<32 {
          group.addTask { try await store.accept(.keyed("k", at: .at(number))) }
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(held.count { $0 == .accepted(held: []) } == 1)
      #expect(held.count { $0 == .accepted(held: [0]) } == 31)
    },
  ]
}
