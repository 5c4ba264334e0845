import EventCore
import Testing

@Suite struct DeliveryPolicyTests {
  @Test func `backoff doubles from the first wait to the longest`() {
    let policy = DeliveryPolicy()
    let waits = (1...11).map { policy.backoff(afterAttempt: $0, chance: 0) }
    #expect(waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300].map { .seconds($0) })
  }

  @Test func `chance takes off up to the jitter`() {
    var policy = DeliveryPolicy()
    policy.initialBackoff = .seconds(10)
    #expect(policy.backoff(afterAttempt: 1, chance: 1) == .seconds(8))
    #expect(policy.backoff(afterAttempt: 1, chance: 0.5) == .seconds(9))
    policy.jitter = 0
    #expect(policy.backoff(afterAttempt: 1, chance: 1) == .seconds(10))
    policy.jitter = 1
    #expect(policy.backoff(afterAttempt: 1, chance: 1) == .zero)
  }

  @Test func `a multiplier of one keeps the wait`() {
    var policy = DeliveryPolicy()
    policy.backoffMultiplier = 1
    #expect(policy.backoff(afterAttempt: 100, chance: 0) == .seconds(1))
  }

  @Test func `a first wait beyond the longest is cut`() {
    var policy = DeliveryPolicy()
    policy.initialBackoff = .seconds(600)
    #expect(policy.backoff(afterAttempt: 1, chance: 0) == .seconds(300))
  }

  @Test func `the last attempt of the largest policy does not overflow`() {
    var policy = DeliveryPolicy()
    policy.backoffMultiplier = 10
    policy.maxBackoff = Limits.backoffMax
    #expect(policy.backoff(afterAttempt: Limits.attemptsMax, chance: 0) == Limits.backoffMax)
    #expect(policy.backoff(afterAttempt: 0, chance: 0) == .seconds(1))
  }

  @Test func `each field has its range`() {
    func wrong(_ change: (inout DeliveryPolicy) -> Void) -> [String] {
      var policy = DeliveryPolicy()
      change(&policy)
      var check = FieldCheck()
      policy.check(&check, "d")
      return check.violations.map(\.field)
    }
    #expect(wrong { _ in } == [])
    #expect(wrong { $0.attemptTimeout = Limits.attemptTimeoutMax } == [])
    #expect(
      wrong { $0.attemptTimeout = Limits.attemptTimeoutMax + .nanoseconds(1) }
        == ["d.attempt_timeout"])
    #expect(wrong { $0.attemptTimeout = .zero } == ["d.attempt_timeout"])
    #expect(wrong { $0.maxAttempts = 1 } == [])
    #expect(wrong { $0.maxAttempts = 0 } == ["d.max_attempts"])
    #expect(wrong { $0.maxAttempts = Int32(Limits.attemptsMax) + 1 } == ["d.max_attempts"])
    #expect(wrong { $0.maxAge = Limits.ageMax } == [])
    #expect(wrong { $0.maxAge = Limits.ageMax + .nanoseconds(1) } == ["d.max_age"])
    #expect(wrong { $0.initialBackoff = .microseconds(999) } == ["d.initial_backoff"])
    #expect(wrong { $0.maxBackoff = Limits.backoffMax + .nanoseconds(1) } == ["d.max_backoff"])
    #expect(wrong { $0.backoffMultiplier = 0.99 } == ["d.backoff_multiplier"])
    #expect(wrong { $0.backoffMultiplier = 10 } == [])
    #expect(wrong { $0.backoffMultiplier = .nan } == ["d.backoff_multiplier"])
    #expect(wrong { $0.jitter = 1 } == [])
    #expect(wrong { $0.jitter = 1.01 } == ["d.jitter"])
  }
}
