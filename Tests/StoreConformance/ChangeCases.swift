import EventCore
import Testing

extension ConformanceCase {
  static let changes: [ConformanceCase] = [
    ConformanceCase("a created definition is there with its first stamp") { test async throws in
      let written = try await test.store.define(.create(.function("f")), at: .at(5))
      let stored = try await test.store.definition(.init(.function, "f"), in: .default)
      let stamp = try #require(stored).stamp
      #expect(written == [stored])
      #expect(stamp.revision == 1)
      #expect(stamp.createTime == .at(5))
      #expect(stamp.updateTime == .at(5))
      #expect(stamp.uid != UniqueID(high: 0, low: 0))
    },
    ConformanceCase("every field of every kind comes back unchanged") { test async throws in
      try await test.store.define(
        .create(.fullHTTPFunction), .create(.fullProcessFunction), .create(.fullEvent),
        .create(.fullSubscription), .create(.fullGroup))
      for definition in [
        Definition.fullHTTPFunction, .fullProcessFunction, .fullEvent, .fullSubscription,
        .fullGroup,
      ] {
        var stored = try await test.store.definition(definition.key, in: .default)
        stored?.stamp = ResourceStamp()
        #expect(stored == definition)
      }
    },
    ConformanceCase("a create of a taken id is refused and changes nothing") { test async throws in
      let written = try await test.store.define(.create(.function("f", url: "http://first/")))
      let key = Definition.Key(.function, "f")
      let refusal = try await test.store.refusal(of: .create(.function("f", url: "http://b/")))
      #expect(refusal == .exists(key))
      #expect(try await test.store.definition(key, in: .default) == written.first)
    },
    ConformanceCase("organizations have their own definitions") { test async throws in
      try await test.store.define(.create(.function("f")))
      try await test.store.define(.create(.function("f", url: "http://other/")), in: .other)
      let key = Definition.Key(.function, "f")
      let mine = try await test.store.definition(key, in: .default)
      let others = try await test.store.definition(key, in: .other)
      #expect(mine?.stamp.uid != others?.stamp.uid)
      try await test.store.define(.delete(key, revision: nil), in: .other)
      #expect(try await test.store.definition(key, in: .default) == mine)
      #expect(try await test.store.definition(key, in: .other) == nil)
    },
    ConformanceCase("an update keeps uid and creation time and counts the revision up") {
      test async throws in
      let first = try await test.store.define(.create(.function("f")))[0].stamp
      let written = try await test.store.define(
        .update(.function("f", url: "http://b/"), revision: 1), at: .at(7))
      let stored = try await test.store.definition(.init(.function, "f"), in: .default)
      #expect(written == [stored])
      let second = try #require(stored).stamp
      #expect(second.uid == first.uid)
      #expect(second.createTime == first.createTime)
      #expect(second.updateTime == .at(7))
      #expect(second.revision == 2)
    },
    ConformanceCase("an update of another revision is refused") { test async throws in
      let key = Definition.Key(.function, "f")
      let first = try await test.store.define(.create(.function("f")))
      let refusal = try await test.store.refusal(of: .update(.function("f", url: "b"), revision: 2))
      #expect(refusal == .revisionMismatch(key))
      #expect(try await test.store.definition(key, in: .default) == first.first)
    },
    ConformanceCase("an update or delete of what is not there is refused") { test async throws in
      let key = Definition.Key(.function, "f")
      #expect(
        try await test.store.refusal(of: .update(.function("f"), revision: 1)) == .missing(key))
      #expect(try await test.store.refusal(of: .delete(key, revision: nil)) == .missing(key))
      #expect(try await test.store.refusal(of: .delete(key, revision: 1)) == .missing(key))
    },
    ConformanceCase("a delete takes the revision into account if it names one") {
      test async throws in
      let key = Definition.Key(.function, "f")
      try await test.store.define(.create(.function("f")))
      #expect(try await test.store.refusal(of: .delete(key, revision: 2)) == .revisionMismatch(key))
      let written = try await test.store.define(.delete(key, revision: 1))
      #expect(written.isEmpty)
      #expect(try await test.store.definition(key, in: .default) == nil)
    },
    ConformanceCase("a definition that is created again is a new one") { test async throws in
      let key = Definition.Key(.function, "f")
      let first = try await test.store.define(.create(.function("f")))[0].stamp
      try await test.store.define(.update(.function("f"), revision: 1))
      try await test.store.define(.delete(key, revision: nil))
      let second = try await test.store.define(.create(.function("f")), at: .at(9))[0].stamp
      #expect(second.revision == 1)
      #expect(second.uid != first.uid)
      #expect(second.createTime == .at(9))
    },
    ConformanceCase("one refused change keeps all of its transaction out") { test async throws in
      try await test.store.define(.create(.function("old")))
      let refusal = try await test.store.refusal(
        of: .create(.function("new")), .delete(.init(.function, "old"), revision: nil),
        .update(.function("gone"), revision: 1))
      #expect(refusal == .missing(.init(.function, "gone")))
      #expect(try await test.store.definition(.init(.function, "new"), in: .default) == nil)
      #expect(try await test.store.definition(.init(.function, "old"), in: .default) != nil)
    },
    ConformanceCase("what was written is returned in the order of the changes") {
      test async throws in
      try await test.store.define(.create(.function("c")))
      let written = try await test.store.define(
        .create(.function("b")), .delete(.init(.function, "c"), revision: nil),
        .create(.function("a")))
      #expect(written.map(\.key.id) == ["b", "a"])
    },
    ConformanceCase("validate only answers as if and commits nothing") { test async throws in
      let store = test.store
      let create = DefinitionTransaction(
        in: .default, [.create(.function("f"))], requestID: "r", validateOnly: true, now: start)
      for _ in 1...2 {
        guard case .committed(let written) = try await store.commit(create) else {
          Issue.record("refused")
          return
        }
        #expect(written.map(\.key.id) == ["f"])
        #expect(try await store.definition(.init(.function, "f"), in: .default) == nil)
      }
      try await store.define(.create(.function("f")))
      let again = DefinitionTransaction(
        in: .default, [.create(.function("f"))], validateOnly: true, now: start)
      #expect(try await store.commit(again) == .refused(.exists(.init(.function, "f"))))
    },
  ]
}

extension Definition {
  fileprivate static var fullHTTPFunction: Definition {
    var target = HTTPTarget()
    target.url = "https://example.org/%C3%A4?a=\"1\"&b=/"
    target.headers = ["authorization": "Bearer x", "x-empty": ""]
    var function = Function()
    function.functionID = "http"
    function.target = .http(target)
    function.flow.maxConcurrency = 17
    function.metadata = ["team": "billing", "ä": "ö\n\u{1F600}"]
    return .function(function)
  }

  fileprivate static var fullProcessFunction: Definition {
    var target = ProcessTarget()
    target.command = "/usr/bin/env"
    target.arguments = ["", "-x", "a b"]
    target.environment = ["HOME": "/"]
    var function = Function()
    function.functionID = "process"
    function.target = .process(target)
    return .function(function)
  }

  fileprivate static var fullEvent: Definition {
    var event = Event()
    event.event = "order.created"
    event.functionID = "http"
    event.data = Array(0...255)
    event.dataType = "application/octet-stream"
    event.metadata = ["a": "b"]
    event.retention = .milliseconds(1_500)
    event.deadLetterRetention = .seconds(86_400 * 365)
    return .event(event)
  }

  fileprivate static var fullSubscription: Definition {
    var subscription = Subscription()
    subscription.subscriptionID = "s"
    subscription.event = "order.created"
    subscription.functionID = "process"
    subscription.metadata = ["k": "v"]
    subscription.isManaged = true
    subscription.delivery.attemptTimeout = .milliseconds(1_500)
    subscription.delivery.maxAttempts = 7
    subscription.delivery.maxAge = .seconds(3)
    subscription.delivery.initialBackoff = .nanoseconds(1)
    subscription.delivery.backoffMultiplier = 1.1
    subscription.delivery.maxBackoff = .seconds(86_400)
    subscription.delivery.jitter = 0.3
    subscription.delivery.retryAfterMax = .seconds(59)
    subscription.delivery.deadLetterEvent = "order.dead"
    subscription.delivery.finalCodes = ["HTTP_404", "EXIT_2"]
    subscription.delivery.finalClasses = [.input, .system]
    subscription.groupID = "g"
    subscription.order = -7
    subscription.weight = 99
    subscription.isPaused = true
    subscription.stateReason = "gone since \"today\""
    return .subscription(subscription)
  }

  fileprivate static var fullGroup: Definition {
    var group = SubscriptionGroup()
    group.groupID = "g"
    group.event = "order.created"
    group.strategy = .sequence
    group.onFailure = .cancelRemaining
    group.completion = .quorum
    group.quorum = 3
    group.timeout = .milliseconds(2_500)
    group.pipesOutput = true
    group.metadata = ["k": "v"]
    return .group(group)
  }
}
