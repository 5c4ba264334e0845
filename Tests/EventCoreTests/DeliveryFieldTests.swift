import EventCore
import Testing

@Suite struct DeliveryFieldTests {
  private func text(_ count: Int) -> String { String(repeating: "x", count: count) }

  @Test func `a trigger's ordering key and delivery time have their bounds`() {
    func wrong(_ change: (inout Trigger) -> Void) -> [String] {
      var trigger = Trigger()
      trigger.event = "e"
      change(&trigger)
      return trigger.check().violations.map(\.field)
    }
    let now = Timestamp(nanoseconds: 0)
    #expect(wrong { $0.orderingKey = text(256) } == [])
    #expect(wrong { $0.orderingKey = text(257) } == ["ordering_key"])
    #expect(wrong { $0.deliverAt = now + Limits.deliverAtMax } == [])
    #expect(
      wrong { $0.deliverAt = now + (Limits.deliverAtMax + .nanoseconds(1)) } == ["deliver_at"])
    #expect(wrong { $0.deliverAt = now + .seconds(-99) } == [])
    #expect(
      wrong {
        $0.deliverAt = now + .seconds(1)
        $0.orderingKey = "k"
      } == ["deliver_at"])
  }

  @Test func `an event's retention has its range`() {
    func wrong(_ change: (inout Event) -> Void) -> [String] {
      var event = Event()
      event.event = "e"
      change(&event)
      return event.check("e").violations.map(\.field)
    }
    #expect(wrong { _ in } == [])
    #expect(wrong { $0.retention = .seconds(1) } == [])
    #expect(wrong { $0.retention = .milliseconds(999) } == ["e.retention"])
    #expect(wrong { $0.retention = Limits.retentionMax } == [])
    #expect(wrong { $0.retention = Limits.retentionMax + .seconds(1) } == ["e.retention"])
    #expect(
      wrong { $0.deadLetterRetention = .milliseconds(999) } == ["e.dead_letter_retention"])
  }

  @Test func `a policy's finals and its dead-letter event are checked`() {
    func wrong(_ change: (inout DeliveryPolicy) -> Void) -> [String] {
      var policy = DeliveryPolicy()
      change(&policy)
      var check = FieldCheck()
      policy.check(&check, "d")
      return check.violations.map(\.field)
    }
    #expect(wrong { $0.finalCodes = Array(repeating: text(64), count: 32) } == [])
    #expect(wrong { $0.finalCodes = Array(repeating: "X", count: 33) } == ["d.final_codes"])
    #expect(wrong { $0.finalCodes = ["A", text(65)] } == ["d.final_codes[1]"])
    #expect(wrong { $0.finalCodes = [""] } == ["d.final_codes[0]"])
    #expect(wrong { $0.finalClasses = [.input, .timeout] } == [])
    #expect(wrong { $0.finalClasses = [.input, .input] } == ["d.final_classes"])
    #expect(wrong { $0.deadLetterEvent = "order.dead" } == [])
    #expect(wrong { $0.deadLetterEvent = "order.*" } == ["d.dead_letter_event"])
    #expect(wrong { $0.retryAfterMax = .zero } == ["d.retry_after_max"])
    #expect(wrong { $0.retryAfterMax = Limits.ageMax } == [])
  }

  @Test func `order and weight belong to members of groups`() {
    func wrong(_ change: (inout Subscription) -> Void) -> [String] {
      var subscription = Subscription()
      subscription.subscriptionID = "s"
      subscription.event = "e"
      subscription.functionID = "f"
      change(&subscription)
      return subscription.check("s").violations.map(\.field)
    }
    #expect(wrong { $0.order = 1 } == ["s.order"])
    #expect(wrong { $0.weight = 2 } == ["s.weight"])
    #expect(
      wrong {
        $0.groupID = "g"
        $0.order = -1
        $0.weight = Limits.groupWeightMax
      } == [])
    #expect(
      wrong {
        $0.groupID = "g"
        $0.weight = Limits.groupWeightMax + 1
      } == ["s.weight"])
    #expect(
      wrong {
        $0.groupID = "g"
        $0.event = "order.*"
      } == ["s.group"])
  }

  @Test func `a priority has its range`() {
    func isRight(_ priority: Int32) -> Bool {
      var subscription = Subscription()
      subscription.subscriptionID = "s"
      subscription.event = "e"
      subscription.functionID = "f"
      subscription.priority = priority
      return subscription.check("s").violations.map(\.field) == []
    }
    #expect([-100, 0, 100].allSatisfy(isRight))
    #expect(!isRight(-101) && !isRight(101))
  }

  @Test func `a group's fields belong to its strategy`() {
    func wrong(_ change: (inout SubscriptionGroup) -> Void) -> [String] {
      var group = SubscriptionGroup()
      group.groupID = "g"
      group.event = "e"
      change(&group)
      return group.check("g").violations.map(\.field)
    }
    #expect(wrong { _ in } == [])
    #expect(wrong { $0.event = "**" } == ["g.event"])
    #expect(wrong { $0.timeout = Limits.groupTimeoutMax } == [])
    #expect(wrong { $0.timeout = .zero } == ["g.timeout"])
    #expect(wrong { $0.pipesOutput = true } == ["g.pipe_output"])
    #expect(wrong { $0.quorum = 1 } == ["g.quorum"])
    #expect(wrong { $0.completion = .quorum } == ["g.quorum"])
    for (quorum, problems) in [(1, []), (32, []), (33, ["g.quorum"])] {
      #expect(
        wrong {
          $0.completion = .quorum
          $0.quorum = Int32(quorum)
        } == problems)
    }
    for strategy in [SubscriptionGroup.Strategy.firstSuccess, .oneOf] {
      #expect(
        wrong {
          $0.strategy = strategy
          $0.onFailure = .stop
          $0.completion = .any
        } == ["g.on_failure", "g.completion"])
    }
  }

  @Test func `a policy's finals add to those that are for everyone`() {
    var policy = DeliveryPolicy()
    var error = InvocationError(.function, code: "HTTP_404", message: "")
    #expect(!policy.isFinal(error))
    policy.finalCodes = ["HTTP_404"]
    #expect(policy.isFinal(error))
    error.code = "HTTP_500"
    #expect(!policy.isFinal(error))
    policy.finalClasses = [.function]
    #expect(policy.isFinal(error))
    error.errorClass = .system
    #expect(!policy.isFinal(error))
    error.isFinal = true
    #expect(policy.isFinal(error))
    #expect(policy.isFinal(InvocationError(.cancelled, code: "", message: "")))
  }
}
