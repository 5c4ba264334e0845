import DequeModule

/// Those who have a lane's function run directly: who waits, in order, and whose turn has come. A value
/// that the `LaneState` asks.
struct CallerLine {
  typealias Ticket = UInt64

  private var waiting: Deque<Ticket> = []
  private var admitted: Set<Ticket> = []
  /// A caller and an invocation take turns while both wait.
  private var isNext = true

  var isWaiting: Bool { !waiting.isEmpty }
  var isEmpty: Bool { waiting.isEmpty && admitted.isEmpty }
  /// Those that run now.
  var runningCount: Int { admitted.count }

  /// - Returns: false if too many wait.
  mutating func add(_ ticket: Ticket) -> Bool {
    guard waiting.count < ExecutorLimits.laneCallersMax else { return false }
    waiting.append(ticket)
    return true
  }

  /// - Returns: whether it still waited.
  mutating func withdraw(_ ticket: Ticket) -> Bool {
    guard let index = waiting.firstIndex(of: ticket) else { return false }
    waiting.remove(at: index)
    return true
  }

  mutating func finished(_ ticket: Ticket) {
    admitted.remove(ticket)
  }

  /// Whether a caller comes next.
  ///
  /// - Parameter others: whether invocations wait as well.
  func isTurn(others: Bool) -> Bool { isWaiting && (isNext || !others) }

  /// The one that has waited longest; there must be one.
  mutating func admit() -> Ticket {
    isNext = false
    let ticket = waiting.removeFirst()
    admitted.insert(ticket)
    return ticket
  }

  /// An invocation starts: a caller comes next.
  mutating func passTurn() { isNext = true }

  /// - Returns: those that waited.
  mutating func removeWaiting() -> [Ticket] {
    defer { waiting = [] }
    return Array(waiting)
  }
}
