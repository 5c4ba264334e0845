#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

/// A point in time: nanoseconds since the Unix epoch, UTC. Covers the years 1678 to 2262.
package struct Timestamp: Hashable, Comparable, Codable, Sendable {
  package var nanoseconds: Int64

  package init(nanoseconds: Int64) {
    self.nanoseconds = nanoseconds
  }

  /// The wall clock. It may step; measure intervals with `ContinuousClock`.
  package static func now() -> Timestamp {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
  }

  package init(from decoder: any Decoder) throws {
    nanoseconds = try decoder.singleValueContainer().decode(Int64.self)
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(nanoseconds)
  }

  package static func < (left: Timestamp, right: Timestamp) -> Bool {
    left.nanoseconds < right.nanoseconds
  }

  /// Saturates at the ends of the range.
  package static func + (time: Timestamp, duration: Duration) -> Timestamp {
    let (sum, overflow) = time.nanoseconds.addingReportingOverflow(duration.wholeNanoseconds)
    return Timestamp(nanoseconds: overflow ? (duration < .zero ? .min : .max) : sum)
  }

  /// Saturates when the two are more than 292 years apart.
  package static func - (later: Timestamp, earlier: Timestamp) -> Duration {
    let (difference, overflow) = later.nanoseconds.subtractingReportingOverflow(earlier.nanoseconds)
    return .nanoseconds(overflow ? (later < earlier ? .min : .max) : difference)
  }
}

extension Timestamp: CustomStringConvertible {
  /// RFC 3339 in UTC with as many fraction digits (0, 3, 6 or 9) as the value needs.
  package var description: String {
    var seconds = nanoseconds / 1_000_000_000
    var fraction = nanoseconds % 1_000_000_000
    if fraction < 0 {
      fraction += 1_000_000_000
      seconds -= 1
    }
    var time = time_t(seconds)
    var parts = tm()
    gmtime_r(&time, &parts)
    let date = [Int(parts.tm_year) + 1900, Int(parts.tm_mon) + 1, Int(parts.tm_mday)]
    let clock = [parts.tm_hour, parts.tm_min, parts.tm_sec].map { padded(Int($0), to: 2) }
    let day = padded(date[0], to: 4) + "-" + padded(date[1], to: 2) + "-" + padded(date[2], to: 2)
    return day + "T" + clock.joined(separator: ":") + Self.fractionText(fraction) + "Z"
  }

  private static func fractionText(_ fraction: Int64) -> String {
    switch (fraction % 1_000_000 == 0, fraction % 1_000 == 0) {
    case _ where fraction == 0: ""
    case (true, _): "." + padded(Int(fraction / 1_000_000), to: 3)
    case (_, true): "." + padded(Int(fraction / 1_000), to: 6)
    default: "." + padded(Int(fraction), to: 9)
    }
  }
}

private func padded(_ number: Int, to width: Int) -> String {
  let digits = String(number)
  return String(repeating: "0", count: max(0, width - digits.count)) + digits
}

extension Duration {
  /// Whole nanoseconds, saturated to `Int64` (292 years).
  package var wholeNanoseconds: Int64 {
    let (seconds, attoseconds) = components
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, carried) = product.addingReportingOverflow(attoseconds / 1_000_000_000)
    return overflow || carried ? (seconds < 0 ? .min : .max) : sum
  }
}
