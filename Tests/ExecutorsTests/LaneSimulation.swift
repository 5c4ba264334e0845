import EventCore
import TestSupport

@testable import Executors

/// A lane, a store and functions as values, driven by chance from a seed.
struct LaneSimulation {
  fileprivate struct Stored {
    var assignment: Assignment
    var isFinished = false
    var dueTime = Timestamp(nanoseconds: 0)
  }

  private var random: SeededRandom
  private var lane = LaneState(queueMax: 4, horizon: Timestamp(nanoseconds: .min))
  private var now = Timestamp(nanoseconds: 0)
  private var stored: [InvocationID: Stored] = [:]
  private var nextNumber: Int64 = 1
  /// Accepted, their hint on its way.
  private var hints: [Assignment] = []
  private var running: Set<InvocationID> = []
  private var refill: (work: DueWork, limit: Int)?
  private var waitsForPermit = false
  private var timer: Timestamp?
  private(set) var problems: [String] = []

  init(seed: UInt64) {
    random = SeededRandom(seed: seed)
  }

  var unfinished: Int { stored.values.count { !$0.isFinished } }

  mutating func run() {
    for _ in 0..<500 { happen(Int.random(in: 0..<8, using: &random)) }
    // Without new triggers it must come to an end.
    var steps = 0
    while unfinished > 0, steps < 100_000 {
      happen(Int.random(in: 1..<8, using: &random))
      steps += 1
    }
  }

  private mutating func happen(_ event: Int) {
    switch event {
    case 0: accept()
    case 1: deliverHint()
    case 2: if !running.isEmpty { finish(running.randomElement(using: &random)!) }
    case 3: readRefill()
    case 4: answerRefill()
    case 5: grantPermit()
    case 6: now = now + .nanoseconds(Int64.random(in: 0..<50, using: &random))
    default: fireTimer()
    }
    step()
  }

  private mutating func accept() {
    let new = assignment(nextNumber)
    nextNumber += 1
    stored[new.invocation.id] = Stored(assignment: new)
    hints.append(new)
  }

  private mutating func deliverHint() {
    guard !hints.isEmpty else { return }
    _ = lane.offer(hints.remove(at: Int.random(in: 0..<hints.count, using: &random)))
  }

  private mutating func finish(_ id: InvocationID) {
    running.remove(id)
    let isRetried = Int.random(in: 0..<4, using: &random) == 0
    let dueTime = now + .nanoseconds(Int64.random(in: 1..<100, using: &random))
    stored[id]!.isFinished = !isRetried
    stored[id]!.dueTime = dueTime
    lane.finished(id, nextDueTime: isRetried ? dueTime : nil)
  }

  /// The store reads between the refill's begin and its answer.
  private mutating func readRefill() {
    guard let limit = refill?.limit else { return }
    let open = stored.values.filter { !$0.isFinished }
    let due = open.filter { $0.dueTime <= now }
      .sorted { ($0.dueTime, $0.number) < ($1.dueTime, $1.number) }
    refill?.work = DueWork(
      assignments: due.prefix(limit).map(\.assignment),
      nextDueTime: open.map(\.dueTime).filter { $0 > now }.min())
  }

  private mutating func answerRefill() {
    guard let (work, limit) = refill else { return }
    refill = nil
    if Int.random(in: 0..<10, using: &random) == 0 {
      lane.refillFailed(retryAt: now + .nanoseconds(10))
    } else {
      _ = lane.refilled(work, limit: limit, room: Int.random(in: 0..<10_000, using: &random))
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
    while let action = lane.next(at: now, concurrency: 3) {
      switch action {
      case .requestPermit: waitsForPermit = true
      case .releasePermit: break
      case .start(let assignment): start(assignment.invocation.id)
      case .refill(let limit):
        refill = (DueWork(), limit)
        readRefill()
      case .setTimer(let time): timer = time
      case .retire: return retire()
      }
    }
  }

  private mutating func start(_ id: InvocationID) {
    if stored[id]!.isFinished { problems.append("\(id) started after it was finished") }
    if stored[id]!.dueTime > now { problems.append("\(id) started before it was due") }
    if !running.insert(id).inserted { problems.append("\(id) started twice at once") }
    if running.count > 3 { problems.append("\(running.count) run at once") }
  }

  private mutating func retire() {
    if refill != nil || waitsForPermit || !running.isEmpty { problems.append("retired at work") }
    lane = LaneState(queueMax: 4, horizon: lane.horizon)
  }
}

extension LaneSimulation.Stored {
  fileprivate var number: Int64 { assignment.trigger.receivedAt.nanoseconds }
}
