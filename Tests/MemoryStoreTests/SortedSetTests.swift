import MemoryStore
import TestSupport
import Testing

@Suite struct SortedSetTests {
  @Test func `it is as a set that is sorted whenever it is asked`() {
    var random = SeededRandom.announced(for: "sorted set")
    var (sorted, plain) = (SortedSet<Int>(), Set<Int>())
    for step in 0..<6_000 {
      let element = Int.random(in: 0..<3_000, using: &random)
      // It grows over several runs, and shrinks to nothing again.
      if Int.random(in: 0..<6_000, using: &random) >= step {
        sorted.insert(element)
        plain.insert(element)
      } else {
        sorted.remove(element)
        plain.remove(element)
      }
      guard step % 200 == 0 else { continue }
      let bound = Int.random(in: -1...3_000, using: &random)
      let expected = plain.sorted()
      #expect(Array(sorted.ascending()) == expected)
      #expect(Array(sorted.descending()) == expected.reversed())
      #expect(Array(sorted.ascending(after: bound)) == expected.filter { $0 > bound })
      #expect(Array(sorted.descending(before: bound)) == expected.filter { $0 < bound }.reversed())
      #expect(sorted.first == expected.first && sorted.count == expected.count)
    }
    for element in plain { sorted.remove(element) }
    #expect(sorted.isEmpty)
    #expect(Array(sorted.ascending()).isEmpty && Array(sorted.descending()).isEmpty)
  }
}
