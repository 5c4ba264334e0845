import EventCore
import Testing

@Suite struct InvocationTests {
  private let accepted = Timestamp(nanoseconds: 0)
  private let failure = InvocationError(.function, code: "EXIT_1", message: "")

  @Test func `success finishes it and clears the error`() {
    var before = Invocation()
    before.state = .retrying
    before.error = failure
    before.nextAttemptTime = accepted
    let next = after(.succeeded, attempt: 2, from: before)
    #expect(next.state == .succeeded)
    #expect(next.error == nil)
    #expect(next.nextAttemptTime == nil)
    #expect(next.attempts.map(\.number) == [2])
    #expect(next.attempts[0].error == nil)
  }

  @Test func `a failure is retried after the backoff`() {
    let next = after(.failed(failure), attempt: 1)
    #expect(next.state == .retrying)
    #expect(next.nextAttemptTime == accepted + .seconds(11))
    #expect(next.error == failure)
    #expect(next.attempts[0].error == failure)
  }

  @Test func `the last attempt's failure is the end`() {
    #expect(after(.failed(failure), attempt: 4).state == .retrying)
    #expect(after(.failed(failure), attempt: 5).state == .failed)
    #expect(after(.failed(failure), attempt: 5).nextAttemptTime == nil)
  }

  @Test(arguments: [InvocationError.Class.input, .function, .system, .timeout])
  func `an error that no retry can mend is the end`(_ errorClass: InvocationError.Class) {
    let error = InvocationError(errorClass, code: "", message: "", isFinal: true)
    #expect(after(.failed(error), attempt: 1).state == .failed)
    var mendable = error
    mendable.isFinal = false
    #expect(after(.failed(mendable), attempt: 1).state == .retrying)
  }

  @Test func `a cancelled attempt cancels the invocation`() {
    let error = InvocationError(.cancelled, code: "", message: "")
    #expect(after(.failed(error), attempt: 1).state == .cancelled)
  }

  @Test func `a retry that would start beyond the maximum age is not made`() {
    var policy = DeliveryPolicy()
    policy.maxAge = .seconds(11)
    #expect(after(.failed(failure), attempt: 1, policy: policy).state == .retrying)
    policy.maxAge = .seconds(11) - .nanoseconds(1)
    #expect(after(.failed(failure), attempt: 1, policy: policy).state == .failed)
  }

  @Test func `what the function asks for lengthens the wait up to the policy's cap`() {
    var error = failure
    error.retryAfter = .seconds(60)
    #expect(after(.failed(error), attempt: 1).nextAttemptTime == accepted + .seconds(70))
    error.retryAfter = .seconds(100_000)
    #expect(after(.failed(error), attempt: 1).nextAttemptTime == accepted + .seconds(3_610))
    error.retryAfter = .zero
    #expect(after(.failed(error), attempt: 1).nextAttemptTime == accepted + .seconds(11))
    error.retryAfter = .seconds(100_000)
    var policy = DeliveryPolicy()
    policy.retryAfterMax = .seconds(2)
    #expect(
      after(.failed(error), attempt: 1, policy: policy).nextAttemptTime == accepted + .seconds(12))
  }

  @Test func `after a redrive all attempts are to come, and the age counts anew`() {
    var before = Invocation()
    before.redrive = Invocation.Redrive(at: accepted + .seconds(5), after: 5)
    #expect(after(.failed(failure), attempt: 9, from: before).state == .retrying)
    #expect(after(.failed(failure), attempt: 10, from: before).state == .failed)
    var policy = DeliveryPolicy()
    policy.maxAge = .seconds(6)
    #expect(after(.failed(failure), attempt: 6, from: before, policy: policy).state == .retrying)
    policy.maxAge = .seconds(6) - .nanoseconds(1)
    #expect(after(.failed(failure), attempt: 6, from: before, policy: policy).state == .failed)
  }

  @Test func `what the policy calls final is the end`() {
    var policy = DeliveryPolicy()
    policy.finalCodes = ["EXIT_1"]
    #expect(after(.failed(failure), attempt: 1, policy: policy).state == .failed)
    policy = DeliveryPolicy()
    policy.finalClasses = [.function]
    #expect(after(.failed(failure), attempt: 1, policy: policy).state == .failed)
  }

  @Test func `what is redriven is due now and keeps its attempts`() {
    var failed = after(.failed(failure), attempt: 5)
    failed.output = Output(payload: Payload(data: [1]))
    let again = failed.redriven(at: accepted + .seconds(99))
    #expect(again.state == .pending)
    #expect(again.nextAttemptTime == accepted + .seconds(99))
    #expect(again.redrive == Invocation.Redrive(at: accepted + .seconds(99), after: 5))
    #expect(again.attempts == failed.attempts)
    #expect(again.output == failed.output)
  }

  @Test func `what is ended from outside keeps the attempt that was stopped`() {
    var attempt = Attempt()
    attempt.number = 1
    attempt.startTime = accepted + .seconds(9)
    var held = Invocation()
    held.holds = [.order, .pause]
    held.nextAttemptTime = accepted
    // The clock went back meanwhile.
    let next = held.ended(.cancelled, .cancelledByGroup, at: accepted, stopping: attempt)
    #expect(next.state == .cancelled && next.holds == [] && next.nextAttemptTime == nil)
    #expect(next.attempts.map(\.endTime) == [accepted + .seconds(9)])
    #expect(next.attempts.map(\.error) == [.cancelledByGroup])
    #expect(held.ended(.skipped, nil, at: accepted, stopping: nil).attempts.isEmpty)
  }

  @Test func `a trigger's state follows from its invocations`() {
    #expect(state() == .succeeded)
    #expect(state(.pending, .pending) == .accepted)
    #expect(state(.pending, .running) == .running)
    #expect(state(.pending, .succeeded) == .running)
    #expect(state(.retrying) == .running)
    #expect(state(.succeeded, .skipped) == .succeeded)
    #expect(state(.succeeded, .cancelled) == .cancelled)
    #expect(state(.cancelled, .failed, .succeeded) == .failed)
    #expect(state(.failed, .retrying) == .running)
  }

  @Test func `equal tallies are equal however they came about`() {
    var tally = InvocationTally()
    tally[.pending] += 1
    tally[.pending] -= 1
    #expect(tally == InvocationTally())
    #expect(tally.total == 0)
  }

  @Test func `the terminal states are those that nothing follows`() {
    let terminal = Invocation.State.allCases.filter(\.isTerminal)
    #expect(terminal == [.succeeded, .failed, .cancelled, .skipped])
  }

  @Test func `a function names its own code, and of the classes INPUT only`() {
    for (said, means) in [
      (InvocationError.Class.input, InvocationError.Class.input), (.function, .function),
      (.system, .function), (.timeout, .function), (.cancelled, .function),
    ] {
      let error = InvocationError(said, code: "", message: "m", isFinal: true).byFunction
      #expect(error == InvocationError(means, code: "FAILED", message: "m", isFinal: true))
    }
    let longest = String(repeating: "C", count: Limits.errorCodeBytesMax)
    for code in [longest, longest + "C"] {
      #expect(InvocationError(.input, code: code, message: "").byFunction.code == longest)
    }
  }

  /// An attempt that ended ten seconds after acceptance.
  private func after(
    _ outcome: Invocation.AttemptOutcome, attempt number: Int32, from before: Invocation = .init(),
    policy: DeliveryPolicy = .init()
  ) -> Invocation {
    var attempt = Attempt()
    attempt.number = number
    attempt.startTime = accepted + .seconds(9)
    attempt.endTime = accepted + .seconds(10)
    var policy = policy
    policy.backoffMultiplier = 1
    return before.after(attempt, outcome, policy: policy, due: accepted, chance: 0)
  }

  private func state(_ states: Invocation.State...) -> Trigger.State {
    var tally = InvocationTally()
    for state in states { tally[state] += 1 }
    return tally.triggerState
  }
}
