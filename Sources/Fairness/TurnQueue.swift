import DequeModule

/// What waits, by who it belongs to: each of them gets a turn in turn, however much another has. Of one
/// owner what came first goes first.
package struct TurnQueue<Owner: Hashable, Element> {
  private var lines: [Owner: Deque<Element>] = [:]
  /// Those who have something, each once: who comes next is in front.
  private var turns: Deque<Owner> = []
  package private(set) var count = 0

  package init() {}

  package var isEmpty: Bool { count == 0 }

  package mutating func append(_ element: Element, of owner: Owner) {
    if lines[owner] == nil { turns.append(owner) }
    lines[owner, default: []].append(element)
    count += 1
  }

  /// What is next.
  ///
  /// - Parameter mayGo: asked of each owner; one who may not keeps its turn.
  package mutating func popFirst(
    where mayGo: (Owner) -> Bool = { _ in true }
  ) -> (owner: Owner, element: Element)? {
    guard let index = turns.firstIndex(where: mayGo) else { return nil }
    let owner = turns.remove(at: index)
    let element = lines[owner]!.removeFirst()
    count -= 1
    if lines[owner]!.isEmpty { lines[owner] = nil } else { turns.append(owner) }
    return (owner, element)
  }

  /// - Returns: what would come next.
  package var first: Element? { turns.first.flatMap { lines[$0]?.first } }

  /// Takes out the first one of an owner that is meant.
  package mutating func remove(of owner: Owner, where isMeant: (Element) -> Bool) -> Element? {
    guard let index = lines[owner]?.firstIndex(where: isMeant) else { return nil }
    count -= 1
    let element = lines[owner]!.remove(at: index)
    if lines[owner]!.isEmpty {
      lines[owner] = nil
      turns.removeAll { $0 == owner }
    }
    return element
  }
}

extension TurnQueue: Sendable where Owner: Sendable, Element: Sendable {}
