import Fairness
import Testing

@Suite struct TurnQueueTests {
  private func all(_ queue: inout TurnQueue<String, Int>) -> [Int] {
    var all: [Int] = []
    while let next = queue.popFirst() { all.append(next.element) }
    return all
  }

  @Test func `each owner gets a turn in turn, its own in their order`() {
    var queue = TurnQueue<String, Int>()
    for number in 1...4 { queue.append(number, of: "a") }
    queue.append(11, of: "b")
    queue.append(12, of: "b")
    queue.append(21, of: "c")
    #expect(queue.count == 7 && queue.first == 1)
    #expect(all(&queue) == [1, 11, 21, 2, 12, 3, 4])
    #expect(queue.isEmpty && queue.first == nil)
  }

  @Test func `one who comes anew gets its turn after those who wait`() {
    var queue = TurnQueue<String, Int>()
    for number in 1...3 { queue.append(number, of: "a") }
    queue.append(11, of: "b")
    let first = queue.popFirst()
    #expect(first?.owner == "a" && first?.element == 1)
    queue.append(21, of: "c")
    #expect(all(&queue) == [11, 2, 21, 3])
  }

  @Test func `one who may not go keeps its turn`() {
    var queue = TurnQueue<String, Int>()
    for (owner, number) in [("a", 1), ("a", 2), ("b", 11), ("c", 21)] {
      queue.append(number, of: owner)
    }
    let skipped = queue.popFirst { $0 != "a" }
    #expect(skipped?.element == 11)
    let none = queue.popFirst { $0 == "x" }
    #expect(none == nil && queue.count == 3)
    #expect(all(&queue) == [1, 21, 2])
  }

  @Test func `what is taken out leaves the turns to the others`() {
    var queue = TurnQueue<String, Int>()
    for (owner, number) in [("a", 1), ("a", 2), ("b", 11)] { queue.append(number, of: owner) }
    let taken = [
      queue.remove(of: "b") { $0 == 11 }, queue.remove(of: "b") { _ in true },
      queue.remove(of: "a") { $0 == 2 },
    ]
    #expect(taken == [11, nil, 2])
    #expect(queue.count == 1)
    queue.append(12, of: "b")
    #expect(all(&queue) == [1, 12])
  }
}
