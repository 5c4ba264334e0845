import NIOCore

/// How long to wait from the start of one attempt to connect to the next (gRPC's
/// doc/connection-backoff.md, with its numbers). A value: chance is given to it.
struct Backoff {
  static let initial = TimeAmount.seconds(1)
  static let multiplier = 1.6
  static let jitter = 0.2
  static let max = TimeAmount.seconds(120)

  private var current = Double(Backoff.initial.nanoseconds)

  /// - Parameter chance: from -1 to 1; which part of the jitter to add.
  mutating func next(chance: Double) -> TimeAmount {
    defer { current = min(current * Self.multiplier, Double(Self.max.nanoseconds)) }
    return .nanoseconds(Int64(current * (1 + Self.jitter * chance)))
  }

  /// A connection was there: the next trouble is a new one.
  mutating func reset() { self = Backoff() }
}
