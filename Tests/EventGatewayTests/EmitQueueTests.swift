import TestSupport
import Testing

@testable import EventGateway

@Suite struct EmitQueueTests {
  @Test func `messages without a key all go at once`() {
    var queue = EmitQueue<Int>()
    for message in 0..<10 {
      #expect(queue.add(message, key: "", bytes: 1) == true)
    }
    #expect(queue.finish(key: "", bytes: 1) == nil)
    #expect(queue.count == 9)
  }

  @Test func `messages of one key go one after another, in order`() {
    var queue = EmitQueue<Int>()
    #expect(queue.add(0, key: "a", bytes: 1) == true)
    #expect(queue.add(1, key: "a", bytes: 1) == false)
    #expect(queue.add(2, key: "a", bytes: 1) == false)
    #expect(queue.finish(key: "a", bytes: 1) == 1)
    #expect(queue.add(3, key: "a", bytes: 1) == false)
    #expect(queue.finish(key: "a", bytes: 1) == 2)
    #expect(queue.finish(key: "a", bytes: 1) == 3)
    #expect(queue.finish(key: "a", bytes: 1) == nil)
  }

  @Test func `a key that waits holds up no other`() {
    var queue = EmitQueue<Int>()
    #expect(queue.add(0, key: "a", bytes: 1) == true)
    #expect(queue.add(1, key: "a", bytes: 1) == false)
    #expect(queue.add(2, key: "b", bytes: 1) == true)
    #expect(queue.finish(key: "b", bytes: 1) == nil)
  }

  @Test func `an idle key is forgotten, and starts anew`() {
    var queue = EmitQueue<Int>()
    for message in 0..<100 {
      #expect(queue.add(message, key: "key \(message)", bytes: 1) == true)
      #expect(queue.finish(key: "key \(message)", bytes: 1) == nil)
    }
    #expect(queue.keys == 0)
    #expect(queue.count == 0)
    #expect(queue.add(0, key: "key 0", bytes: 1) == true)
  }

  @Test func `it is full at its count, and has room after an answer`() {
    var queue = EmitQueue<Int>(countMax: 2, bytesMax: 100)
    #expect(!queue.isFull)
    _ = queue.add(0, key: "", bytes: 1)
    #expect(!queue.isFull)
    _ = queue.add(1, key: "", bytes: 1)
    #expect(queue.isFull)
    _ = queue.finish(key: "", bytes: 1)
    #expect(!queue.isFull)
  }

  @Test func `it is full at its bytes, those that wait included`() {
    var queue = EmitQueue<Int>(countMax: 100, bytesMax: 10)
    _ = queue.add(0, key: "a", bytes: 4)
    _ = queue.add(1, key: "a", bytes: 5)
    #expect(!queue.isFull)
    _ = queue.add(2, key: "a", bytes: 1)
    #expect(queue.isFull)
    #expect(queue.finish(key: "a", bytes: 4) == 1)
    #expect(queue.bytes == 6)
    #expect(!queue.isFull)
  }

  @Test(arguments: 0..<50)
  func `each key keeps its order, and every message has its turn`(_ seed: Int) {
    var random = SeededRandom(seed: UInt64(seed))
    var queue = EmitQueue<Sent>()
    var running: [Sent] = []
    var last: [String: Int] = [:]
    var done = 0
    func start(_ message: Sent) {
      #expect(message.key.isEmpty || !running.contains { $0.key == message.key })
      running.append(message)
    }
    func finishOne() {
      let message = running.remove(at: Int.random(in: running.indices, using: &random))
      if !message.key.isEmpty {
        #expect(last[message.key, default: -1] < message.number)
        last[message.key] = message.number
      }
      done += 1
      if let next = queue.finish(key: message.key, bytes: 1) { start(next) }
    }
    for number in 0..<300 {
      let key = ["", "a", "b", "c", "d"].randomElement(using: &random)!
      let message = Sent(number: number, key: key)
      if queue.add(message, key: key, bytes: 1) { start(message) }
      while !running.isEmpty, Bool.random(using: &random) { finishOne() }
    }
    while !running.isEmpty { finishOne() }
    #expect(done == 300)
    #expect(queue.count == 0 && queue.bytes == 0 && queue.keys == 0)
  }

  private struct Sent {
    let number: Int
    let key: String
  }
}
