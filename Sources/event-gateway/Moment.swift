import ArgumentParser
import EventCore

/// A point in time on the command line: RFC 3339 such as `2030-01-31T08:00:00Z`, or a `Span` from
/// now (`+10m`) or ago (`-1h`).
struct Moment: ExpressibleByArgument, Sendable {
  var time: Timestamp

  init?(argument: String) {
    let sign = argument.first
    if sign == "+" || sign == "-" {
      guard let span = Span(argument: String(argument.dropFirst())) else { return nil }
      time = .now() + (sign == "+" ? span.duration : .zero - span.duration)
    } else {
      guard let time = Timestamp(rfc3339: argument) else { return nil }
      self.time = time
    }
  }
}
