import EventCore
import Testing

@testable import Executors

@Suite(.timeLimit(.minutes(1)))
struct SignalTests {
  @Test func `a signal that was raised before wakes at once, and only once`() async {
    let signal = Signal()
    signal.raise()
    signal.raise()
    await signal.wait()
    let clock = ManualClock()
    let waiter = Task { await signal.wait(atMost: .seconds(1), by: clock) }
    await clock.someoneSleeps(for: .seconds(1)...(.seconds(1)))
    clock.advance(by: .seconds(1))
    await waiter.value
  }

  @Test func `a waiting task is woken by the signal, and by its cancellation`() async {
    let signal = Signal()
    let clock = ManualClock()
    for isCancelled in [false, true] {
      let waiter = Task { await signal.wait(atMost: .seconds(1), by: clock) }
      await clock.someoneSleeps(for: .seconds(1)...(.seconds(1)))
      if isCancelled { waiter.cancel() } else { signal.raise() }
      await waiter.value
      await clock.nobodySleeps()
    }
  }
}
