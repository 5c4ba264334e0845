import EventCore
import MemoryStore
import TestSupport
import Testing

@testable import Executors

struct LaneStateTests {
  /// Hints, wakes, refills that read at one moment and answer at a later one, attempts, retries,
  /// cancels, redrives, releases and timers in a random order: every invocation is finished, and
  /// none starts while it runs, or is held, or after it was finished. Give a failing seed as the
  /// only argument to replay it.
  @Test(arguments: (0..<50).map { _ in UInt64.random(in: 0...(.max)) })
  func `no order of events runs an invocation twice or loses one`(seed: UInt64) {
    var simulation = LaneSimulation(seed: seed)
    simulation.run()
    #expect(simulation.problems == [], "seed \(seed)")
    #expect(simulation.unfinished == 0, "seed \(seed)")
  }

  @Test func `a hint that finds the queue full is read from the store, after what is queued`() {
    var lane = lane()
    let work = (1...3).map { assignment($0) }
    #expect(work.map { lane.offer($0) > 0 } == [true, true, false])
    #expect(lane.next(at: now, concurrency: 9) == .requestPermit)
    lane.permitGranted()
    #expect(lane.next(at: now, concurrency: 9) == .start(work[0]))
    // There is room, but the third is older than a fourth.
    let weight = lane.offer(assignment(4))
    #expect(weight == 0)
  }

  @Test func `a lane without work asks for nothing and retires`() {
    var lane = lane()
    #expect(lane.next(at: now, concurrency: 1) == .retire)
    lane.wake()
    #expect(refill(&lane) == [])
    lane.refilled(DueWork())
    #expect(lane.next(at: now, concurrency: 1) == .releasePermit)
    #expect(lane.next(at: now, concurrency: 1) == .retire)
  }

  @Test func `a stopped lane gives back the permit it waited for`() {
    var lane = lane()
    _ = lane.offer(assignment(1))
    #expect(lane.next(at: now, concurrency: 1) == .requestPermit)
    let weight = lane.stop().weight
    #expect(weight == assignment(1).weight)
    #expect(lane.next(at: now, concurrency: 1) == nil)
    lane.permitGranted()
    #expect(lane.next(at: now, concurrency: 1) == .releasePermit)
    #expect(lane.next(at: now, concurrency: 1) == nil)
  }

  @Test func `what runs is left out of a refill, and looked for again if a wake came meanwhile`() {
    for (rest, mustRead) in [
      (LaneState.Rest.over, false), (.waits(until: nil), true), (.unknown, true),
    ] {
      var lane = lane()
      _ = start(assignment(1), in: &lane)
      lane.wake()
      #expect(refill(&lane, concurrency: 2) == [assignment(1).invocation.id])
      lane.refilled(DueWork())
      #expect(lane.next(at: now, concurrency: 2) == .releasePermit)
      lane.finished(assignment(1).invocation.id, rest)
      #expect(lane.next(at: now, concurrency: 2) == (mustRead ? .requestPermit : .retire))
    }
  }

  @Test func `a failure without a wake needs no look into the store`() {
    var lane = lane()
    _ = start(assignment(1), in: &lane)
    lane.finished(assignment(1).invocation.id, .waits(until: nil))
    #expect(lane.next(at: now, concurrency: 1) == .retire)
  }

  @Test func `what was ended does not start, from the queue or a hint or a refill`() {
    var lane = lane()
    _ = lane.offer(assignment(1))
    let weight = lane.ended(assignment(1).invocation.id)
    #expect(weight == assignment(1).weight)
    let before = lane.ended(assignment(2).invocation.id)
    let late = lane.offer(assignment(2))
    #expect(before == 0 && late == 0)
    #expect(refill(&lane) == [])
    _ = lane.ended(assignment(3).invocation.id)
    lane.refilled(DueWork(assignments: [assignment(3), assignment(4)]))
    #expect(lane.next(at: now, concurrency: 1) == .start(assignment(4)))
  }

  @Test func `an end that is told late, after a redrive, costs a read and not the invocation`() {
    var queued = lane()
    _ = queued.offer(assignment(1))
    _ = queued.ended(assignment(1).invocation.id)
    #expect(refill(&queued) == [])
    queued.refilled(DueWork(assignments: [assignment(1)]))
    #expect(queued.next(at: now, concurrency: 1) == .start(assignment(1)))

    var read = lane()
    read.wake()
    #expect(refill(&read) == [])
    _ = read.ended(assignment(2).invocation.id)
    read.refilled(DueWork(assignments: [assignment(2)]))
    guard case .refill = read.next(at: now, concurrency: 1) else {
      Issue.record("the store is not read again")
      return
    }
    read.refilled(DueWork(assignments: [assignment(2)]))
    #expect(read.next(at: now, concurrency: 1) == .start(assignment(2)))
  }

  @Test func `a timer makes the lane read, whatever the clock says by then`() {
    var lane = lane()
    lane.noteDue(now + .seconds(9))
    #expect(lane.next(at: now, concurrency: 1) == .setTimer(now + .seconds(9)))
    lane.timerFired()
    #expect(lane.next(at: now + .seconds(-3_600), concurrency: 1) == .requestPermit)
  }

  @Test func `what needs a place starts with one`() {
    var lane = lane()
    _ = lane.offer(assignment(1))
    #expect(lane.next(at: now, concurrency: 9, needsPlaces: true) == .requestPermit)
    lane.permitGranted()
    #expect(lane.next(at: now, concurrency: 9, needsPlaces: true) == .takePlace)
    lane.placeTaken(7)
    var expected = assignment(1)
    expected.place = 7
    #expect(lane.next(at: now, concurrency: 9, needsPlaces: true) == .start(expected))
  }

  @Test func `without a place nothing starts and no permit is held, until there may be one`() {
    for isAbsent in [false, true] {
      var lane = lane()
      _ = lane.offer(assignment(1))
      #expect(lane.next(at: now, concurrency: 9, needsPlaces: true) == .requestPermit)
      lane.permitGranted()
      #expect(lane.next(at: now, concurrency: 9, needsPlaces: true) == .takePlace)
      // What is queued would take the room of others for long, if nobody is there.
      let weight = lane.placeMissing(isAbsent: isAbsent)
      #expect(weight == (isAbsent ? assignment(1).weight : 0))
      #expect(lane.next(at: now, concurrency: 9, needsPlaces: true) == .releasePermit)
      lane.wake()
      #expect(lane.next(at: now, concurrency: 9, needsPlaces: true) == nil)
      lane.placeFreed()
      #expect(lane.next(at: now, concurrency: 9, needsPlaces: true) == .requestPermit)
      lane.permitGranted()
      let next = lane.next(at: now, concurrency: 9, needsPlaces: true)
      #expect(next == (isAbsent ? .refill(.everything, limit: 2, without: []) : .takePlace))
    }
  }

  private let now = Timestamp(nanoseconds: 0)

  private func lane() -> LaneState {
    LaneState(queueMax: 2, horizon: UniqueID(high: 0, low: 0))
  }

  /// - Returns: what is left out; nil if the lane does something else.
  private func refill(_ lane: inout LaneState, concurrency: Int = 1) -> Set<InvocationID>? {
    guard lane.next(at: now, concurrency: concurrency) == .requestPermit else { return nil }
    lane.permitGranted()
    guard case .refill(.everything, 2, let without) = lane.next(at: now, concurrency: concurrency)
    else {
      return nil
    }
    return lane.next(at: now, concurrency: concurrency) == nil ? without : nil
  }

  private func start(_ assignment: Assignment, in lane: inout LaneState) -> Bool {
    guard lane.offer(assignment) > 0, lane.next(at: now, concurrency: 2) == .requestPermit else {
      return false
    }
    lane.permitGranted()
    return lane.next(at: now, concurrency: 2) == .start(assignment)
  }
}

extension LaneState {
  fileprivate mutating func refilled(_ work: DueWork) {
    _ = refilled(work, limit: 2, room: 1 << 20)
  }
}

extension DueOrder {
  static let everything = DueOrder.priority(above: nil)
}

func assignment(_ number: Int, priority: Int32 = 0) -> Assignment {
  var trigger = Trigger()
  trigger.triggerID = UniqueID(high: 0, low: UInt64(number))
  trigger.receivedAt = Timestamp(nanoseconds: Int64(number))
  var invocation = Invocation()
  invocation.id = InvocationID(triggerID: trigger.triggerID, ordinal: 0)
  invocation.priority = priority
  return Assignment(trigger, invocation)
}
