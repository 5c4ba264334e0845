/// Elements in their order, each once. Kept in runs of bounded length, so that a change moves few
/// of them however many there are.
package struct SortedSet<Element: Comparable & Sendable>: Sendable {
  private var runs: [[Element]] = []

  package init() {}

  package var isEmpty: Bool { runs.isEmpty }
  package var count: Int { runs.reduce(0) { $0 + $1.count } }
  package var first: Element? { runs.first?.first }

  /// Nothing happens if it is there already.
  package mutating func insert(_ element: Element) {
    guard let last = runs.last?.last else {
      runs = [[element]]
      return
    }
    // Most come in their order.
    if last < element {
      runs[runs.count - 1].append(element)
      return split(runs.count - 1)
    }
    let run = self.run(for: element)
    let index = Self.index(of: element, in: runs[run])
    guard runs[run][index] != element else { return }
    runs[run].insert(element, at: index)
    split(run)
  }

  package mutating func remove(_ element: Element) {
    let run = self.run(for: element)
    guard run < runs.count else { return }
    let index = Self.index(of: element, in: runs[run])
    guard runs[run][index] == element else { return }
    runs[run].remove(at: index)
    if runs[run].isEmpty { runs.remove(at: run) }
  }

  /// From the smallest; only those that are greater than `after`.
  package func ascending(after: Element? = nil) -> Walk {
    guard let after else { return Walk(runs: runs, run: 0, index: 0, step: 1) }
    let run = self.run(for: after)
    guard run < runs.count else { return Walk(runs: runs, run: run, index: 0, step: 1) }
    let index = Self.index(of: after, in: runs[run])
    return Walk(
      runs: runs, run: run, index: runs[run][index] == after ? index + 1 : index, step: 1)
  }

  /// From the greatest; only those that are smaller than `before`.
  package func descending(before: Element? = nil) -> Walk {
    let run = before.map(self.run) ?? runs.count
    guard let before, run < runs.count else {
      return Walk(runs: runs, run: runs.count - 1, index: (runs.last?.count ?? 0) - 1, step: -1)
    }
    return Walk(runs: runs, run: run, index: Self.index(of: before, in: runs[run]) - 1, step: -1)
  }

  /// The first run that ends with the element or a greater one; `runs.count` if there is none.
  private func run(for element: Element) -> Int {
    Self.firstIndex(in: 0..<runs.count) { runs[$0][runs[$0].count - 1] >= element }
  }

  private static func index(of element: Element, in run: [Element]) -> Int {
    firstIndex(in: 0..<run.count) { run[$0] >= element }
  }

  private static func firstIndex(in range: Range<Int>, where isMet: (Int) -> Bool) -> Int {
    var (low, high) = (range.lowerBound, range.upperBound)
    while low < high {
      let middle = (low + high) / 2
      if isMet(middle) { high = middle } else { low = middle + 1 }
    }
    return low
  }

  private mutating func split(_ run: Int) {
    let half = ModelLimits.runLengthMax / 2
    guard runs[run].count > ModelLimits.runLengthMax else { return }
    runs.insert(Array(runs[run][half...]), at: run + 1)
    runs[run].removeSubrange(half...)
  }

  package struct Walk: Sequence, IteratorProtocol {
    fileprivate let runs: [[Element]]
    fileprivate var run: Int
    fileprivate var index: Int
    fileprivate let step: Int

    package mutating func next() -> Element? {
      guard runs.indices.contains(run) else { return nil }
      if !runs[run].indices.contains(index) {
        run += step
        guard runs.indices.contains(run) else { return nil }
        index = step > 0 ? 0 : runs[run].count - 1
      }
      defer { index += step }
      return runs[run][index]
    }
  }
}
