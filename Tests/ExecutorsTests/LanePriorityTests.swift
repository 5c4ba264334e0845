import EventCore
import Testing

@testable import Executors

/// Priorities in a lane, one start after the other.
struct LanePriorityTests {
  private var lane = LaneState(queueMax: 4, horizon: UniqueID(high: 0, low: 0))

  @Test mutating func `higher ones start first, and equals in the order in which they came`() {
    for (number, priority) in [Int32(0), 5, -5, 5, 0].enumerated().prefix(4) {
      let weight = lane.offer(assignment(number + 1, priority: priority))
      #expect(weight > 0)
    }
    #expect((0..<4).map { _ in start() } == [2, 4, 1, 3])
  }

  @Test mutating func `one that finds the queue full of lower ones takes the place of the last`() {
    let weights = (1...4).map { lane.offer(assignment($0, priority: $0 == 2 ? -1 : 0)) }
    #expect(weights.allSatisfy { $0 > 0 })
    // What is dropped weighs as much as what comes.
    let weight = lane.offer(assignment(5, priority: 9))
    #expect(weight == 0)
    #expect((0..<4).map { _ in start() } == [5, 1, 3, 4])
    #expect(next() == .refill(.everything, limit: 4, without: ids(1, 3, 4, 5)))
  }

  @Test mutating func `a hint of a higher priority does not wait for the backlog of a lower one`() {
    fillFromStore(1...4)
    let (low, high) = (lane.offer(assignment(8)), lane.offer(assignment(9, priority: 1)))
    #expect(low == 0)
    #expect(high == 0, "the last of the queue went")
    #expect(start() == 9)
    #expect(start() == 1)
  }

  @Test mutating func `what is higher in the store is read before something lower starts`() {
    fillFromStore(1...4)
    #expect(start() == 1)
    lane.noteSeen(3)
    lane.wake()
    #expect(next() == .refill(.priority(above: 0), limit: 4, without: ids(1, 2, 3, 4)))
    answer([assignment(9, priority: 3)])
    #expect(start() == 9)
    // Nothing is above 0 any more, as far as is known.
    #expect(start() == 2)
  }

  @Test mutating func `a page full of high ones is read on before something lower starts`() {
    fillFromStore(1...4)
    lane.noteSeen(3)
    lane.wake()
    guard case .refill(.priority(above: 0), _, _)? = next() else {
      Issue.record("the store is not read")
      return
    }
    answer((11...14).map { assignment($0, priority: 3) })
    #expect((0..<4).map { _ in start() } == [11, 12, 13, 14])
    #expect(next() == .refill(.everything, limit: 4, without: ids(11, 12, 13, 14)))
  }

  @Test mutating func `with one priority the store is read when the queue is empty only`() {
    fillFromStore(1...4)
    lane.wake()
    #expect((0..<4).map { _ in start() } == [1, 2, 3, 4])
    #expect(next() == .refill(.everything, limit: 4, without: ids(1, 2, 3, 4)))
  }

  @Test mutating func `every sixteenth start is of what is due for longest, be it in the store`() {
    lane.noteSeen(-100)
    fillFromStore((11...14).map { assignment($0, priority: 100) })
    var started: [Int] = []
    while started.count < 50 {
      switch next() {
      case .start(let assignment)?: started.append(Int(assignment.trigger.triggerID.low))
      case .refill(.age, limit: 1, _)?:
        answer([assignment(1 + started.count / ExecutorLimits.ageTurn, priority: -100)])
      case .refill(_, _, let known)?:
        let next = 11 + started.count
        answer(
          (next...).lazy.map { assignment($0, priority: 100) }
            .filter { !known.contains($0.invocation.id) }.prefix(4))
      case let other:
        Issue.record("\(String(describing: other))")
        return
      }
    }
    #expect(started.indices.filter { started[$0] < 11 } == [15, 31, 47])
    #expect(started.filter { $0 < 11 } == [1, 2, 3])
  }

  // MARK: Short ways

  private let now = Timestamp(nanoseconds: 0)

  private func ids(_ numbers: Int...) -> Set<InvocationID> {
    Set(numbers.map { assignment($0).invocation.id })
  }

  /// With the permits that it asks for.
  private mutating func next() -> LaneState.Action? {
    let action = lane.next(at: now, concurrency: 99)
    guard action == .requestPermit else { return action }
    lane.permitGranted()
    return lane.next(at: now, concurrency: 99)
  }

  /// - Returns: the number of what starts; nil if nothing does.
  private mutating func start() -> Int? {
    guard case .start(let assignment)? = next() else { return nil }
    return Int(assignment.trigger.triggerID.low)
  }

  private mutating func answer(_ assignments: some Sequence<Assignment>) {
    _ = lane.refilled(DueWork(assignments: Array(assignments)), limit: 4, room: 1 << 20)
  }

  /// A page of them is queued, and the store has more.
  private mutating func fillFromStore(_ assignments: [Assignment]) {
    lane.wake()
    _ = next()
    answer(assignments)
  }

  private mutating func fillFromStore(_ numbers: ClosedRange<Int>) {
    fillFromStore(numbers.map { assignment($0) })
  }
}
