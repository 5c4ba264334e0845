import EventCore
import Synchronization
import TestSupport
import Testing

@testable import Executors

@Suite(.timeLimit(.minutes(1)))
struct AttemptTimeoutsTests {
  private let clock = ManualClock()
  private let stopped = Observed<[String]>([])
  private let timeouts: AttemptTimeouts

  init() {
    timeouts = AttemptTimeouts(clock: clock)
  }

  private func start(_ name: String, _ seconds: Int) -> AttemptTimeouts.Ticket {
    timeouts.start(.seconds(seconds)) { [stopped] in stopped.update { $0.append(name) } }
  }

  @Test func `each is stopped at its own time, the earliest first`() async {
    _ = start("late", 30)
    _ = start("early", 10)
    await clock.someoneSleeps(for: .seconds(10)...(.seconds(10)))
    clock.advance(by: .seconds(10))
    await stopped.until { $0 == ["early"] }
    await clock.someoneSleeps(for: .seconds(20)...(.seconds(20)))
    clock.advance(by: .seconds(20))
    await stopped.until { $0 == ["early", "late"] }
  }

  @Test func `one that has ended is not stopped`() async {
    let first = start("first", 10)
    _ = start("second", 10)
    #expect(timeouts.end(first))
    await clock.someoneSleeps(for: .seconds(10)...(.seconds(10)))
    clock.advance(by: .seconds(10))
    await stopped.until { $0 == ["second"] }
  }

  @Test func `one that was stopped has not ended in time`() async {
    let ticket = start("slow", 1)
    await clock.someoneSleeps(for: .seconds(1)...(.seconds(1)))
    clock.advance(by: .seconds(1))
    await stopped.until { $0 == ["slow"] }
    #expect(!timeouts.end(ticket))
  }

  @Test func `a thousand that have ended leave nothing that grows`() async {
    let long = start("long", 100)
    for _ in 0..<1_000 { #expect(timeouts.end(start("short", 50))) }
    #expect(timeouts.heapCount <= 2 + 64)
    #expect(timeouts.end(long))
  }

  @Test func `what is done for a stopped one is cancelled with the rest`() async {
    let ticket = start("slow", 1)
    let began = Observed(false)
    let timeouts = timeouts
    let late = Task {
      await timeouts.afterStop(of: ticket) {
        began.open()
        while !Task.isCancelled { await Task.yield() }
        return 7
      }
    }
    await began.opened()
    timeouts.cancelLate()
    #expect(await late.value == 7)
  }
}
