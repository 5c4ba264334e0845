import EventCore
import Testing

/// Every strategy with every rule for failures and completion, and a failure at every member.
@Suite struct GroupPlanTableTests {
  /// How a group of three behaves. Letters are its members' states at the end: Succeeded, Failed,
  /// sKipped, Cancelled; `+` if the group succeeded, `-` if not.
  struct Row: Sendable, CustomTestStringConvertible {
    var strategy: SubscriptionGroup.Strategy
    /// How many members run at a time, as far as the strategy lets them.
    var atOnce: Int
    var onFailure: SubscriptionGroup.OnFailure
    var needed: Int
    /// When none fails, then when the first, second and third does, then when all do.
    var ends: [String]

    init(
      _ strategy: SubscriptionGroup.Strategy, atOnce: Int,
      _ onFailure: SubscriptionGroup.OnFailure, needed: Int, _ ends: String...
    ) {
      self.strategy = strategy
      self.atOnce = atOnce
      self.onFailure = onFailure
      self.needed = needed
      self.ends = ends
    }

    var testDescription: String {
      "\(strategy), \(atOnce) at once, \(onFailure), \(needed) needed"
    }
  }

  static let rows: [Row] = [
    Row(.parallel, atOnce: 3, .continue, needed: 3, "SSS+", "FSS-", "SFS-", "SSF-", "FFF-"),
    Row(.parallel, atOnce: 3, .continue, needed: 1, "SSS+", "FSS+", "SFS+", "SSF+", "FFF-"),
    Row(.parallel, atOnce: 3, .continue, needed: 2, "SSS+", "FSS+", "SFS+", "SSF+", "FFF-"),
    Row(.parallel, atOnce: 3, .stop, needed: 3, "SSS+", "FSS-", "SFS-", "SSF-", "FFF-"),
    Row(.parallel, atOnce: 3, .stop, needed: 1, "SSS+", "FSS+", "SFS+", "SSF+", "FFF-"),
    Row(.parallel, atOnce: 3, .stop, needed: 2, "SSS+", "FSS+", "SFS+", "SSF+", "FFF-"),
    Row(.parallel, atOnce: 3, .cancelRemaining, needed: 3, "SSS+", "FCC-", "SFC-", "SSF-", "FCC-"),
    Row(.parallel, atOnce: 3, .cancelRemaining, needed: 1, "SCC+", "FCC-", "SCC+", "SCC+", "FCC-"),
    Row(.parallel, atOnce: 3, .cancelRemaining, needed: 2, "SSC+", "FCC-", "SFC-", "SSC+", "FCC-"),

    Row(.parallel, atOnce: 2, .stop, needed: 3, "SSS+", "FSK-", "SFS-", "SSF-", "FFK-"),
    Row(.parallel, atOnce: 2, .cancelRemaining, needed: 3, "SSS+", "FCK-", "SFC-", "SSF-", "FCK-"),
    Row(.parallel, atOnce: 2, .cancelRemaining, needed: 1, "SCK+", "FCK-", "SCK+", "SCK+", "FCK-"),

    Row(.parallel, atOnce: 1, .continue, needed: 3, "SSS+", "FSS-", "SFS-", "SSF-", "FFF-"),
    Row(.parallel, atOnce: 1, .continue, needed: 1, "SKK+", "FSK+", "SKK+", "SKK+", "FFF-"),
    Row(.parallel, atOnce: 1, .continue, needed: 2, "SSK+", "FSS+", "SFS+", "SSK+", "FFF-"),
    Row(.parallel, atOnce: 1, .stop, needed: 3, "SSS+", "FKK-", "SFK-", "SSF-", "FKK-"),
    Row(.parallel, atOnce: 1, .stop, needed: 1, "SKK+", "FKK-", "SKK+", "SKK+", "FKK-"),
    Row(.parallel, atOnce: 1, .stop, needed: 2, "SSK+", "FKK-", "SFK-", "SSK+", "FKK-"),
    Row(.parallel, atOnce: 1, .cancelRemaining, needed: 3, "SSS+", "FKK-", "SFK-", "SSF-", "FKK-"),
    Row(.parallel, atOnce: 1, .cancelRemaining, needed: 1, "SKK+", "FKK-", "SKK+", "SKK+", "FKK-"),
    Row(.parallel, atOnce: 1, .cancelRemaining, needed: 2, "SSK+", "FKK-", "SFK-", "SSK+", "FKK-"),

    Row(.sequence, atOnce: 3, .continue, needed: 3, "SSS+", "FSS-", "SFS-", "SSF-", "FFF-"),
    Row(.sequence, atOnce: 3, .continue, needed: 1, "SKK+", "FSK+", "SKK+", "SKK+", "FFF-"),
    Row(.sequence, atOnce: 3, .continue, needed: 2, "SSK+", "FSS+", "SFS+", "SSK+", "FFF-"),
    Row(.sequence, atOnce: 3, .stop, needed: 3, "SSS+", "FKK-", "SFK-", "SSF-", "FKK-"),
    Row(.sequence, atOnce: 3, .stop, needed: 1, "SKK+", "FKK-", "SKK+", "SKK+", "FKK-"),
    Row(.sequence, atOnce: 3, .stop, needed: 2, "SSK+", "FKK-", "SFK-", "SSK+", "FKK-"),
    Row(.sequence, atOnce: 3, .cancelRemaining, needed: 3, "SSS+", "FKK-", "SFK-", "SSF-", "FKK-"),
    Row(.sequence, atOnce: 3, .cancelRemaining, needed: 1, "SKK+", "FKK-", "SKK+", "SKK+", "FKK-"),
    Row(.sequence, atOnce: 3, .cancelRemaining, needed: 2, "SSK+", "FKK-", "SFK-", "SSK+", "FKK-"),

    Row(.firstSuccess, atOnce: 3, .continue, needed: 1, "SKK+", "FSK+", "SKK+", "SKK+", "FFF-"),
    // Its others are skipped before it begins.
    Row(.oneOf, atOnce: 3, .continue, needed: 1, "SKK+", "FKK-", "SKK+", "SKK+", "FKK-"),
  ]

  @Test(arguments: rows)
  func `a group ends as the table says, whichever member fails`(_ row: Row) {
    let failing: [Set<Int>] = [[], [0], [1], [2], [0, 1, 2]]
    for (failing, end) in zip(failing, row.ends) {
      var run = GroupRun(row)
      run.finish(failing)
      #expect(run.end == end, "\(failing.sorted()) failed; \(run.steps)")
    }
  }

  @Test func `the decisions of a sequence come one by one`() {
    var run = GroupRun(Row(.sequence, atOnce: 3, .stop, needed: 3))
    run.finish([1])
    #expect(
      run.steps == [
        "0 succeeded: [release(1)]", "release(1): []", "1 failed: [skip(2)]", "skip(2): []",
      ])
  }

  @Test func `the decisions after a failure come at once`() {
    var run = GroupRun(Row(.parallel, atOnce: 2, .cancelRemaining, needed: 3))
    run.finish([0])
    #expect(run.steps == ["0 failed: [cancel(1), skip(2)]", "cancel(1), skip(2): []"])
  }
}

/// A group driven to its end: members finish in their order.
private struct GroupRun {
  private let plan: GroupPlan
  private let atOnce: Int
  private var members: [GroupPlan.Member]
  private(set) var steps: [String] = []

  init(_ row: GroupPlanTableTests.Row) {
    var trigger = Trigger()
    trigger.event = "e"
    var group = SubscriptionGroup()
    group.strategy = row.strategy
    group.onFailure = row.onFailure
    group.completion = row.needed == 3 ? .all : row.needed == 1 ? .any : .quorum
    group.quorum = Int32(row.needed)
    let subscriptions = (0..<3).map { number in
      var subscription = Subscription()
      subscription.subscriptionID = "s\(number)"
      subscription.order = Int32(number)
      return (ordinal: number, subscription: subscription)
    }
    let plan = GroupPlan(group, subscriptions, of: trigger)
    self.plan = plan
    atOnce = row.atOnce
    members = (0..<3).map { GroupPlan.Member(.pending, isHeld: plan.isSequential && $0 > 0) }
    if plan.strategy == .oneOf { for other in 1...2 { members[other].state = .skipped } }
  }

  var end: String {
    let outcome = plan.outcome(members.map(\.state))
    return members.map { letter($0.state) }.joined()
      + (outcome == .succeeded ? "+" : outcome == nil ? "?" : "-")
  }

  mutating func finish(_ failing: Set<Int>) {
    start()
    while let next = members.firstIndex(where: { $0.hasStarted && !$0.state.isTerminal }) {
      members[next].state = failing.contains(next) ? .failed : .succeeded
      decide("\(next) \(members[next].state)")
      start()
    }
  }

  private mutating func start() {
    for index in members.indices {
      guard members.count(where: { $0.hasStarted && !$0.state.isTerminal }) < atOnce else { return }
      if !members[index].state.isTerminal, !members[index].isHeld {
        members[index].hasStarted = true
      }
    }
  }

  private mutating func decide(_ reason: String) {
    let decisions = plan.next(members)
    let text = decisions.map { "\($0)" }.joined(separator: ", ")
    if members.contains(where: { !$0.state.isTerminal }) { steps.append("\(reason): [\(text)]") }
    for decision in decisions {
      switch decision {
      case .release(let index): members[index].isHeld = false
      case .skip(let index): members[index].state = .skipped
      case .cancel(let index): members[index].state = .cancelled
      }
    }
    guard !decisions.isEmpty else { return }
    steps.append("\(text): \(plan.next(members))")
  }

  private func letter(_ state: Invocation.State) -> String {
    switch state {
    case .succeeded: "S"
    case .failed: "F"
    case .skipped: "K"
    case .cancelled: "C"
    case .pending, .running, .retrying: "?"
    }
  }
}
