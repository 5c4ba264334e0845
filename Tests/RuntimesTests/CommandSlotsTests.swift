import EventCore
import Testing

@testable import Runtimes

@Suite(.timeLimit(.minutes(1)))
struct CommandSlotsTests {
  private let one = Organization(unchecked: "one")
  private let other = Organization(unchecked: "other")

  @Test func `no more have a slot than there are`() async {
    let slots = CommandSlots(4)
    #expect(await slots.acquire(for: one))
    #expect(await slots.acquire(for: one))
    let third = Task { await slots.acquire(for: one) }
    slots.release(of: one)
    #expect(await third.value)
    let fourth = Task { await slots.acquire(for: one) }
    fourth.cancel()
    #expect(await !fourth.value)
  }

  @Test func `one organization leaves slots to another`() async {
    let slots = CommandSlots(4)
    #expect(await slots.acquire(for: one))
    #expect(await slots.acquire(for: one))
    let third = Task { await slots.acquire(for: one) }
    #expect(await slots.acquire(for: other))
    slots.release(of: other)
    slots.release(of: one)
    #expect(await third.value)
  }

  @Test func `a task that was cancelled before takes none`() async {
    let slots = CommandSlots(1)
    let cancelled = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return await slots.acquire(for: one)
    }
    #expect(await !cancelled.value)
    #expect(await slots.acquire(for: one))
  }

  @Test func `who gives up leaves the line to the others`() async {
    let slots = CommandSlots(1)
    #expect(await slots.acquire(for: one))
    let first = Task { await slots.acquire(for: one) }
    let second = Task { await slots.acquire(for: one) }
    first.cancel()
    #expect(await !first.value)
    slots.release(of: one)
    #expect(await second.value)
  }
}
