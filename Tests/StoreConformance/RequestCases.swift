import EventCore
import Testing

extension ConformanceCase {
  static let requests: [ConformanceCase] = [
    ConformanceCase("a create with the same request id gets the first answer") {
      test async throws in
      let create = transaction(.create(.event("e", data: [1, 2])), requestID: "r")
      let first = try await test.store.commit(create)
      try await test.store.define(.update(.event("e"), revision: 1))
      #expect(try await test.store.commit(create) == first)
      let stored = try await test.store.definition(.init(.event, "e"), in: .default)
      #expect(stored?.stamp.revision == 2)
    },
    ConformanceCase("a request id that comes with other changes is refused") { test async throws in
      _ = try await test.store.commit(transaction(.create(.function("f")), requestID: "r"))
      for other in [
        Definition.function("g"), .function("f", url: "http://b/"), .event("f"),
      ] {
        let outcome = try await test.store.commit(transaction(.create(other), requestID: "r"))
        #expect(outcome == .refused(.requestIDConflict))
      }
    },
    ConformanceCase("a request id is new again after its window") { test async throws in
      let window = Limits.requestIDWindow
      let key = Definition.Key(.function, "f")
      let create = transaction(.create(.function("f")), requestID: "r")
      let first = try await test.store.commit(create)
      var again = create
      again.now = start + (window - .nanoseconds(1))
      #expect(try await test.store.commit(again) == first)
      again.now = start + window
      #expect(try await test.store.commit(again) == .refused(.exists(key)))
      let other = transaction(.create(.function("g")), requestID: "r", at: start + window)
      guard case .committed = try await test.store.commit(other) else {
        Issue.record("refused")
        return
      }
    },
    ConformanceCase("organizations have their own request ids") { test async throws in
      _ = try await test.store.commit(transaction(.create(.function("f")), requestID: "r"))
      let other = DefinitionTransaction(
        in: .other, [.create(.function("g"))], requestID: "r", now: start)
      guard case .committed = try await test.store.commit(other) else {
        Issue.record("refused")
        return
      }
    },
    ConformanceCase("a refused request may be tried again under its id") { test async throws in
      let create = transaction(.create(.event("e", function: "f")), requestID: "r")
      #expect(try await test.store.commit(create) == .refused(.missing(.init(.function, "f"))))
      try await test.store.define(.create(.function("f")))
      guard case .committed = try await test.store.commit(create) else {
        Issue.record("refused")
        return
      }
    },
    ConformanceCase("request ids are known after a restart") { test async throws in
      let create = transaction(.create(.function("f")), requestID: "r")
      let first = try await test.store.commit(create)
      try await test.reopen()
      #expect(try await test.store.commit(create) == first)
    },
  ]

  private static func transaction(
    _ change: DefinitionChange, requestID: String, at now: Timestamp = start
  ) -> DefinitionTransaction {
    DefinitionTransaction(in: .default, [change], requestID: requestID, now: now)
  }
}
