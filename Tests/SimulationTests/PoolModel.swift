import EventCore
import Matching
import MemoryStore

/// What a pool keeps in memory; a crash takes all of it.
struct PoolModel {
  /// Read from the store, or hinted at after acceptance, and not started.
  private(set) var queue: [Found] = []
  private(set) var running: [Run] = []

  struct Found {
    var assignment: Assignment
    var time: Timestamp
  }

  struct Run {
    var assignment: Assignment
    var attempt: Attempt
  }

  var known: Set<InvocationID> {
    Set(queue.map(\.assignment.invocation.id) + running.map(\.assignment.invocation.id))
  }

  var check: (InvocationID) -> Attempt? {
    let running = running
    return { id in running.first { $0.assignment.invocation.id == id }?.attempt }
  }

  mutating func hint(_ trigger: Trigger, _ invocation: Invocation, at now: Timestamp) {
    guard invocation.state == .pending, invocation.holds == [],
      (invocation.nextAttemptTime ?? trigger.dueTime) <= now
    else { return }
    queue.append(Found(assignment: Assignment(trigger, invocation), time: now))
  }

  mutating func add(_ work: DueWork, at now: Timestamp) {
    queue += work.assignments.map { Found(assignment: $0, time: now) }
  }

  mutating func take(_ index: Int) -> Found { queue.remove(at: index) }

  mutating func run(_ assignment: Assignment, at now: Timestamp) {
    var attempt = Attempt()
    attempt.number = (assignment.invocation.attempts.last?.number ?? 0) + 1
    attempt.startTime = now
    running.append(Run(assignment: assignment, attempt: attempt))
  }

  mutating func end(_ index: Int) -> Run { running.remove(at: index) }

  /// What was ended elsewhere is not started, and what of it runs is stopped. What was taken up
  /// again is read anew.
  mutating func drop(_ id: InvocationID) {
    queue.removeAll { $0.assignment.invocation.id == id }
    running.removeAll { $0.assignment.invocation.id == id }
  }
}

extension Simulation {
  mutating func fetch() {
    guard let lane = store.workingLanes().randomElement(using: &random) else { return }
    let limit = Int.random(in: 1...4, using: &random)
    pool.add(store.due(lane, at: now, limit: limit, without: pool.known), at: now)
  }

  mutating func start() {
    guard !pool.queue.isEmpty else { return }
    let found = pool.take(Int.random(in: 0..<pool.queue.count, using: &random))
    let invocation = found.assignment.invocation
    if catalog.subscription(invocation.subscriptionID, in: .default)!.isPaused {
      _ = store.park(invocation.id, in: .default)
      return
    }
    pool.run(found.assignment, at: now)
    note(.started(invocation.id, foundAt: found.time))
  }

  mutating func finish() {
    guard !pool.running.isEmpty else { return }
    var (assignment, attempt) = {
      let run = pool.end(Int.random(in: 0..<pool.running.count, using: &random))
      return (run.assignment, run.attempt)
    }()
    attempt.endTime = max(now, attempt.startTime)
    let id = assignment.invocation.subscriptionID
    let policy = catalog.subscription(id, in: .default)!.delivery
    assignment.invocation = assignment.invocation.after(
      attempt, outcome(), policy: policy, due: assignment.trigger.dueTime,
      chance: Double.random(in: 0...1, using: &random))
    let letter = deadLetter(of: assignment, policy)
    let running = pool.check
    guard
      let consequences = store.record(
        assignment.invocation, deadLetter: letter, running: running)
    else { return }
    if let letter { noteAccepted(letter) }
    apply(consequences)
  }

  private mutating func outcome() -> Invocation.AttemptOutcome {
    if chance(60) { return .succeeded }
    return .failed(
      InvocationError(
        .function, code: "EXIT_1", message: "", isFinal: chance(20),
        retryAfter: chance(10) ? .seconds(3) : nil))
  }

  private mutating func deadLetter(
    of assignment: Assignment, _ policy: DeliveryPolicy
  ) -> TriggerPlan? {
    guard assignment.invocation.state == .failed, !policy.deadLetterEvent.isEmpty,
      var letter = DeadLetter.trigger(
        of: assignment.invocation, assignment.trigger, to: policy.deadLetterEvent, at: now)
    else { return nil }
    // Not by chance: a seed repeats everything.
    letter.triggerID = nextID()
    return TriggerPlan(letter, catalog.match(letter)!)
  }

  mutating func crash() {
    pool = PoolModel()
    note(.crashed)
  }

  mutating func apply(_ consequences: Consequences) {
    for invocation in consequences.changed {
      pool.drop(invocation.id)
      note(.changed(invocation))
    }
  }

  mutating func apply(_ upkeep: Upkeep) {
    for consequences in upkeep.consequences { apply(consequences) }
  }
}
