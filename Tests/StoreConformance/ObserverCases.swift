import EventCore
import Matching
import Synchronization
import Testing

extension ConformanceCase {
  static let observers: [ConformanceCase] = [
    ConformanceCase("an observer gets what is there, then every commit in its order") {
      test async throws in
      try await test.store.define(.create(.function("f")), .create(.event("e")))
      try await test.store.define(.create(.function("elsewhere")), in: .other)
      let diary = Diary()
      try await test.store.observeDefinitions(diary.note)
      #expect(
        Set(diary.entries) == ["put default f 1", "put default e 1", "put other elsewhere 1"])
      diary.forget()
      try await test.store.define(.create(.subscription("s", to: "e", function: "f")))
      #expect(diary.entries == ["put default s 1"])
      try await test.store.define(
        .update(.subscription("s", to: "**", function: "f"), revision: 1),
        .delete(.init(.event, "e"), revision: nil))
      #expect(
        diary.entries == ["put default s 1", "put default s 2", "deleted default event e"])
    },
    ConformanceCase("observers hear nothing of what was not committed") { test async throws in
      let diary = Diary()
      try await test.store.observeDefinitions(diary.note)
      _ = try await test.store.refusal(
        of: .create(.function("f")), .create(.event("e", function: "gone")))
      _ = try await test.store.commit(
        DefinitionTransaction(
          in: .default, [.create(.function("f"))], validateOnly: true, now: start))
      let create = DefinitionTransaction(
        in: .default, [.create(.function("g"))], requestID: "r", now: start)
      _ = try await test.store.commit(create)
      _ = try await test.store.commit(create)
      #expect(diary.entries == ["put default g 1"])
    },
    ConformanceCase("every observer hears everything, also while many write") { test async throws in
      let store = test.store
      let first = Catalog()
      let second = Catalog()
      try await store.observeDefinitions(first.apply)
      try await withThrowingTaskGroup { group in
        for number in 0..<40 {
          group.addTask { try await store.define(.create(.function("f\(number)"))) }
        }
        group.addTask {
          try await store.observeDefinitions(second.apply)
          return []
        }
        try await group.waitForAll()
      }
      for number in 0..<40 {
        #expect(first.function("f\(number)", in: .default) != nil)
        #expect(second.function("f\(number)", in: .default) != nil)
      }
    },
    ConformanceCase("after a restart an observer gets everything") { test async throws in
      let written = try await test.store.define(
        .create(.function("f")), .create(.event("e", function: "f", data: [0, 255])),
        .create(.subscription("s", to: "e", function: "f")))
      try await test.reopen()
      let catalog = Catalog()
      try await test.store.observeDefinitions(catalog.apply)
      #expect(catalog.function("f", in: .default).map(Definition.function) == written[0])
      #expect(catalog.event("e", in: .default).map(Definition.event) == written[1])
      #expect(catalog.subscription("s", in: .default).map(Definition.subscription) == written[2])
    },
  ]
}

/// What an observer heard, in order.
private final class Diary: Sendable {
  private let lines = Mutex<[String]>([])

  var entries: [String] { lines.withLock { $0 } }

  func forget() { lines.withLock { $0 = [] } }

  @Sendable func note(_ update: DefinitionUpdate) {
    let line =
      switch update {
      case .put(let definition, let organization):
        "put \(organization) \(definition.key.id) \(definition.stamp.revision)"
      case .deleted(let key, let organization):
        "deleted \(organization) \(key.kind.rawValue) \(key.id)"
      }
    lines.withLock { $0.append(line) }
  }
}
