import EventCore
import TestSupport

@testable import Executors

/// A lane, a store and functions as values, driven by chance from a seed.
struct LaneSimulation {
  private struct Refill {
    let order: DueOrder
    let limit: Int
    let without: Set<InvocationID>
    var work = DueWork()
  }

  /// Told to the store, which may not have done it yet.
  private struct Sorting {
    let what: LaneQueue.Sorting
    /// Set when it is done.
    var released: KeyReleased?
  }

  private struct Run {
    /// Nil: it still runs, or its outcome is not stored yet.
    var rest: LaneState.Rest?
    let key: ConcurrencyKey?
    var verdict = Circuit.Verdict.unknown
  }

  private var random: SeededRandom
  private var lane = LaneState(queueMax: 4, horizon: UniqueID(high: 0, low: 0))
  private var now = Timestamp(nanoseconds: 0)
  private var store = LaneStore()
  private var nextNumber = 1
  /// Accepted, not submitted yet.
  private var accepted: [Assignment] = []
  private var hints = SimulatedHints()
  private var running: [InvocationID: Run] = [:]
  private var callers = SimulatedCallers()
  private var refill: Refill?
  private var sortings: [Sorting] = []
  private var waitsForPermit = false
  private var timer: Timestamp?
  private var laneProblems: [String] = []

  /// Half of all lanes are of functions that need places, which come and go.
  private let needsPlaces: Bool
  /// Two in three are of functions with a concurrency key, which is changed sometimes.
  private let hasKeys: Bool
  private var keyLimit: KeyLimit?
  private var pointers = 0
  /// Half of all lanes have several.
  private let priorities: ClosedRange<Int32>
  /// One in four has a rate and a circuit breaker.
  private var gate = FlowGate()

  init(seed: UInt64) {
    needsPlaces = seed.isMultiple(of: 2)
    hasKeys = !seed.isMultiple(of: 3)
    priorities = seed & 8 == 0 ? 0...0 : -1...1
    random = SeededRandom(seed: seed)
    if hasKeys { changeKeyLimit() }
    guard seed.isMultiple(of: 4) else { return }
    var function = Function()
    function.flow.ratePerSecond = 1e9 / 20
    function.flow.burst = 2
    function.flow.circuitBreaker = CircuitBreaker()
    function.flow.circuitBreaker!.failureThreshold = 2
    function.flow.circuitBreaker!.openDuration = .nanoseconds(40)
    gate.adopt(function, at: now)
  }

  var unfinished: Int { store.unfinished + callers.count }
  var problems: [String] { laneProblems + callers.problems }

  mutating func run() {
    // Many short histories, for what is missed in one is found by the next.
    for _ in 0..<8 where problems.isEmpty {
      for _ in 0..<80 { happen(Int.random(in: 0..<23, using: &random)) }
      finishAll()
    }
  }

  /// Without new triggers it must come to an end.
  private mutating func finishAll() {
    for _ in 0..<30_000 where unfinished > 0 {
      happen(Int.random(in: 6..<23, using: &random))
    }
    if unfinished > 0 { laneProblems.append("\(unfinished) were lost") }
  }

  private mutating func happen(_ event: Int) {
    switch event {
    case 0, 1: accept()
    case 2: cancel()
    case 3: redrive()
    case 4: if Int.random(in: 0..<9, using: &random) == 0 { crash() }
    case 5: comeCalling()
    case 6: submit()
    case 7, 8: takeHints()
    case 9: record()
    case 10: finish()
    case 11: readRefill()
    case 12: answerRefill()
    case 13: grantPermit()
    case 14: passTime()
    case 15: release()
    case 16: lane.placeFreed()
    case 17: doSorting()
    case 18: answerSorting()
    case 19: if hasKeys, Int.random(in: 0..<9, using: &random) == 0 { changeKeyLimit() }
    case 20: callers.giveUp()
    case 21: callers.finish()
    default: fireTimer()
    }
    step()
  }

  // MARK: The store

  private mutating func accept() {
    let priority = Int32.random(in: priorities, using: &random)
    let new = assignment(nextNumber, priority: priority)
    var entry = LaneStore.Stored(
      number: nextNumber, priority: priority, dueTime: Timestamp(nanoseconds: 0))
    nextNumber += 1
    switch Int.random(in: 0..<6, using: &random) {
    case 0: entry.isHeld = true
    case 1: entry.dueTime = later()
    default: break
    }
    store.accept(new.invocation.id, entry)
    if !entry.isHeld { accepted.append(new) }
  }

  private mutating func comeCalling() {
    callers.come(nextNumber)
    nextNumber += 1
  }

  private mutating func cancel() {
    guard let id = any({ !$0.isFinished }) else { return }
    store.cancel(id)
    hints.ended.append(id)
  }

  private mutating func redrive() {
    guard let id = any({ $0.isFinished && !$0.hasSucceeded }) else { return }
    store[id].isFinished = false
    store[id].dueTime = now
    hints.isWake = true
  }

  private mutating func release() {
    guard let id = any({ $0.isHeld }) else { return }
    store[id].isHeld = false
    hints.isWake = true
  }

  private mutating func record() {
    guard let id = running.filter({ $0.value.rest == nil }).keys.min(by: order) else { return }
    guard !store[id].isFinished else { return settle(id, .unknown, .unknown) }
    switch Int.random(in: 0..<4, using: &random) {
    case 0:
      store[id].dueTime = later()
      settle(id, .waits(until: store[id].dueTime), .fails("no"))
    case 1:
      store[id].isFinished = true
      settle(id, .waits(until: nil), .fails("never"))
    default:
      store[id].isFinished = true
      store[id].hasSucceeded = true
      settle(id, .over, .works)
    }
  }

  private mutating func settle(
    _ id: InvocationID, _ rest: LaneState.Rest, _ verdict: Circuit.Verdict
  ) {
    running[id]!.rest = rest
    running[id]!.verdict = verdict
  }

  /// The store reads between the refill's begin and its answer.
  private mutating func readRefill() {
    guard let refill else { return }
    self.refill?.work = store.due(
      at: now, limit: refill.limit, without: refill.without, refill.order)
  }

  private mutating func doSorting() {
    let undone = sortings.indices.filter { sortings[$0].released == nil }
    guard let index = undone.randomElement(using: &random) else { return }
    switch sortings[index].what {
    case .holdBack(let assignments):
      store.hold(assignments)
      sortings[index].released = KeyReleased()
    case .release(let release):
      sortings[index].released = store.release(release)
    }
  }

  // MARK: The lane

  private mutating func submit() {
    guard !accepted.isEmpty else { return }
    let hint = accepted.remove(at: Int.random(in: 0..<accepted.count, using: &random))
    // As it was accepted: what became of it since is not known.
    let dueTime = store[hint.invocation.id].dueTime
    let priority = hint.invocation.priority
    hints.priority = max(hints.priority ?? priority, priority)
    if dueTime > Timestamp(nanoseconds: 0) {
      hints.dueTime = min(hints.dueTime ?? dueTime, dueTime)
    } else {
      hints.assignments.append(hint)
    }
  }

  private mutating func takeHints() {
    for id in hints.ended { _ = lane.ended(id) }
    for assignment in hints.assignments { _ = lane.offer(keyed(assignment)) }
    if let priority = hints.priority { lane.noteSeen(priority) }
    lane.noteDue(hints.dueTime)
    if hints.isWake { lane.wake() }
    callers.tell(&lane, &gate, at: now, concurrency: 3, needsPlaces: needsPlaces)
    hints = SimulatedHints()
  }

  private mutating func finish() {
    guard
      let (id, run) = running.filter({ $0.value.rest != nil }).min(by: { order($0.key, $1.key) })
    else { return }
    running[id] = nil
    _ = gate.ended(id, run.verdict, at: now)
    lane.finished(id, run.rest!)
  }

  private mutating func answerRefill() {
    guard let answered = refill else { return }
    refill = nil
    if Int.random(in: 0..<10, using: &random) == 0 {
      lane.refillFailed(retryAt: now + .nanoseconds(10))
    } else {
      let room = Int.random(in: 0..<10_000, using: &random)
      var work = answered.work
      work.assignments = work.assignments.map(keyed)
      _ = lane.refilled(work, limit: answered.limit, room: room)
    }
  }

  private mutating func answerSorting() {
    let done = sortings.indices.filter { sortings[$0].released != nil }
    guard let index = done.randomElement(using: &random) else { return }
    let sorting = sortings.remove(at: index)
    switch sorting.what {
    case .holdBack(let assignments): lane.heldBack(assignments)
    case .release(let release): lane.released(release, sorting.released!)
    }
  }

  private mutating func grantPermit() {
    guard waitsForPermit else { return }
    waitsForPermit = false
    lane.permitGranted()
  }

  private mutating func fireTimer() {
    guard let time = timer, time <= now else { return }
    timer = nil
    lane.timerFired()
  }

  private mutating func step() {
    if Int.random(in: 0..<20, using: &random) == 0, gate.answer(at: now) != .open {
      _ = lane.leaveQueueToStore()
    }
    while let action = lane.next(
      at: now, concurrency: 3, needsPlaces: needsPlaces, keyLimit: keyLimit,
      gate: gate.answer(at: now))
    {
      switch action {
      case .takePlace: takePlace()
      case .requestPermit: waitsForPermit = true
      case .releasePermit: break
      case .start(let assignment):
        if (assignment.place != 0) != needsPlaces {
          laneProblems.append("a start at a wrong place")
        }
        start(assignment)
      case .admit(let ticket, let place):
        if (place != 0) != needsPlaces { laneProblems.append("a caller at a wrong place") }
        callers.admit(ticket, &gate, at: now)
        checkRunning()
      case .refill(let order, let limit, let without):
        if limit < 1 { laneProblems.append("a refill of nothing") }
        refill = Refill(order: order, limit: limit, without: without)
        readRefill()
      case .sort(let sorting): sortings.append(Sorting(what: sorting))
      case .setTimer(let time): timer = time
      case .retire: return retire()
      }
    }
  }

  private mutating func takePlace() {
    switch Int.random(in: 0..<3, using: &random) {
    case 0: _ = lane.placeMissing(isAbsent: true)
    case 1: _ = lane.placeMissing(isAbsent: false)
    default: lane.placeTaken(1)
    }
  }

  private mutating func start(_ assignment: Assignment) {
    let id = assignment.invocation.id
    let entry = store[id]
    if entry.hasSucceeded { laneProblems.append("\(id) started after it had succeeded") }
    if entry.isFinished, !hints.ended.contains(id) {
      laneProblems.append("\(id) started after the lane knew that it was ended")
    }
    if entry.isHeld { laneProblems.append("\(id) started although it is held") }
    if entry.key != nil { laneProblems.append("\(id) started although it is held for its key") }
    if entry.dueTime > now { laneProblems.append("\(id) started before it was due") }
    if gate.answer(at: now) != .open { laneProblems.append("\(id) started at a closed gate") }
    if let key = assignment.key, let keyLimit,
      running.values.count(where: { $0.key == key }) >= keyLimit.max
    {
      laneProblems.append("\(id) started although its key is at its limit")
    }
    _ = gate.began(id, at: now)
    let isTwice = running.updateValue(Run(key: assignment.key), forKey: id) != nil
    if isTwice { laneProblems.append("\(id) started twice at once") }
    checkRunning()
  }

  private mutating func checkRunning() {
    let count = running.count + callers.runningCount
    if count > 3 { laneProblems.append("\(count) run at once") }
  }

  private mutating func retire() {
    if refill != nil || !sortings.isEmpty || waitsForPermit || !running.isEmpty {
      laneProblems.append("retired at work")
    }
    if store.holdsKeys { laneProblems.append("retired although some are held for their keys") }
    if callers.runningCount > 0 { laneProblems.append("retired while callers run the function") }
    guard hints.isEmpty, !callers.hasHints else { return }
    lane = LaneState(queueMax: 4, horizon: lane.horizon)
  }

  /// The gateway is killed, and started again on the same store.
  private mutating func crash() {
    (accepted, hints, running, refill, sortings) = ([], SimulatedHints(), [:], nil, [])
    callers = SimulatedCallers()
    (waitsForPermit, timer) = (false, nil)
    gate = FlowGate()
    lane = LaneState(queueMax: 4, horizon: UniqueID(high: 0, low: 0))
    lane.wake()
    if store.holdsKeys { lane.noteHeldKeys() }
  }

  // MARK: Chance

  /// Most have one key, some another, some none. Keys of another pointer mean something else.
  private func keyed(_ assignment: Assignment) -> Assignment {
    guard keyLimit != nil else { return assignment }
    var keyed = assignment
    let number = Int64(bitPattern: assignment.trigger.triggerID.low) % 6
    keyed.key = number == 5 ? nil : ConcurrencyKey(number: Int64(pointers * 10) + number / 4)
    return keyed
  }

  private mutating func changeKeyLimit() {
    let chance = Int.random(in: 0..<6, using: &random)
    if chance == 0 { return keyLimit = nil }
    var limit = KeyLimit()
    if chance < 3 { pointers += 1 }
    limit.pointer = "/\(pointers)"
    limit.max = Int32.random(in: 1...2, using: &random)
    keyLimit = limit
  }

  private mutating func passTime() {
    now = now + .nanoseconds(Int64.random(in: 0..<50, using: &random))
  }

  private mutating func later() -> Timestamp {
    now + .nanoseconds(Int64.random(in: 1..<100, using: &random))
  }

  private mutating func any(_ isMeant: (LaneStore.Stored) -> Bool) -> InvocationID? {
    // Sorted, so that a seed replays exactly.
    store.stored.filter { isMeant($0.value) }.keys.sorted(by: order).randomElement(using: &random)
  }

  private func order(_ left: InvocationID, _ right: InvocationID) -> Bool {
    left.triggerID < right.triggerID
  }
}
