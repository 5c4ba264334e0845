import EventCore
import Messages
import Testing

@testable import event_gateway

@Suite struct TriggerNarratorTests {
  private func line(_ change: (inout Invocation) -> Void) -> [String] {
    var invocation = Invocation()
    invocation.subscriptionID = "stock"
    change(&invocation)
    var narrator = TriggerNarrator()
    return narrator.lines(for: TriggerEventResponse(.invocation(invocation)))
  }

  @Test func `what is held says what it waits for`() {
    #expect(line { $0.holds = [.order] } == ["  stock = waits for an earlier one of its key"])
    let both = line { $0.holds = [.group, .pause] }
    #expect(both == ["  stock = waits for its group, its subscription, which is paused"])
    #expect(line { _ in } == ["  stock = pending"])
  }

  @Test func `what a group skipped says so`() {
    let lines = line {
      $0.state = .skipped
      $0.error = .skippedByGroup
    }
    #expect(lines == ["  stock = skipped GROUP_SKIPPED: the group's strategy did not need it"])
  }

  @Test func `a summary tells every group before the whole`() {
    var group = GroupReport()
    group.groupID = "shipping"
    group.outcome = .failed
    (group.tally[.failed], group.tally[.skipped]) = (1, 2)
    var summary = Summary()
    summary.state = .failed
    (summary.succeeded, summary.failed, summary.skipped) = (3, 1, 2)
    summary.groups = [group]
    var narrator = TriggerNarrator()
    #expect(
      narrator.lines(for: TriggerEventResponse(.summary(summary))) == [
        "  group shipping: failed, 1 failed, 2 skipped",
        "failed: 3 succeeded, 1 failed, 2 skipped",
      ])
  }
}
