import ArgumentParser

/// A length of time on the command line: seconds, or a number with a unit, such as `250ms`, `1.5s`,
/// `10m`, `12h` or `7d`.
struct Span: ExpressibleByArgument, Sendable {
  var duration: Duration

  init?(argument: String) {
    let digits = argument.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    guard let number = Double(digits),
      let unit = Self.unitSeconds[String(argument[digits.endIndex...])],
      // `Duration` traps on what it can't hold; the gateway says what it takes.
      case let seconds = number * unit, seconds.isFinite, seconds < Self.secondsMax
    else { return nil }
    // Whole seconds stay exact.
    duration = seconds == seconds.rounded() ? .seconds(Int64(seconds)) : .seconds(seconds)
  }

  init(_ duration: Duration) {
    self.duration = duration
  }

  private static let unitSeconds = [
    "": 1, "ms": 0.001, "s": 1, "m": 60, "h": 3_600, "d": 86_400,
  ]
  private static let secondsMax = 1e10

  var defaultValueDescription: String { "\(duration.components.seconds)s" }
}
