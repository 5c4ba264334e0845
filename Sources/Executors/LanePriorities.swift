import EventCore

/// What a lane knows of the priorities of its work: how high they may be in the store, and whose turn
/// it is.
///
/// Higher ones go first, but every `ExecutorLimits.ageTurn`th start is of what is due for longest: so
/// none waits for ever. A lane all of whose work has the same priority never looks for either.
struct LanePriorities {
  /// The highest that work in the store may have that is neither queued nor running; nil if there is
  /// none.
  private(set) var unread: Int32?
  /// All that were heard of.
  private var seen: ClosedRange<Int32>?
  private var startsSinceAge = 0
  private var hasReadByAge = false

  mutating func see(_ priority: Int32) {
    seen = min(seen?.lowerBound ?? priority, priority)...max(seen?.upperBound ?? priority, priority)
  }

  /// The store has work of this priority that was not taken.
  mutating func leave(_ priority: Int32) {
    unread = max(unread ?? priority, priority)
  }

  /// The store may have work, nobody knows of which priority. One that was never heard of, because it
  /// was accepted before the lane began and then held, is found once the queue is empty.
  mutating func leaveUnknown() {
    leave(seen?.upperBound ?? 0)
  }

  /// Whether nothing in the store is to be started before work of this priority that is new.
  func goesFirst(_ priority: Int32) -> Bool {
    unread.map { priority > $0 } ?? true
  }

  // MARK: Reading

  /// How the store is to be read before `next` is started; nil if it need not be.
  ///
  /// - Parameter next: the priority of what is in memory to be started; nil if nothing is.
  mutating func read(before next: Int32?) -> DueOrder? {
    guard let unread else { return nil }
    if isAgeTurn, !hasReadByAge {
      hasReadByAge = true
      return .age
    }
    guard let next else { return .priority(above: nil) }
    return unread > next && !isAgeTurn ? .priority(above: next) : nil
  }

  /// - Returns: what `didRead` is to be told.
  mutating func beginRead() -> Int32? {
    defer { unread = nil }
    return unread
  }

  /// - Parameters:
  ///   - before: what `beginRead` returned.
  ///   - rest: the priority of the last one that was read, if there may be more.
  mutating func didRead(_ order: DueOrder, _ before: Int32?, rest: Int32?) {
    switch order {
    case .priority(let above):
      if let above { leave(above) }
      if let rest { leave(rest) }
    case .age:
      if let before { leave(before) }
    }
  }

  // MARK: Starting

  /// What starts next is what is due for longest.
  var isAgeTurn: Bool { startsSinceAge >= ExecutorLimits.ageTurn - 1 }

  mutating func didStart() {
    let hasSeveral = seen.map { $0.lowerBound < $0.upperBound } ?? false
    startsSinceAge = isAgeTurn || !hasSeveral ? 0 : startsSinceAge + 1
    hasReadByAge = false
  }
}
