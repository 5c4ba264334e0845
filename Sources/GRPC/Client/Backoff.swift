import NIOCore

/// How long to wait from the start of one attempt to connect to the next (gRPC's
/// doc/connection-backoff.md, with its multiplier and jitter). A value: chance is given to it.
struct Backoff {
  static let multiplier = 1.6
  static let jitter = 0.2

  private let initial: Double
  private let max: Double
  private var current: Double

  init(_ limits: ClientLimits) {
    initial = Double(limits.backoffInitial.nanoseconds)
    max = Double(limits.backoffMax.nanoseconds)
    current = initial
  }

  /// - Parameter chance: from -1 to 1; which part of the jitter to add.
  mutating func next(chance: Double) -> TimeAmount {
    defer { current = min(current * Self.multiplier, max) }
    return .nanoseconds(Int64(current * (1 + Self.jitter * chance)))
  }

  /// A connection was there: the next trouble is a new one.
  mutating func reset() { current = initial }
}
