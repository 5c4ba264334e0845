import EventCore
import Testing

@Suite struct TimestampTests {
  @Test(arguments: [
    (0, "1970-01-01T00:00:00Z"),
    (1, "1970-01-01T00:00:00.000000001Z"),
    (-1, "1969-12-31T23:59:59.999999999Z"),
    (1_800_000_000_000_000_000, "2027-01-15T08:00:00Z"),
    (1_800_000_000_500_000_000, "2027-01-15T08:00:00.500Z"),
    (1_800_000_000_000_020_000, "2027-01-15T08:00:00.000020Z"),
    (951_782_400_000_000_000, "2000-02-29T00:00:00Z"),
    (Int64.max, "2262-04-11T23:47:16.854775807Z"),
    (Int64.min, "1677-09-21T00:12:43.145224192Z"),
  ])
  func `its text is RFC 3339`(_ nanoseconds: Int64, _ text: String) {
    #expect(Timestamp(nanoseconds: nanoseconds).description == text)
  }

  @Test func `sums and differences saturate`() {
    let latest = Timestamp(nanoseconds: .max)
    let earliest = Timestamp(nanoseconds: .min)
    #expect(latest + .nanoseconds(1) == latest)
    #expect(earliest + .nanoseconds(-1) == earliest)
    #expect(latest + .seconds(Int64.max) == latest)
    #expect(latest - earliest == .nanoseconds(Int64.max))
    #expect(earliest - latest == .nanoseconds(Int64.min))
    #expect(Timestamp(nanoseconds: 5) - Timestamp(nanoseconds: 7) == .nanoseconds(-2))
  }

  @Test func `a duration's whole nanoseconds saturate`() {
    #expect(Duration.milliseconds(1_500).wholeNanoseconds == 1_500_000_000)
    #expect(Duration.milliseconds(-1_500).wholeNanoseconds == -1_500_000_000)
    #expect(Duration.seconds(Int64.max).wholeNanoseconds == .max)
    #expect(Duration.seconds(Int64.min).wholeNanoseconds == .min)
    #expect(Duration.nanoseconds(Int64.max).wholeNanoseconds == .max)
  }

  @Test func `the clock goes on`() {
    let first = Timestamp.now()
    #expect(first.nanoseconds > 1_700_000_000_000_000_000)
    #expect(first <= Timestamp.now() + .seconds(60))
  }
}
