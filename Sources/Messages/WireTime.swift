internal import CEventProtos
internal import EventCore

/// google.protobuf.Timestamp as it is on the wire.
struct WireTime: WireMessage {
  var seconds: Int64 = 0
  var nanoseconds: Int32 = 0

  init() {}

  init(_ time: Timestamp) {
    let (seconds, rest) = time.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    self.seconds = rest < 0 ? seconds - 1 : seconds
    nanoseconds = Int32(rest < 0 ? rest + 1_000_000_000 : rest)
  }

  /// Nil when it is ill-formed, or outside of what `Timestamp` covers.
  var timestamp: Timestamp? {
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, carried) = product.addingReportingOverflow(Int64(nanoseconds))
    guard (0..<1_000_000_000).contains(nanoseconds), !overflow, !carried else { return nil }
    return Timestamp(nanoseconds: sum)
  }

  /// - Parameter memory: an unpacked Google__Protobuf__Timestamp.
  init(reading memory: UnsafeRawPointer) {
    let message = memory.load(as: Google__Protobuf__Timestamp.self)
    (seconds, nanoseconds) = (message.seconds, message.nanos)
  }

  /// As in proto3 JSON.
  var text: String { timestamp?.description ?? "\(seconds) s since 1970" }

  static let coding = MessageCoding<WireTime>(google__protobuf__timestamp__init) {
    $2.number(&$0.seconds, &$1.seconds)
    $2.number(&$0.nanoseconds, &$1.nanos)
  }
}

/// google.protobuf.Duration as it is on the wire.
struct WireDuration: WireMessage {
  var seconds: Int64 = 0
  var nanoseconds: Int32 = 0

  init() {}

  init(_ duration: Duration) {
    seconds = duration.components.seconds
    nanoseconds = Int32(duration.components.attoseconds / 1_000_000_000)
  }

  /// Nil when it is ill-formed: google.protobuf.Duration spans 10,000 years, and both parts have the
  /// same sign.
  var duration: Duration? {
    guard seconds.magnitude <= 315_576_000_000, nanoseconds.magnitude < 1_000_000_000,
      seconds == 0 || nanoseconds == 0 || (seconds < 0) == (nanoseconds < 0)
    else { return nil }
    return .seconds(seconds) + .nanoseconds(Int64(nanoseconds))
  }

  /// - Parameter memory: an unpacked Google__Protobuf__Duration.
  init(reading memory: UnsafeRawPointer) {
    let message = memory.load(as: Google__Protobuf__Duration.self)
    (seconds, nanoseconds) = (message.seconds, message.nanos)
  }

  /// As in proto3 JSON: seconds with as many fraction digits as needed.
  var text: String {
    let digits = String(nanoseconds.magnitude)
    var fraction = Substring(String(repeating: "0", count: 9 - digits.count) + digits)
    while fraction.last == "0" { fraction.removeLast() }
    let sign = seconds < 0 || nanoseconds < 0 ? "-" : ""
    return "\(sign)\(seconds.magnitude)\(fraction.isEmpty ? "" : ".")\(fraction)s"
  }

  static let coding = MessageCoding<WireDuration>(google__protobuf__duration__init) {
    $2.number(&$0.seconds, &$1.seconds)
    $2.number(&$0.nanoseconds, &$1.nanos)
  }
}
