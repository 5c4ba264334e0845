import EventCore
import Messages
import Testing

struct TimeFieldTests {
  static let durationsRefused: [(seconds: Int64, nanoseconds: Int32)] = [
    (.min, 0), (.max, 0), (.min, .min), (.max, .max),
    (315_576_000_001, 0), (-315_576_000_001, 0),
    (0, 1_000_000_000), (0, -1_000_000_000), (0, .min),
    (1, -1), (-1, 1),
  ]

  @Test(arguments: durationsRefused)
  func `an ill-formed duration is refused by its path`(seconds: Int64, nanoseconds: Int32) throws {
    let delivery = [UInt8].field(1, bytes: wireTime(seconds, nanoseconds))
    let error = try #require(throws: GatewayError.self) {
      try CreateSubscriptionRequest(.field(1, bytes: .field(7, bytes: delivery)))
    }
    #expect(error.reason == .fieldInvalid)
    #expect(error.violations.map(\.field) == ["subscription.delivery.attempt_timeout"])
  }

  @Test func `a zero duration stands for the default`() throws {
    let delivery = [UInt8].field(1, bytes: wireTime(0, 0))
    let request = try CreateSubscriptionRequest(.field(1, bytes: .field(7, bytes: delivery)))
    #expect(request.subscription.delivery == DeliveryPolicy())
  }

  static let durationsTaken: [(seconds: Int64, nanoseconds: Int32)] = [
    (315_576_000_000, 999_999_999), (-315_576_000_000, -999_999_999), (0, -1), (-1, 0), (1, 1),
  ]

  @Test(arguments: durationsTaken)
  func `a duration to the ends of its range comes back`(seconds: Int64, nanoseconds: Int32) throws {
    let sent = [UInt8].field(1, bytes: wireTime(seconds, nanoseconds))
    let info = try RetryInfo(sent, from: .server)
    #expect(info.delay == .seconds(seconds) + .nanoseconds(Int64(nanoseconds)))
    #expect(info.packed() == sent)
  }

  static let timesRefused: [(seconds: Int64, nanoseconds: Int32)] = [
    (.min, 0), (.max, 0), (9_223_372_036, 854_775_808), (9_223_372_037, 0),
    (-9_223_372_037, 999_999_999), (0, -1), (0, 1_000_000_000), (0, .min), (0, .max),
  ]

  @Test(arguments: timesRefused)
  func `a time that can't be kept is refused by its path`(seconds: Int64, nanoseconds: Int32)
    throws
  {
    let event = [UInt8].field(12, bytes: wireTime(seconds, nanoseconds))
    let error = try #require(throws: GatewayError.self) {
      try CreateEventRequest(.field(1, bytes: event))
    }
    #expect(error.violations.map(\.field) == ["event.create_time"])
  }

  @Test(arguments: timesRefused)
  func `an attribute's time that can't be kept is no value, and its event's problem`(
    seconds: Int64, nanoseconds: Int32
  ) throws {
    let attribute = [UInt8].field(7, bytes: wireTime(seconds, nanoseconds))
    #expect(try CloudEventAttributeValue(attribute).value == nil)
    let fine = try CloudEventAttributeValue(.field(7, bytes: wireTime(1, 0)))
    #expect(fine.value == .timestamp(Timestamp(nanoseconds: 1_000_000_000)))
  }

  static let timesTaken: [(seconds: Int64, nanoseconds: Int32)] = [
    (9_223_372_036, 854_775_807), (-9_223_372_036, 0), (-1, 999_999_999), (0, 0), (0, 1),
  ]

  @Test(arguments: timesTaken)
  func `a time to the ends of its range comes back`(seconds: Int64, nanoseconds: Int32) throws {
    let sent = [UInt8].field(2, bytes: wireTime(seconds, nanoseconds))
    let response = try EmitEventResponse(sent, from: .server)
    #expect(response.receivedAt?.nanoseconds == seconds * 1_000_000_000 + Int64(nanoseconds))
    #expect(response.packed() == sent)
  }

  /// google.protobuf.Timestamp and Duration have the same fields.
  private func wireTime(_ seconds: Int64, _ nanoseconds: Int32) -> [UInt8] {
    let parts = [(1, Int64(seconds)), (2, Int64(nanoseconds))].filter { $0.1 != 0 }
    return parts.flatMap { [UInt8].field($0.0, varint: UInt64(bitPattern: $0.1)) }
  }
}
