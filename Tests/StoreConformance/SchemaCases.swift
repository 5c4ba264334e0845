import EventCore
import Testing

extension ConformanceCase {
  static let schemaRevisions: [ConformanceCase] = [
    ConformanceCase("every field of an event's schema comes back, also after a restart") {
      test async throws in
      let revision = try await defined(2, of: "e", test)
      try await test.reopen()
      #expect(try await test.store.definition(revision.key, in: .default) == revision)
      guard case .event(let event)? = try await test.store.definition(event, in: .default)
      else { return #expect(Bool(false), "the event is missing") }
      #expect(event.schema == PayloadSchema.numbered(2))
      #expect(event.schemaViolationCount == 0)
    },
    ConformanceCase("a schema's revision needs its event") { test async throws in
      #expect(try await test.store.refusal(of: .create(.schema(1, of: "e"))) == .missing(event))
    },
    ConformanceCase("an event is not deleted before its schema's revisions") { test async throws in
      let revision = try await defined(1, of: "e", test)
      #expect(
        try await test.store.refusal(of: .delete(event, revision: nil))
          == .inUse(event, by: [revision.key]))
      try await test.store.define(
        .delete(event, revision: nil), .delete(revision.key, revision: nil))
      #expect(try await test.store.definition(revision.key, in: .default) == nil)
    },
    ConformanceCase("a schema's revision is there once") { test async throws in
      let revision = try await defined(1, of: "e", test)
      #expect(
        try await test.store.refusal(of: .create(.schema(1, of: "e"))) == .exists(revision.key))
    },
    ConformanceCase("an event's schemas are listed in the order of revisions, page by page") {
      test async throws in
      for number: UInt64 in [10, 2, 9, 100, 1] { try await defined(number, of: "e", test) }
      try await defined(3, of: "e.f", test)
      var query = DefinitionQuery(.schema, in: .default, references: event, limit: 2)
      var pages: [[UInt64]] = []
      var page: Page<Definition>
      repeat {
        page = try await test.store.definitions(query)
        pages.append(page.items.compactMap(\.schemaRevision))
        query.after = page.items.last?.key.id
      } while page.hasMore
      #expect(pages == [[1, 2], [9, 10], [100]])
    },
    ConformanceCase("a subscription's filter and transform come back, what is counted does not") {
      test async throws in
      try await test.store.define(.create(.function("f")))
      for language in SubscriptionFilter.Language.allCases {
        var subscription = Subscription()
        subscription.subscriptionID = "s-\(language.rawValue)"
        subscription.event = "order.**"
        subscription.functionID = "f"
        subscription.filter = SubscriptionFilter(language, #"type = "ö/\u{1F600}""#)
        subscription.transform = PayloadTransform(#"{"a": 1}"#, dataType: "text/plain")
        var counted = subscription
        counted.filterErrorCount = 3
        counted.filterError = "is no number"
        let written = try await test.store.define(.create(.subscription(counted)))
        guard case .subscription(let found)? = written.first else { return }
        subscription.stamp = found.stamp
        try await test.reopen()
        let key = written[0].key
        #expect(
          try await test.store.definition(key, in: .default) == .subscription(subscription))
      }
    },
  ]

  private static let event = Definition.Key(.event, "e")

  /// Writes the event with its schema's revision, after whatever was there; returns the revision as
  /// it was written.
  @discardableResult
  private static func defined(
    _ number: UInt64, of name: String, _ test: StoreUnderTest
  ) async throws -> Definition {
    var event = Event()
    event.event = name
    event.schema = .numbered(number)
    event.schemaViolationCount = 5
    let old = try await test.store.definition(.init(.event, name), in: .default)
    let change: DefinitionChange =
      if let old { .update(.event(event), revision: old.stamp.revision) } else {
        .create(.event(event))
      }
    let written = try await test.store.define(change, .create(.schema(number, of: name)))
    return try #require(written.last)
  }
}

extension Definition {
  fileprivate static func schema(_ number: UInt64, of event: String) -> Definition {
    .schema(SchemaRevision(.numbered(number), of: event))
  }

  fileprivate var schemaRevision: UInt64? {
    if case .schema(let schema) = self { schema.schema.revision } else { nil }
  }
}

extension PayloadSchema {
  /// With a value of its own in every field.
  fileprivate static func numbered(_ revision: UInt64) -> PayloadSchema {
    var schema = PayloadSchema()
    schema.definition = #"{"type": "object", "title": "\u{1F600}/"}"#
    schema.enforcement = .audit
    schema.assertsFormat = true
    schema.compatibility = .backward
    schema.revision = revision
    schema.change = .breaking
    schema.changeNotes = ["'a' became required", ""]
    return schema
  }
}
