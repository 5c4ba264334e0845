import EventCore
import Testing

extension ConformanceCase {
  static let definitionPages: [ConformanceCase] = [
    ConformanceCase("definitions of a kind are listed by id, page by page") { test async throws in
      for id in ["b", "a.z", "c", "a", "a-b"] {
        try await test.store.define(.create(.function(id)))
      }
      try await test.store.define(.create(.event("b")))
      try await test.store.define(.create(.function("elsewhere")), in: .other)
      var query = DefinitionQuery(.function, in: .default, limit: 2)
      var pages: [[String]] = []
      repeat {
        pages.append(try await test.store.definitions(query).items.map(\.key.id))
        query.after = pages.last?.last
      } while pages.last?.isEmpty == false
      #expect(pages == [["a", "a-b"], ["a.z", "b"], ["c"], []])
    },
    ConformanceCase("a page says whether there are more definitions") { test async throws in
      for id in ["a", "b", "c"] { try await test.store.define(.create(.function(id))) }
      for (limit, hasMore) in [(2, true), (3, false), (4, false)] {
        let query = DefinitionQuery(.function, in: .default, limit: limit)
        #expect(try await test.store.definitions(query).hasMore == hasMore)
      }
    },
    ConformanceCase("a page of large definitions ends early") { test async throws in
      let data = [UInt8](repeating: 1, count: Limits.defaultPayloadBytesMax)
      let count = Limits.pageBytesMax / data.count
      for number in 0...count {
        try await test.store.define(.create(.event("e\(number)", data: data)))
      }
      let page = try await test.store.definitions(
        DefinitionQuery(.event, in: .default, limit: count + 1))
      #expect(page.items.count == count)
      #expect(page.hasMore)
    },
    ConformanceCase("a page may begin after an id that is gone") { test async throws in
      try await test.store.define(.create(.function("a")), .create(.function("c")))
      let query = DefinitionQuery(.function, in: .default, after: "b", limit: 9)
      #expect(try await test.store.definitions(query).items.map(\.key.id) == ["c"])
    },
    ConformanceCase("definitions are listed by what they refer to") { test async throws in
      try await test.store.define(
        .create(.function("f")), .create(.function("g")), .create(.event("e", function: "f")),
        .create(.subscription("a", to: "e", function: "f")),
        .create(.subscription("b", to: "e", function: "g")),
        .create(.subscription("c", to: "**", function: "f")))
      func ids(_ kind: Definition.Kind, _ target: Definition.Key, after: String? = nil) async throws
        -> [String]
      {
        try await test.store.definitions(
          DefinitionQuery(kind, in: .default, references: target, after: after, limit: 9)
        ).items.map(\.key.id)
      }
      #expect(try await ids(.subscription, .init(.function, "f")) == ["a", "c"])
      #expect(try await ids(.subscription, .init(.function, "f"), after: "a") == ["c"])
      #expect(try await ids(.subscription, .init(.event, "e")) == ["a", "b"])
      #expect(try await ids(.subscription, .init(.event, "**")) == ["c"])
      #expect(try await ids(.event, .init(.function, "f")) == ["e"])
      #expect(try await ids(.function, .init(.event, "e")) == [])
    },
    ConformanceCase("a page of no rows is empty") { test async throws in
      try await test.store.define(.create(.function("a")))
      #expect(
        try await test.store.definitions(DefinitionQuery(.function, in: .default, limit: 0)).items
          .isEmpty
      )
    },
  ]

  static let receivedTimes: [ConformanceCase] = [
    ConformanceCase("an event says when it was last triggered") { test async throws in
      try await test.store.define(.create(.event("e")), .create(.event("quiet")))
      #expect(try await received("e", test) == nil)
      try await test.store.trigger("e", at: .at(10))
      #expect(try await received("e", test) == .at(10))
      try await test.store.trigger("e", at: .at(20))
      #expect(try await received("e", test) == .at(20))
      let page = try await test.store.definitions(DefinitionQuery(.event, in: .default, limit: 9))
        .items
      #expect(page.map(receivedAt) == [.at(20), nil])
      try await test.reopen()
      #expect(try await received("e", test) == .at(20))
    },
    ConformanceCase("the time an event was last triggered never moves back") { test async throws in
      try await test.store.define(.create(.event("e")))
      try await test.store.trigger("e", at: .at(20))
      try await test.store.trigger("e", at: .at(10))
      #expect(try await received("e", test) == .at(20))
    },
    ConformanceCase("a trigger is no update of its event") { test async throws in
      let written = try await test.store.define(.create(.event("e")))[0]
      try await test.store.trigger("e", at: .at(10))
      let stored = try await test.store.definition(written.key, in: .default)
      #expect(stored?.stamp == written.stamp)
      let updated = try await test.store.define(.update(.event("e"), revision: 1), at: .at(11))
      #expect(updated.map(receivedAt) == [.at(10)])
    },
    ConformanceCase("what a client writes as the time of the last trigger is ignored") {
      test async throws in
      var event = Event()
      event.event = "e"
      event.receivedAt = .at(99)
      let written = try await test.store.define(.create(.event(event)))
      #expect(written.map(receivedAt) == [nil])
      #expect(try await received("e", test) == nil)
    },
    ConformanceCase("a new event takes over no time from a deleted one of its name") {
      test async throws in
      try await test.store.define(.create(.event("e")))
      try await test.store.trigger("e", at: .at(10))
      try await test.store.define(.delete(.init(.event, "e"), revision: nil))
      try await test.store.define(.create(.event("e")), at: .at(11))
      #expect(try await received("e", test) == nil)
    },
    ConformanceCase("organizations' events of one name are triggered apart") { test async throws in
      try await test.store.define(.create(.event("e")))
      try await test.store.trigger("e", at: .at(10), in: .other)
      #expect(try await received("e", test) == nil)
    },
  ]

  private static func received(_ event: String, _ test: StoreUnderTest) async throws -> Timestamp? {
    receivedAt(try #require(try await test.store.definition(.init(.event, event), in: .default)))
  }

  private static func receivedAt(_ definition: Definition) -> Timestamp? {
    if case .event(let event) = definition { event.receivedAt } else { nil }
  }
}
