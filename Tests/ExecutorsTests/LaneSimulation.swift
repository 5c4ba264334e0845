import EventCore
import MemoryStore
import TestSupport

@testable import Executors

/// A lane, a store and functions as values, driven by chance from a seed.
struct LaneSimulation {
  private struct Stored {
    let number: Int
    var isFinished = false
    var hasSucceeded = false
    var isHeld = false
    var dueTime: Timestamp
  }

  /// On their way to the lane, which takes them all at once.
  private struct Hints {
    var assignments: [Assignment] = []
    var ended: [InvocationID] = []
    var dueTime: Timestamp?
    var isWake = false

    var isEmpty: Bool { assignments.isEmpty && ended.isEmpty && dueTime == nil && !isWake }
  }

  private struct Refill {
    let limit: Int
    let without: Set<InvocationID>
    var work = DueWork()
  }

  private var random: SeededRandom
  private var lane = LaneState(queueMax: 4, horizon: UniqueID(high: 0, low: 0))
  private var now = Timestamp(nanoseconds: 0)
  private var stored: [InvocationID: Stored] = [:]
  private var nextNumber = 1
  /// Accepted, not submitted yet.
  private var accepted: [Assignment] = []
  private var hints = Hints()
  /// Nil: it still runs, or its outcome is not stored yet.
  private var running: [InvocationID: LaneState.Rest?] = [:]
  private var refill: Refill?
  private var waitsForPermit = false
  private var timer: Timestamp?
  private(set) var problems: [String] = []

  /// Half of all lanes are of functions that need places, which come and go.
  private let needsPlaces: Bool

  init(seed: UInt64) {
    needsPlaces = seed.isMultiple(of: 2)
    random = SeededRandom(seed: seed)
  }

  var unfinished: Int { stored.values.count { !$0.isFinished } }

  mutating func run() {
    // Many short histories, for what is missed in one is found by the next.
    for _ in 0..<8 where problems.isEmpty {
      for _ in 0..<60 { happen(Int.random(in: 0..<15, using: &random)) }
      finishAll()
    }
  }

  /// Without new triggers it must come to an end.
  private mutating func finishAll() {
    for _ in 0..<20_000 where unfinished > 0 {
      happen(Int.random(in: 3..<15, using: &random))
    }
    if unfinished > 0 { problems.append("\(unfinished) were lost") }
  }

  private mutating func happen(_ event: Int) {
    switch event {
    case 0: accept()
    case 1: cancel()
    case 2: redrive()
    case 3: submit()
    case 4, 5: takeHints()
    case 6: record()
    case 7: finish()
    case 8: readRefill()
    case 9: answerRefill()
    case 10: grantPermit()
    case 11: passTime()
    case 12: release()
    case 13: lane.placeFreed()
    default: fireTimer()
    }
    step()
  }

  // MARK: The store

  private mutating func accept() {
    let new = assignment(nextNumber)
    var entry = Stored(number: nextNumber, dueTime: Timestamp(nanoseconds: 0))
    nextNumber += 1
    switch Int.random(in: 0..<6, using: &random) {
    case 0: entry.isHeld = true
    case 1: entry.dueTime = later()
    default: break
    }
    stored[new.invocation.id] = entry
    if !entry.isHeld { accepted.append(new) }
  }

  private mutating func cancel() {
    guard let id = any({ !$0.isFinished }) else { return }
    stored[id]!.isFinished = true
    stored[id]!.isHeld = false
    hints.ended.append(id)
  }

  private mutating func redrive() {
    guard let id = any({ $0.isFinished && !$0.hasSucceeded }) else { return }
    stored[id]!.isFinished = false
    stored[id]!.dueTime = now
    hints.isWake = true
  }

  private mutating func release() {
    guard let id = any({ $0.isHeld }) else { return }
    stored[id]!.isHeld = false
    hints.isWake = true
  }

  private mutating func record() {
    guard let id = running.filter({ $0.value == nil }).keys.min(by: order) else { return }
    guard !stored[id]!.isFinished else {
      settle(id, .unknown)
      return
    }
    switch Int.random(in: 0..<4, using: &random) {
    case 0:
      stored[id]!.dueTime = later()
      settle(id, .waits(until: stored[id]!.dueTime))
    case 1:
      stored[id]!.isFinished = true
      settle(id, .waits(until: nil))
    default:
      stored[id]!.isFinished = true
      stored[id]!.hasSucceeded = true
      settle(id, .over)
    }
  }

  private mutating func settle(_ id: InvocationID, _ rest: LaneState.Rest) {
    running.updateValue(rest, forKey: id)
  }

  /// The store reads between the refill's begin and its answer.
  private mutating func readRefill() {
    guard let refill else { return }
    let open = stored.filter { !$0.value.isFinished && !$0.value.isHeld }
    let due = open.filter { $0.value.dueTime <= now && !refill.without.contains($0.key) }
      .values.sorted { ($0.dueTime, $0.number) < ($1.dueTime, $1.number) }
    self.refill?.work = DueWork(
      assignments: due.prefix(refill.limit).map { assignment($0.number) },
      nextDueTime: open.values.map(\.dueTime).filter { $0 > now }.min())
  }

  // MARK: The lane

  private mutating func submit() {
    guard !accepted.isEmpty else { return }
    let hint = accepted.remove(at: Int.random(in: 0..<accepted.count, using: &random))
    // As it was accepted: what became of it since is not known.
    let dueTime = stored[hint.invocation.id]!.dueTime
    if dueTime > Timestamp(nanoseconds: 0) {
      hints.dueTime = min(hints.dueTime ?? dueTime, dueTime)
    } else {
      hints.assignments.append(hint)
    }
  }

  private mutating func takeHints() {
    for id in hints.ended { _ = lane.ended(id) }
    for assignment in hints.assignments { _ = lane.offer(assignment) }
    lane.noteDue(hints.dueTime)
    if hints.isWake { lane.wake() }
    hints = Hints()
  }

  private mutating func finish() {
    guard let (id, rest) = running.filter({ $0.value != nil }).min(by: { order($0.key, $1.key) })
    else { return }
    running[id] = nil
    lane.finished(id, rest!)
  }

  private mutating func answerRefill() {
    guard let answered = refill else { return }
    refill = nil
    if Int.random(in: 0..<10, using: &random) == 0 {
      lane.refillFailed(retryAt: now + .nanoseconds(10))
    } else {
      let room = Int.random(in: 0..<10_000, using: &random)
      _ = lane.refilled(answered.work, limit: answered.limit, room: room)
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
    while let action = lane.next(at: now, concurrency: 3, needsPlaces: needsPlaces) {
      switch action {
      case .takePlace: takePlace()
      case .requestPermit: waitsForPermit = true
      case .releasePermit: break
      case .start(let assignment):
        if (assignment.place != 0) != needsPlaces { problems.append("a start at a wrong place") }
        start(assignment.invocation.id)
      case .refill(let limit, let without):
        refill = Refill(limit: limit, without: without)
        readRefill()
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

  private mutating func start(_ id: InvocationID) {
    let entry = stored[id]!
    if entry.hasSucceeded { problems.append("\(id) started after it had succeeded") }
    if entry.isFinished, !hints.ended.contains(id) {
      problems.append("\(id) started after the lane knew that it was ended")
    }
    if entry.isHeld { problems.append("\(id) started although it is held") }
    if entry.dueTime > now { problems.append("\(id) started before it was due") }
    let isTwice = running.updateValue(nil, forKey: id) != nil
    if isTwice { problems.append("\(id) started twice at once") }
    if running.count > 3 { problems.append("\(running.count) run at once") }
  }

  private mutating func retire() {
    if refill != nil || waitsForPermit || !running.isEmpty { problems.append("retired at work") }
    guard hints.isEmpty else { return }
    lane = LaneState(queueMax: 4, horizon: lane.horizon)
  }

  // MARK: Chance

  private mutating func passTime() {
    now = now + .nanoseconds(Int64.random(in: 0..<50, using: &random))
  }

  private mutating func later() -> Timestamp {
    now + .nanoseconds(Int64.random(in: 1..<100, using: &random))
  }

  private mutating func any(_ isMeant: (Stored) -> Bool) -> InvocationID? {
    // Sorted, so that a seed replays exactly.
    stored.filter { isMeant($0.value) }.keys.sorted(by: order).randomElement(using: &random)
  }

  private func order(_ left: InvocationID, _ right: InvocationID) -> Bool {
    left.triggerID < right.triggerID
  }
}
