import EventCore
import Matching
import Testing

extension ConformanceCase {
  static let groupDefinitions: [ConformanceCase] = [
    ConformanceCase("a group needs its event, and a member its group") { test async throws in
      #expect(
        try await test.store.refusal(of: .create(.group("g", of: "e")))
          == .missing(.init(.event, "e")))
      try await test.store.define(.create(.function("f")), .create(.event("e")))
      #expect(
        try await test.store.refusal(of: .create(.member("s", of: "g", to: "e")))
          == .missing(.init(.group, "g")))
      try await test.store.define(
        .create(.member("s", of: "g", to: "e")), .create(.group("g", of: "e")))
    },
    ConformanceCase("a member subscribes to its group's event") { test async throws in
      try await define(test)
      let refusal = try await test.store.refusal(of: .create(.member("s", of: "g", to: "x")))
      #expect(refusal == .groupMismatch(.init(.group, "g"), event: "e"))
      try await test.store.define(.create(.member("s", of: "g", to: "e")))
      let moved = Definition.member("s", of: "g", to: "x")
      #expect(
        try await test.store.refusal(of: .update(moved, revision: 1))
          == .groupMismatch(.init(.group, "g"), event: "e"))
    },
    ConformanceCase("a group that has members moves to another event only with them") {
      test async throws in
      try await define(test)
      try await test.store.define(.create(.member("s", of: "g", to: "e")))
      let moved = Definition.group("g", of: "x")
      #expect(
        try await test.store.refusal(of: .update(moved, revision: 1))
          == .groupMismatch(.init(.group, "g"), event: "x"))
      try await test.store.define(
        .update(moved, revision: 1), .update(.member("s", of: "g", to: "x"), revision: 1))
    },
    ConformanceCase("a group has as many members as it may, and no more") { test async throws in
      try await define(test)
      for number in 1...Limits.groupMembersMax {
        try await test.store.define(.create(.member("s\(number)", of: "g", to: "e")))
      }
      let refusal = try await test.store.refusal(of: .create(.member("more", of: "g", to: "e")))
      #expect(refusal == .groupFull(.init(.group, "g"), limit: Limits.groupMembersMax))
      try await test.store.define(
        .delete(.init(.subscription, "s1"), revision: nil),
        .create(.member("more", of: "g", to: "e")))
      try await test.store.define(.update(.member("s2", of: "g", to: "e"), revision: 1))
    },
    ConformanceCase("what a group or its members need can't be deleted") { test async throws in
      try await define(test)
      try await test.store.define(.create(.member("s", of: "g", to: "e")))
      let (event, group) = (Definition.Key(.event, "e"), Definition.Key(.group, "g"))
      #expect(
        try await test.store.refusal(of: .delete(group, revision: nil))
          == .inUse(group, by: [.init(.subscription, "s")]))
      try await test.store.define(.delete(.init(.subscription, "s"), revision: nil))
      #expect(
        try await test.store.refusal(of: .delete(event, revision: nil))
          == .inUse(event, by: [group]))
      try await test.store.define(
        .delete(event, revision: nil), .delete(group, revision: nil))
    },
    ConformanceCase("members are listed by their group, and groups by their event") {
      test async throws in
      try await define(test)
      try await test.store.define(
        .create(.member("a", of: "g", to: "e")),
        .create(.subscription("b", to: "e", function: "f")))
      func ids(_ kind: Definition.Kind, _ target: Definition.Key) async throws -> [String] {
        let query = DefinitionQuery(kind, in: .default, references: target, limit: 9)
        return try await test.store.definitions(query).items.map(\.key.id)
      }
      #expect(try await ids(.subscription, .init(.group, "g")) == ["a"])
      #expect(try await ids(.group, .init(.event, "e")) == ["g"])
      #expect(try await ids(.group, .init(.event, "x")) == [])
    },
    ConformanceCase("observers are told of groups, also after a restart") { test async throws in
      try await define(test)
      try await test.store.define(.create(.member("a", of: "g", to: "e")))
      try await test.reopen()
      let catalog = Catalog()
      try await test.store.observeDefinitions(catalog.apply)
      var trigger = Trigger()
      trigger.event = "e"
      let match = try #require(catalog.match(trigger))
      #expect(match.groups.map(\.groupID) == ["g"])
      #expect(match.subscriptions.map(\.groupID) == ["g"])
    },
  ]

  private static func define(_ test: StoreUnderTest) async throws {
    try await test.store.define(
      .create(.function("f")), .create(.event("e")), .create(.event("x")),
      .create(.group("g", of: "e")))
  }
}

extension Definition {
  fileprivate static func group(_ id: String, of event: String) -> Definition {
    var group = SubscriptionGroup()
    group.groupID = id
    group.event = event
    return .group(group)
  }

  fileprivate static func member(
    _ id: String, of group: String, to event: String
  ) -> Definition {
    var subscription = Subscription()
    subscription.subscriptionID = id
    subscription.event = event
    subscription.functionID = "f"
    subscription.groupID = group
    return .subscription(subscription)
  }
}
