import EventCore
import Testing

@testable import SQLiteStore

@Suite struct BoundedQueueTests {
  private let one = Organization(unchecked: "one")
  private let other = Organization(unchecked: "other")

  private func queue(elements: Int = 99, bytes: Int = 999) -> BoundedQueue<Int> {
    BoundedQueue(elementsMax: elements, bytesMax: bytes)
  }

  private func take(_ queue: BoundedQueue<Int>, rows: Int = 99, bytes: Int = 999) -> [Int] {
    queue.take(upTo: QueueCost(rows: rows, bytes: bytes))
  }

  private func bytes(_ count: Int) -> QueueCost { QueueCost(bytes: count) }

  @Test func `elements come out in their order, up to the rows asked for, at least one`() {
    let queue = queue()
    for number in 1...5 { #expect(queue.add(number, of: one, bytes(1)) == .queued) }
    #expect(queue.add(6, of: one, QueueCost(rows: 9, bytes: 1)) == .queued)
    #expect(take(queue, rows: 2) == [1, 2])
    #expect(take(queue, rows: 11) == [3, 4, 5])
    #expect(take(queue, rows: 1) == [6])
  }

  @Test func `elements are taken up to the bytes asked for, at least one`() {
    let queue = queue()
    for number in 1...4 { _ = queue.add(number, of: one, bytes(10)) }
    #expect(take(queue, bytes: 20) == [1, 2])
    #expect(take(queue, bytes: 19) == [3])
    #expect(take(queue, bytes: 1) == [4])
  }

  @Test func `organizations take turns, and what is the gateway's own does`() {
    let queue = queue()
    for number in 1...5 { _ = queue.add(number, of: one, bytes(0)) }
    _ = queue.add(11, of: other, bytes(0))
    _ = queue.add(21, of: nil, bytes(0))
    _ = queue.add(12, of: other, bytes(0))
    #expect(take(queue, rows: 4) == [1, 11, 21, 2])
    #expect(take(queue) == [12, 3, 4, 5])
  }

  @Test func `it takes half as many elements of one as its limit, and not one more`() {
    let queue = queue(elements: 4)
    #expect(queue.add(1, of: one, bytes(0)) == .queued)
    #expect(queue.add(2, of: one, bytes(0)) == .queued)
    #expect(queue.add(3, of: one, bytes(0)) == .full)
    #expect(queue.add(11, of: other, bytes(0)) == .queued)
    #expect(queue.add(12, of: other, bytes(0)) == .full)
    #expect(take(queue, rows: 1) == [1])
    #expect(queue.add(3, of: one, bytes(0)) == .queued)
  }

  @Test func `it takes half as many bytes of one as its limit, and not one more`() {
    let queue = queue(bytes: 20)
    #expect(queue.add(1, of: one, bytes(4)) == .queued)
    #expect(queue.add(2, of: one, bytes(7)) == .full)
    #expect(queue.add(2, of: one, bytes(6)) == .queued)
    #expect(queue.add(11, of: other, bytes(6)) == .full)
    #expect(queue.add(11, of: other, bytes(5)) == .queued)
    #expect(take(queue).count == 3)
    #expect(queue.add(3, of: one, bytes(21)) == .queued)
    #expect(queue.add(4, of: one, bytes(0)) == .full)
  }

  @Test func `a closed queue gives out what it has, then nothing`() {
    let queue = queue()
    _ = queue.add(1, of: one, bytes(1))
    queue.close()
    #expect(queue.add(2, of: one, bytes(1)) == .closed)
    #expect(take(queue) == [1])
    #expect(take(queue) == [])
  }
}
