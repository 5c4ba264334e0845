import Testing

@testable import Runtimes

@Suite(.timeLimit(.minutes(1)))
struct CommandSlotsTests {
  @Test func `no more have a slot than there are`() async {
    let slots = CommandSlots(2)
    #expect(await slots.acquire())
    #expect(await slots.acquire())
    let third = Task { await slots.acquire() }
    slots.release()
    #expect(await third.value)
    let fourth = Task { await slots.acquire() }
    fourth.cancel()
    #expect(await !fourth.value)
  }

  @Test func `a task that was cancelled before takes none`() async {
    let slots = CommandSlots(1)
    let cancelled = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return await slots.acquire()
    }
    #expect(await !cancelled.value)
    #expect(await slots.acquire())
  }

  @Test func `who gives up leaves the line to the others`() async {
    let slots = CommandSlots(1)
    #expect(await slots.acquire())
    let first = Task { await slots.acquire() }
    let second = Task { await slots.acquire() }
    first.cancel()
    #expect(await !first.value)
    slots.release()
    #expect(await second.value)
  }
}
