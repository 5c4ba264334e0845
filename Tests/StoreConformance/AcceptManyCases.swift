import EventCore
import Testing

extension ConformanceCase {
  static let acceptMany: [ConformanceCase] = [
    ConformanceCase("triggers that are accepted together have their order and their outcomes") {
      test async throws in
      var first = Trigger.of("e")
      first.requestID = "r"
      var other = Trigger.of("e")
      (other.requestID, other.payload.data) = ("r", [9])
      let plans = [
        TriggerPlan(first), .keyed("k"), .keyed("k"), TriggerPlan(first), TriggerPlan(other),
      ]
      #expect(
        try await test.store.accept(plans) == [
          .accepted(held: []), .accepted(held: []), .accepted(held: [0]),
          .duplicate(TriggerPlan(first).stored), .conflict(first.triggerID),
        ])
      try await test.reopen()
      var query = TriggerQuery(in: .default, limit: 10)
      query.isOldestFirst = true
      let stored = try await test.store.triggers(query).items
      #expect(stored.map(\.trigger.triggerID) == plans.prefix(3).map(\.id))
    },
    ConformanceCase(
      "of triggers that are accepted together those beyond the backlog are refused",
      limits: .init(backlogPerFunctionMax: 2)
    ) {
      test async throws in
      let plans = (0..<3).map { _ in TriggerPlan.keyed("", ["f"]) } + [.keyed("", ["g"])]
      #expect(
        try await test.store.accept(plans) == [
          .accepted(held: []), .accepted(held: []), .full(.function("f")), .accepted(held: []),
        ])
      #expect(try await test.store.accept([TriggerPlan]()) == [])
    },
  ]
}
