import EventCore
import Testing

@testable import Executors

struct LaneStateTests {
  /// Hints, refills that read at one moment and answer at a later one, attempts, retries and timers
  /// in a random order: every invocation is finished, and none starts while it runs or after it was
  /// finished. Give a failing seed as the only argument to replay it.
  @Test(arguments: (0..<100).map { _ in UInt64.random(in: 0...(.max)) })
  func `no order of events runs an invocation twice or loses one`(seed: UInt64) {
    var simulation = LaneSimulation(seed: seed)
    simulation.run()
    #expect(simulation.problems == [], "seed \(seed)")
    #expect(simulation.unfinished == 0, "seed \(seed)")
  }

  @Test func `a hint that finds the queue full is read from the store, after what is queued`() {
    var lane = LaneState(queueMax: 2, horizon: Timestamp(nanoseconds: .min))
    let work = (1...3).map { assignment(Int64($0)) }
    #expect(work.map { lane.offer($0) } == [true, true, false])
    #expect(lane.next(at: now, concurrency: 9) == .requestPermit)
    lane.permitGranted()
    #expect(lane.next(at: now, concurrency: 9) == .start(work[0]))
    // There is room, but the third is older than a fourth.
    let isQueued = lane.offer(assignment(4))
    #expect(!isQueued)
  }

  @Test func `a lane without work asks for nothing and retires`() {
    var lane = LaneState(queueMax: 2, horizon: Timestamp(nanoseconds: .min))
    #expect(lane.next(at: now, concurrency: 1) == .retire)
    lane.noteStoreHasMore()
    #expect(lane.next(at: now, concurrency: 1) == .requestPermit)
    lane.permitGranted()
    #expect(lane.next(at: now, concurrency: 1) == .refill(limit: 2))
    #expect(lane.next(at: now, concurrency: 1) == nil)
    _ = lane.refilled(DueWork(), limit: 2, room: 100)
    #expect(lane.next(at: now, concurrency: 1) == .releasePermit)
    #expect(lane.next(at: now, concurrency: 1) == .retire)
  }

  @Test func `a stopped lane gives back the permit it waited for`() {
    var lane = LaneState(queueMax: 2, horizon: Timestamp(nanoseconds: .min))
    _ = lane.offer(assignment(1))
    #expect(lane.next(at: now, concurrency: 1) == .requestPermit)
    let weight = lane.stop()
    #expect(weight == assignment(1).weight)
    #expect(lane.next(at: now, concurrency: 1) == nil)
    lane.permitGranted()
    #expect(lane.next(at: now, concurrency: 1) == .releasePermit)
    #expect(lane.next(at: now, concurrency: 1) == nil)
  }

  private let now = Timestamp(nanoseconds: 0)
}

func assignment(_ number: Int64) -> Assignment {
  var trigger = Trigger()
  trigger.receivedAt = Timestamp(nanoseconds: number)
  trigger.triggerID = UniqueID(high: 0, low: UInt64(number))
  var invocation = Invocation()
  invocation.id = InvocationID(triggerID: trigger.triggerID, ordinal: 0)
  return Assignment(trigger, invocation)
}
