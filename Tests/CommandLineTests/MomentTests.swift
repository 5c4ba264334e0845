import EventCore
import Testing

@testable import event_gateway

@Suite struct MomentTests {
  static let moments: [(String, String)] = [
    ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"),
    ("2030-01-31T08:00:00Z", "2030-01-31T08:00:00Z"),
    ("2030-01-31t08:00:00z", "2030-01-31T08:00:00Z"),
    ("2030-01-31 08:00:00+02:30", "2030-01-31T05:30:00Z"),
    ("2029-12-31T23:30:00-01:00", "2030-01-01T00:30:00Z"),
    ("2024-02-29T12:00:00.25Z", "2024-02-29T12:00:00.250Z"),
    ("2000-02-29T00:00:00.123456789987Z", "2000-02-29T00:00:00.123456789Z"),
    ("1969-12-31T23:59:59.5Z", "1969-12-31T23:59:59.500Z"),
    ("1700-03-01T00:00:00Z", "1700-03-01T00:00:00Z"),
  ]

  @Test(arguments: moments)
  func `RFC 3339 is read`(text: String, time: String) {
    #expect(Moment(argument: text)?.time.description == time)
  }

  @Test(arguments: [
    "", "now", "2030-01-31", "2030-01-31T08:00Z", "2030-01-31T08:00:00", "2030-13-01T00:00:00Z",
    "2030-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2030-04-31T00:00:00Z",
    "2030-00-01T00:00:00Z", "2030-01-00T00:00:00Z", "2030-01-31T24:00:00Z",
    "2030-01-31T08:60:00Z", "2030-01-31T08:00:60Z", "2030-01-31T08:00:00.Z",
    "2030-01-31T08:00:00+24:00", "2030-01-31T08:00:00Zx", "9999-01-01T00:00:00Z",
    "0001-01-01T00:00:00Z", "+", "-", "+x", "*1m",
  ])
  func `what is no time is refused`(text: String) {
    #expect(Moment(argument: text) == nil)
  }

  @Test func `a sign counts from now`() throws {
    let before = Timestamp.now()
    let later = try #require(Moment(argument: "+10m")?.time)
    let earlier = try #require(Moment(argument: "-1h")?.time)
    let after = Timestamp.now()
    #expect((before + .seconds(600)...after + .seconds(600)).contains(later))
    #expect((before + .seconds(-3_600)...after + .seconds(-3_600)).contains(earlier))
  }

  @Test func `what is written is read, over many seeds of time`() {
    var nanoseconds = Int64.min / 2
    while nanoseconds < Int64.max / 2 {
      let time = Timestamp(nanoseconds: nanoseconds)
      #expect(Timestamp(rfc3339: time.description) == time)
      nanoseconds += 7_654_321_987_654_321
    }
  }
}
