/// How long a worker waits before it connects again. A value: chance is given to it.
struct ReconnectPause {
  static let first = Duration.milliseconds(100)
  static let factor = 1.6
  static let jitter = 0.2
  static let longest = Duration.seconds(10)

  private var current = ReconnectPause.first

  /// - Parameter chance: from -1 to 1; which part of the jitter to add.
  mutating func next(chance: Double) -> Duration {
    defer { current = min(current * Self.factor, Self.longest) }
    return current * (1 + Self.jitter * chance)
  }

  /// A gateway welcomed the worker: the next trouble is a new one.
  mutating func reset() { self = ReconnectPause() }
}
