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

  private func summary(of report: TriggerReport) throws -> Summary {
    try #require(summary(report))
  }

  private func plan(_ count: Int) -> TriggerPlan {
    var plan = TriggerPlan(trigger)
    plan.invocations = (0..<count).map { invocation($0) }
    return plan
  }

  private func report(of count: Int) -> TriggerReport { TriggerReport(plan(count)) }

  private func invocation(
    _ ordinal: Int, _ state: Invocation.State, revision: Int32
  ) -> Invocation {
    var invocation = invocation(ordinal, state)
    invocation.revision = revision
    return invocation
  }

  private func token(_ response: TriggerEventResponse?) throws -> ResumeToken {
    let response = try #require(response)
    return try #require(ResumeToken(response.resumeToken))
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
    #expect(accepted.trigger.total.total == 1)
    #expect(!accepted.isDuplicate)
  }

  @Test func `it is finished when the last invocation is`() {
    var report = report(of: 2)
    #expect(report.take(.changed(invocation(0, .succeeded, revision: 1))) != nil)
    #expect(!report.isFinished)
    #expect(report.take(.started(invocation(1, .running, revision: 0))) != nil)
    #expect(report.take(.changed(invocation(1, .failed, revision: 1))) != nil)
    #expect(report.isFinished)
    #expect(summary(report)?.state == .failed)
    #expect(summary(report)?.succeeded == 1)
    #expect(summary(report)?.failed == 1)
  }

  @Test func `what is known is not told again, even to the end`() {
    var report = report(of: 1)
    #expect(report.take(.changed(invocation(0, .pending, revision: 0))) == nil)
    #expect(report.take(.changed(invocation(0, .succeeded, revision: 1))) != nil)
    #expect(report.take(.changed(invocation(0, .succeeded, revision: 1))) == nil)
    #expect(report.take(.started(invocation(0, .running, revision: 0))) == nil)
    #expect(report.isFinished)
  }

  @Test func `what was read from the store is not told again by the watch`() {
    var report = report(of: 1)
    #expect(report.take(.changed(invocation(0, .running, revision: 1))) != nil)
    #expect(report.take(.started(invocation(0, .running, revision: 0))) == nil)
    #expect(report.take(.changed(invocation(0, .retrying, revision: 1))) == nil)
    #expect(report.take(.started(invocation(0, .running, revision: 1))) == nil)
    #expect(report.take(.changed(invocation(0, .retrying, revision: 2))) != nil)
  }

  @Test func `an invocation that ends without an attempt is told`() {
    var report = report(of: 1)
    #expect(report.take(.changed(invocation(0, .cancelled, revision: 1))) != nil)
    #expect(report.isFinished)
  }

  @Test func `progress of an invocation that is not the trigger's is left out`() {
    var report = report(of: 1)
    #expect(report.take(.changed(invocation(7, .succeeded, revision: 1))) == nil)
    #expect(!report.isFinished)
  }

  @Test func `a redriven invocation is news, and the trigger goes on`() throws {
    var report = report(of: 1)
    #expect(report.take(.changed(invocation(0, .failed, revision: 1))) != nil)
    #expect(report.isFinished)
    #expect(report.take(.changed(invocation(0, .pending, revision: 2))) != nil)
    #expect(!report.isFinished)
    #expect(report.take(.started(invocation(0, .running, revision: 2))) != nil)
    #expect(report.take(.changed(invocation(0, .succeeded, revision: 3))) != nil)
    #expect(report.isFinished)
    #expect(try summary(of: report).state == .succeeded)
  }

  // MARK: Tokens

  @Test func `what is stored has a token, what is not has none`() throws {
    var report = report(of: 2)
    #expect(try token(report.accepted(isDuplicate: false)).revisions == [0, 0])
    let running = report.take(.started(invocation(1, .running, revision: 0)))
    #expect(running?.resumeToken == "")
    let retrying = report.take(.changed(invocation(1, .retrying, revision: 1)))
    #expect(try token(retrying).revisions == [0, 1])
    let again = report.take(.started(invocation(1, .running, revision: 1)))
    #expect(again?.resumeToken == "")
    let line = LogLine(time: trigger.receivedAt, attempt: 1, text: "x")
    let log = report.take(.log(invocation(0).id, line))
    #expect(log?.resumeToken == "")
    let other = report.take(.changed(invocation(0, .succeeded, revision: 1)))
    #expect(try token(other).revisions == [1, 1])
    #expect(try token(report.summary).revisions == [1, 1])
  }

  @Test func `a client that goes on is told only what it does not know`() throws {
    let stored = plan(3).stored
    let token = ResumeToken(trigger.triggerID, revisions: [1, 0, -1])
    var report = try #require(TriggerReport(stored, after: token))
    #expect(report.take(invocation(0, .succeeded, revision: 1)) == nil)
    #expect(report.take(invocation(1, .retrying, revision: 2)) != nil)
    #expect(report.take(invocation(2, .pending, revision: 0)) != nil)
    #expect(!report.isFinished)
  }

  @Test func `a client that knows the end is told the summary alone`() throws {
    let token = ResumeToken(trigger.triggerID, revisions: [1, 3])
    var report = try #require(TriggerReport(plan(2).stored, after: token))
    #expect(report.take(invocation(0, .succeeded, revision: 1)) == nil)
    #expect(report.take(invocation(1, .failed, revision: 3)) == nil)
    #expect(report.isFinished)
    #expect(try summary(of: report).failed == 1)
  }

  @Test func `a client that knows nothing is told of every invocation`() {
    var report = TriggerReport(plan(2).stored)
    #expect(report.take(invocation(0, .pending, revision: 0)) != nil)
    #expect(report.take(invocation(1, .skipped, revision: 0)) != nil)
    #expect(report.take(invocation(1, .skipped, revision: 0)) == nil)
  }

  @Test func `a token of another trigger, or of other invocations, does not fit`() {
    let other = UniqueID(at: Timestamp(nanoseconds: 2_000_000_000))
    let stored = plan(2).stored
    #expect(TriggerReport(stored, after: ResumeToken(other, revisions: [0, 0])) == nil)
    #expect(TriggerReport(stored, after: ResumeToken(trigger.triggerID, revisions: [0])) == nil)
  }

  @Test func `a token from a future that was lost is noticed`() throws {
    let token = ResumeToken(trigger.triggerID, revisions: [3])
    let report = try #require(TriggerReport(plan(1).stored, after: token))
    #expect(report.isAhead(of: invocation(0, .retrying, revision: 2)))
    #expect(!report.isAhead(of: invocation(0, .succeeded, revision: 3)))
  }

  // MARK: Groups

  /// Ordinals 0 and 1 in the group `g`, 2 in none.
  private func grouped(
    _ strategy: SubscriptionGroup.Strategy, _ states: [Invocation.State] = [.pending, .pending]
  ) -> TriggerPlan {
    var group = SubscriptionGroup()
    group.groupID = "g"
    group.strategy = strategy
    var plan = plan(3)
    for ordinal in [0, 1] {
      plan.invocations[ordinal].groupID = "g"
      plan.invocations[ordinal].state = states[ordinal]
    }
    let members = [0, 1].map { (ordinal: $0, subscription: Subscription()) }
    plan.groups = [GroupPlan(group, members, of: trigger)]
    return plan
  }

  private func member(_ ordinal: Int, _ state: Invocation.State) -> Invocation {
    var member = invocation(ordinal, state, revision: 1)
    member.groupID = "g"
    return member
  }

  @Test func `a failure that its group makes good is none of the trigger`() throws {
    let plan = grouped(.firstSuccess)
    for var report in [TriggerReport(plan), TriggerReport(plan.stored)] {
      #expect(report.take(member(0, .failed)) != nil)
      #expect(report.take(member(1, .succeeded)) != nil)
      #expect(report.take(invocation(2, .succeeded, revision: 1)) != nil)
      #expect(report.isFinished)
      let summary = try summary(of: report)
      #expect(summary.state == .succeeded)
      #expect((summary.succeeded, summary.failed) == (2, 1))
      #expect(summary.groups.map(\.groupID) == ["g"])
      #expect(summary.groups.map(\.outcome) == [.succeeded])
    }
  }

  @Test func `a group that fails fails the trigger`() throws {
    var report = TriggerReport(grouped(.sequence))
    for invocation in [member(0, .failed), member(1, .skipped)] {
      #expect(report.take(invocation) != nil)
    }
    #expect(report.take(invocation(2, .succeeded, revision: 1)) != nil)
    let summary = try summary(of: report)
    #expect(summary.state == .failed)
    #expect(summary.groups.map(\.outcome) == [.failed])
    #expect(summary.groups[0].tally[.skipped] == 1)
  }

  @Test func `what a group left out from the start is told once, and counts as finished`() throws {
    let plan = grouped(.oneOf, [.skipped, .pending])
    var report = TriggerReport(plan)
    #expect(report.take(plan.invocations[0]) != nil)
    #expect(report.take(plan.invocations[0]) == nil)
    #expect(report.take(plan.invocations[1]) == nil)
    #expect(report.take(member(1, .succeeded)) != nil)
    #expect(report.take(invocation(2, .succeeded, revision: 1)) != nil)
    #expect(report.isFinished)
    #expect(try summary(of: report).state == .succeeded)
  }
}
