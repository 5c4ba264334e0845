import Testing

@testable import event_gateway

@Suite struct SpanTests {
  static let spans: [(String, Duration)] = [
    ("30", .seconds(30)), ("2.5", .milliseconds(2_500)), ("250ms", .milliseconds(250)),
    ("1.5s", .milliseconds(1_500)), ("10m", .seconds(600)), ("12h", .seconds(43_200)),
    ("7d", .seconds(604_800)), ("3650d", .seconds(315_360_000)), ("0", .zero),
  ]

  @Test(arguments: spans)
  func `a time has a unit, or is in seconds`(text: String, duration: Duration) {
    #expect(Span(argument: text)?.duration == duration)
  }

  @Test(arguments: [
    "", "s", "-1", "1x", "1 s", "1.2.3", "1e3", "inf", "nan", "0x10", "99999999999", "1dd", "١",
  ])
  func `what is no time is refused`(text: String) {
    #expect(Span(argument: text) == nil)
  }
}
