import EventCore
import Testing

extension ConformanceCase {
  static let references: [ConformanceCase] = [
    ConformanceCase("a subscription needs its function and its event") { test async throws in
      let subscription = Definition.subscription("s", to: "e", function: "f")
      #expect(
        try await test.store.refusal(of: .create(.event("e")), .create(subscription))
          == .missing(.init(.function, "f")))
      #expect(
        try await test.store.refusal(of: .create(.function("f")), .create(subscription))
          == .missing(.init(.event, "e")))
      try await test.store.define(
        .create(.function("f")), .create(.event("e")), .create(subscription))
    },
    ConformanceCase("a subscription to a pattern needs only its function") { test async throws in
      try await test.store.define(
        .create(.function("f")), .create(.subscription("s", to: "order.*", function: "f")))
    },
    ConformanceCase("an event's function must exist") { test async throws in
      let refusal = try await test.store.refusal(of: .create(.event("e", function: "f")))
      #expect(refusal == .missing(.init(.function, "f")))
    },
    ConformanceCase("another organization's definitions satisfy no reference") {
      test async throws in
      try await test.store.define(.create(.function("f")), in: .other)
      let refusal = try await test.store.refusal(of: .create(.event("e", function: "f")))
      #expect(refusal == .missing(.init(.function, "f")))
    },
    ConformanceCase("the order of changes does not matter to references") { test async throws in
      try await test.store.define(
        .create(.subscription("s", to: "e", function: "f")), .create(.event("e", function: "f")),
        .create(.function("f")))
      try await test.store.define(
        .delete(.init(.function, "f"), revision: nil), .delete(.init(.event, "e"), revision: nil),
        .delete(.init(.subscription, "s"), revision: nil))
    },
    ConformanceCase("an update may not lead a reference to nothing") { test async throws in
      try await test.store.define(
        .create(.function("f")), .create(.event("e")),
        .create(.subscription("s", to: "e", function: "f")))
      let moved = Definition.subscription("s", to: "e", function: "gone")
      let refusal = try await test.store.refusal(of: .update(moved, revision: 1))
      #expect(refusal == .missing(.init(.function, "gone")))
    },
    ConformanceCase("what is referred to can't be deleted, and the refusal says by whom") {
      test async throws in
      try await test.store.define(
        .create(.function("f")), .create(.event("e", function: "f")),
        .create(.subscription("s", to: "e", function: "f")))
      let event = Definition.Key(.event, "e")
      let subscription = Definition.Key(.subscription, "s")
      let refusal = try await test.store.refusal(of: .delete(.init(.function, "f"), revision: nil))
      guard case .inUse(let key, let referrers)? = refusal else {
        Issue.record("refused otherwise: \(String(describing: refusal))")
        return
      }
      #expect(key == .init(.function, "f"))
      #expect(Set(referrers) == [event, subscription])
      #expect(
        try await test.store.refusal(of: .delete(event, revision: nil))
          == .inUse(event, by: [subscription]))
    },
    ConformanceCase("a refusal names at most ten referrers") { test async throws in
      try await test.store.define(.create(.function("f")))
      for number in 1...11 {
        try await test.store.define(.create(.subscription("s\(number)", to: "**", function: "f")))
      }
      let refusal = try await test.store.refusal(of: .delete(.init(.function, "f"), revision: nil))
      guard case .inUse(_, let referrers)? = refusal else {
        Issue.record("refused otherwise: \(String(describing: refusal))")
        return
      }
      #expect(referrers.count == 10)
    },
    ConformanceCase("a reference that was moved or deleted holds nothing any more") {
      test async throws in
      let old = Definition.Key(.function, "old")
      try await test.store.define(
        .create(.function("old")), .create(.function("new")),
        .create(.subscription("a", to: "**", function: "old")),
        .create(.subscription("b", to: "**", function: "old")))
      try await test.store.define(
        .update(.subscription("a", to: "**", function: "new"), revision: 1))
      #expect(
        try await test.store.refusal(of: .delete(old, revision: nil))
          == .inUse(old, by: [.init(.subscription, "b")]))
      try await test.store.define(.delete(.init(.subscription, "b"), revision: nil))
      try await test.store.define(.delete(old, revision: nil))
    },
    ConformanceCase("what is deleted and created again in one transaction keeps its referrers") {
      test async throws in
      try await test.store.define(
        .create(.function("f")), .create(.subscription("s", to: "**", function: "f")))
      let written = try await test.store.define(
        .delete(.init(.function, "f"), revision: nil), .create(.function("f")))
      #expect(written.map(\.key) == [.init(.function, "f")])
    },
  ]
}
