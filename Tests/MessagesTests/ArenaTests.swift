import Testing

@testable import Messages

struct ArenaTests {
  @Test func `memory is aligned, apart, and inside the first buffer while that lasts`() {
    withArena(budget: .max) { arena, first in
      let sizes = [0, 1, 15, 16, 17, 40]
      let starts = sizes.map { arena.allocate($0)! }
      for (index, start) in starts.enumerated() {
        #expect(UInt(bitPattern: start) % 16 == 0)
        #expect(first.contains(start))
        if index > 0 { #expect(start >= starts[index - 1] + sizes[index - 1]) }
      }
    }
  }

  @Test func `more than the first buffer holds comes from chunks of its own`() {
    withArena(budget: .max) { arena, first in
      for size in [300, 16 << 10, 100_000, 1] {
        let memory = arena.allocate(size)!
        #expect(!first.contains(memory) || size == 1)
        memory.initializeMemory(as: UInt8.self, repeating: 0xA5, count: size)
      }
    }
  }

  @Test func `the budget is used up to the last byte and not past it`() {
    withArena(budget: 64) { arena, _ in
      #expect(arena.allocate(64) != nil)
      let isExhaustedAtLimit = arena.isExhausted
      #expect(!isExhaustedAtLimit)
      #expect(arena.allocate(1) == nil)
      let isExhaustedPastIt = arena.isExhausted
      #expect(isExhaustedPastIt)
    }
  }

  @Test func `what alignment costs counts against the budget`() {
    withArena(budget: 64) { arena, _ in
      for _ in 0..<4 { #expect(arena.allocate(1) != nil) }
      #expect(arena.allocate(1) == nil)
    }
  }

  @Test(arguments: [-1, Int.min, 65, Int.max])
  func `a size that is no size is refused`(size: Int) {
    withArena(budget: 64) { arena, _ in #expect(arena.allocate(size) == nil) }
  }

  private func withArena(
    budget: Int, _ body: (inout Arena, Range<UnsafeMutableRawPointer>) -> Void
  ) {
    withUnsafeTemporaryAllocation(byteCount: 256, alignment: 16) { first in
      var arena = Arena(budget: budget, first: first)
      body(&arena, first.baseAddress!..<(first.baseAddress! + first.count))
    }
  }
}
