import EventCore
import Executors
import Messages
import Testing

@testable import EventGateway

@Suite struct TriggerReportTests {
  private let trigger: Trigger = {
    var trigger = Trigger()
    trigger.triggerID = UniqueID(at: Timestamp(nanoseconds: 1_000_000_000))
    trigger.payload = Payload(data: [1, 2, 3], dataType: "text/plain")
    return trigger
  }()

  private func invocation(_ ordinal: Int, _ state: Invocation.State = .pending) -> Invocation {
    var invocation = Invocation()
    invocation.id = InvocationID(triggerID: trigger.triggerID, ordinal: ordinal)
    invocation.state = state
    return invocation
  }

  private func summary(_ report: TriggerReport) -> Summary? {
    guard case .summary(let summary)? = report.summary.update else { return nil }
    return summary
  }

  private func report(of count: Int) -> TriggerReport {
    TriggerReport(StoredTrigger(trigger, InvocationTally(.accepted, count: count)))
  }

  private func invocation(
    _ ordinal: Int, _ state: Invocation.State, attempt: Int32
  ) -> Invocation {
    var invocation = invocation(ordinal, state)
    invocation.attempts = [Attempt()]
    invocation.attempts[0].number = attempt
    return invocation
  }

  @Test func `a trigger without invocations is finished and succeeded at once`() {
    #expect(report(of: 0).isFinished)
    #expect(summary(report(of: 0))?.state == .succeeded)
  }

  @Test func `accepted leaves out what the caller sent`() throws {
    guard case .accepted(let accepted)? = report(of: 1).accepted(isDuplicate: false).update else {
      return #expect(Bool(false), "not accepted")
    }
    #expect(accepted.trigger.trigger.payload.data == [])
    #expect(accepted.trigger.tally.total == 1)
    #expect(!accepted.isDuplicate)
  }

  @Test func `it is finished when the last invocation is`() {
    var report = report(of: 2)
    #expect(report.take(.changed(invocation(0, .succeeded))) != nil)
    #expect(!report.isFinished)
    #expect(report.take(.started(invocation(1, .running, attempt: 1))) != nil)
    #expect(report.take(.changed(invocation(1, .failed, attempt: 1))) != nil)
    #expect(report.isFinished)
    #expect(summary(report)?.state == .failed)
    #expect(summary(report)?.succeeded == 1)
    #expect(summary(report)?.failed == 1)
  }

  @Test func `what is known to be finished is not told again`() {
    var report = report(of: 1)
    #expect(report.take(.changed(invocation(0, .succeeded, attempt: 1))) != nil)
    #expect(report.take(.changed(invocation(0, .succeeded, attempt: 1))) == nil)
    #expect(report.take(.started(invocation(0, .running, attempt: 2))) == nil)
  }

  @Test func `what was read from the store is not told again by the watch`() {
    var report = report(of: 1)
    #expect(report.take(.changed(invocation(0, .running, attempt: 2))) != nil)
    #expect(report.take(.started(invocation(0, .running, attempt: 1))) == nil)
    #expect(report.take(.changed(invocation(0, .retrying, attempt: 1))) == nil)
    #expect(report.take(.started(invocation(0, .running, attempt: 2))) == nil)
    #expect(report.take(.changed(invocation(0, .retrying, attempt: 2))) != nil)
  }

  @Test func `an invocation that ends without an attempt is told`() {
    var report = report(of: 1)
    #expect(report.take(.changed(invocation(0, .cancelled))) != nil)
    #expect(report.isFinished)
  }

  @Test func `progress of an invocation that is not the trigger's is left out`() {
    var report = report(of: 1)
    #expect(report.take(.changed(invocation(7, .succeeded))) == nil)
    #expect(!report.isFinished)
  }
}
