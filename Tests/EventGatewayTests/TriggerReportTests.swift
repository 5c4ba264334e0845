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

  @Test func `a trigger without invocations is finished and succeeded at once`() {
    let report = TriggerReport(trigger, [])
    #expect(report.isFinished)
    #expect(summary(report)?.state == .succeeded)
  }

  @Test func `accepted comes first and leaves out what the caller sent`() throws {
    let beginning = TriggerReport(trigger, [invocation(0)]).beginning(isDuplicate: false)
    #expect(beginning.count == 1)
    guard case .accepted(let accepted)? = beginning[0].update else {
      return #expect(Bool(false), "not accepted")
    }
    #expect(accepted.trigger.trigger.payload.data == [])
    #expect(accepted.trigger.tally.total == 1)
    #expect(!accepted.isDuplicate)
  }

  @Test func `it is finished when the last invocation is`() {
    var report = TriggerReport(trigger, [invocation(0), invocation(1)])
    #expect(report.take(.changed(invocation(0, .succeeded))) != nil)
    #expect(!report.isFinished)
    #expect(report.take(.started(invocation(1, .running))) != nil)
    #expect(report.take(.changed(invocation(1, .failed))) != nil)
    #expect(report.isFinished)
    #expect(summary(report)?.state == .failed)
    #expect(summary(report)?.succeeded == 1)
    #expect(summary(report)?.failed == 1)
  }

  @Test func `what is known to be finished is not told again`() {
    var report = TriggerReport(trigger, [invocation(0, .succeeded), invocation(1)])
    #expect(report.beginning(isDuplicate: true).count == 2)
    #expect(report.take(.changed(invocation(0, .succeeded))) == nil)
    #expect(report.take(.started(invocation(0, .running))) == nil)
  }

  @Test func `progress of an invocation that is not the trigger's is left out`() {
    var report = TriggerReport(trigger, [invocation(0)])
    #expect(report.take(.changed(invocation(7, .succeeded))) == nil)
    #expect(!report.isFinished)
  }
}
