import Testing

@testable import SQLiteStore

@Suite struct BoundedQueueTests {
  @Test func `elements come out in their order, up to the number asked for`() {
    let queue = BoundedQueue<Int>(elementsMax: 9, bytesMax: 9)
    for number in 1...5 { #expect(queue.add(number, bytes: 1) == .queued) }
    #expect(queue.take(atMost: 2) == [1, 2])
    #expect(queue.take(atMost: 9) == [3, 4, 5])
  }

  @Test func `elements are taken up to the bytes asked for, at least one`() {
    let queue = BoundedQueue<Int>(elementsMax: 9, bytesMax: 99)
    for number in 1...4 { _ = queue.add(number, bytes: 10) }
    #expect(queue.take(atMost: 9, bytes: 20) == [1, 2])
    #expect(queue.take(atMost: 9, bytes: 19) == [3])
    #expect(queue.take(atMost: 9, bytes: 1) == [4])
  }

  @Test func `it takes as many elements as its limit and not one more`() {
    let queue = BoundedQueue<Int>(elementsMax: 2, bytesMax: 99)
    #expect(queue.add(1, bytes: 0) == .queued)
    #expect(queue.add(2, bytes: 0) == .queued)
    #expect(queue.add(3, bytes: 0) == .full)
    _ = queue.take(atMost: 1)
    #expect(queue.add(3, bytes: 0) == .queued)
  }

  @Test func `it takes as many bytes as its limit and not one more`() {
    let queue = BoundedQueue<Int>(elementsMax: 9, bytesMax: 10)
    #expect(queue.add(1, bytes: 4) == .queued)
    #expect(queue.add(2, bytes: 7) == .full)
    #expect(queue.add(2, bytes: 6) == .queued)
    _ = queue.take(atMost: 9)
    #expect(queue.add(3, bytes: 11) == .queued)
    #expect(queue.add(4, bytes: 0) == .full)
  }

  @Test func `a closed queue gives out what it has, then nothing`() {
    let queue = BoundedQueue<Int>(elementsMax: 9, bytesMax: 9)
    _ = queue.add(1, bytes: 1)
    queue.close()
    #expect(queue.add(2, bytes: 1) == .closed)
    #expect(queue.take(atMost: 9) == [1])
    #expect(queue.take(atMost: 9) == [])
  }
}
