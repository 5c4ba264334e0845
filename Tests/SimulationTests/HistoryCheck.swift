import EventCore

/// Says which promises a history breaks. Written apart from what it judges: it knows nothing of
/// holds, queues and plans, only of what was seen.
struct HistoryCheck {
  private(set) var violations: [String] = []
  private var world = World()
  private var seen: [InvocationID: Seen] = [:]
  /// Of each subscription and ordering key, in the order of acceptance.
  private var lines: [Line: [InvocationID]] = [:]
  private var triggers: [UniqueID: History.Accepted] = [:]
  private var answers: [String: UniqueID] = [:]
  private var paused: Set<String> = []
  private var running: Set<InvocationID> = []
  private var watch = WatchCheck()

  private struct Line: Hashable {
    var subscription: String
    var key: String
  }

  /// What is known of an invocation.
  private struct Seen {
    var last: Invocation
    var key: String
    var dueTime: Timestamp?
    var starts = 0
    var interrupted = 0
    var wasRedriven = false
  }

  static func violations(in history: History) -> [String] {
    var check = HistoryCheck()
    for entry in history.entries { check.take(entry) }
    check.end()
    return check.violations
  }

  private mutating func take(_ entry: History.Entry) {
    switch entry.fact {
    case .defined(let world): self.world = world
    case .accepted(let trigger): accepted(trigger)
    case .answered(let request, let id):
      let first = answers[request] ?? id
      answers[request] = first
      expect(first == id, "\(request) made two triggers, \(first.short) and \(id.short)")
    case .started(let id, let foundAt): started(id, foundAt)
    case .changed(let invocation): changed(invocation)
    case .paused(let id): paused.insert(id)
    case .resumed(let id): paused.remove(id)
    case .redriven(let ids):
      for id in ids {
        seen[id]?.wasRedriven = true
        seen[id]?.starts = 0
        seen[id]?.interrupted = 0
      }
    case .crashed:
      for id in running { seen[id]?.interrupted += 1 }
      running = []
    case .heard(let place, let id, let revision):
      watch.heard(place, id, revision).map { violations.append($0) }
    case .rewound(let place): watch.rewound(to: place)
    case .stuck(let unfinished): violations.append("\(unfinished) never finish")
    }
  }

  private mutating func expect(_ isMet: Bool, _ problem: @autoclosure () -> String) {
    if !isMet { violations.append(problem()) }
  }

  private mutating func accepted(_ trigger: History.Accepted) {
    triggers[trigger.id] = trigger
    let matched = world.subscriptions.filter { $0.event == trigger.event }.map(\.subscriptionID)
    expect(
      trigger.invocations.map(\.subscriptionID).sorted() == matched.sorted(),
      "\(trigger.id.short) has not an invocation for each subscription")
    for invocation in trigger.invocations {
      seen[invocation.id] = Seen(
        last: invocation, key: trigger.key, dueTime: trigger.deliverAt)
      guard !trigger.key.isEmpty else { continue }
      let line = Line(subscription: invocation.subscriptionID, key: trigger.key)
      lines[line, default: []].append(invocation.id)
    }
  }

  private mutating func changed(_ next: Invocation) {
    guard let old = seen[next.id] else { return }
    expect(
      next.revision == old.last.revision + 1,
      "\(next.id.short) went from revision \(old.last.revision) to \(next.revision)")
    if old.last.state.isTerminal {
      expect(
        next.state == .pending && next.redrive != nil,
        "\(next.id.short) was \(old.last.state) and became \(next.state)")
      seen[next.id]!.wasRedriven = true
      seen[next.id]!.starts = 0
      seen[next.id]!.interrupted = 0
    }
    seen[next.id]!.last = next
    seen[next.id]!.dueTime = next.nextAttemptTime
    running.remove(next.id)
  }

  // MARK: A start

  private mutating func started(_ id: InvocationID, _ foundAt: Timestamp) {
    guard let invocation = seen[id] else {
      violations.append("\(id.short) started before it was acknowledged")
      return
    }
    expect(!running.contains(id), "\(id.short) started while it ran")
    expect(
      !invocation.last.state.isTerminal,
      "\(id.short) started though it was \(invocation.last.state)")
    expect(
      !paused.contains(invocation.last.subscriptionID),
      "\(id.short) started while \(invocation.last.subscriptionID) was paused")
    if let due = invocation.dueTime {
      expect(foundAt >= due, "\(id.short) started before it was due")
    }
    checkOrder(id, invocation)
    checkGroup(id, invocation)
    running.insert(id)
    seen[id]!.starts += 1
    checkAttempts(id)
  }

  private mutating func checkAttempts(_ id: InvocationID) {
    let invocation = seen[id]!
    let limit = world.subscription(invocation.last.subscriptionID)!.delivery.maxAttempts
    expect(
      invocation.starts - invocation.interrupted <= limit,
      "\(id.short) started \(invocation.starts) times, \(limit) are allowed")
  }

  private mutating func checkOrder(_ id: InvocationID, _ invocation: Seen) {
    guard !invocation.key.isEmpty else { return }
    let line = lines[Line(subscription: invocation.last.subscriptionID, key: invocation.key)]!
    for other in line where running.contains(other) {
      violations.append("\(id.short) and \(other.short) of one key ran at once")
    }
    for earlier in line.prefix(while: { $0 != id }) where !seen[earlier]!.wasRedriven {
      expect(
        seen[earlier]!.last.state.isTerminal,
        "\(id.short) started before \(earlier.short) of its key was finished")
    }
  }

  private mutating func checkGroup(_ id: InvocationID, _ invocation: Seen) {
    guard let group = world.group(invocation.last.groupID) else { return }
    let members = members(of: group, id.triggerID)
    let others = members.filter { $0 != id }.map { seen[$0]! }
    let isTouched = invocation.wasRedriven || others.contains(where: \.wasRedriven)
    if group.strategy == .sequence || group.strategy == .firstSuccess {
      for before in members.prefix(while: { $0 != id }) where !seen[before]!.wasRedriven {
        expect(
          seen[before]!.last.state.isTerminal,
          "\(id.short) started before \(before.short) of its sequence was finished")
      }
    }
    guard !isTouched else { return }
    let succeeded = others.contains { $0.last.state == .succeeded }
    if group.strategy == .firstSuccess {
      expect(!succeeded, "\(id.short) started after another had succeeded")
    }
    if group.strategy == .oneOf {
      expect(others.allSatisfy { $0.starts == 0 }, "\(id.short) started besides another of one")
    }
    if group.effectiveOnFailure != .continue, invocation.starts == 0 {
      let failed = others.contains { $0.last.state == .failed || $0.last.state == .cancelled }
      expect(!failed, "\(id.short) started first after another had failed")
    }
  }

  /// In the group's order.
  private func members(of group: SubscriptionGroup, _ trigger: UniqueID) -> [InvocationID] {
    func order(_ invocation: Invocation) -> (Int32, String) {
      (world.subscription(invocation.subscriptionID)!.order, invocation.subscriptionID)
    }
    return triggers[trigger]!.invocations.filter { $0.groupID == group.groupID }
      .sorted { order($0) < order($1) }.map(\.id)
  }

  // MARK: The end

  private mutating func end() {
    for (id, invocation) in seen.sorted(by: { $0.key.short < $1.key.short }) {
      expect(invocation.last.state.isTerminal, "\(id.short) ended as \(invocation.last.state)")
      guard watch.hasHeard, invocation.last.revision > 0 else { continue }
      let heard = watch.revisions[id] ?? 0
      expect(
        heard == invocation.last.revision,
        "the watcher heard \(heard) of \(id.short), not its last change")
    }
  }
}
