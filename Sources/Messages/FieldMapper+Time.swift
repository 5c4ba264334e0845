internal import CEventProtos
internal import EventCore

extension FieldMapper {
  typealias TimeField = UnsafeMutablePointer<Google__Protobuf__Timestamp>
  typealias DurationField = UnsafeMutablePointer<Google__Protobuf__Duration>

  mutating func time(_ value: inout Timestamp?, _ field: inout TimeField!, _ name: StaticString) {
    var wire = value.map(WireTime.init)
    message(&wire, &field, name)
    guard isDecoding else { return }
    value = wire?.timestamp
    if wire != nil, value == nil { refuse(name, "is not a time between 1678 and 2262") }
  }

  /// A time that is always there.
  mutating func time(_ value: inout Timestamp, _ field: inout TimeField!, _ name: StaticString) {
    var present: Timestamp? = value
    time(&present, &field, name)
    if let present { value = present }
  }

  mutating func duration(
    _ value: inout Duration?, _ field: inout DurationField!, _ name: StaticString
  ) {
    var wire = value.map(WireDuration.init)
    message(&wire, &field, name)
    guard isDecoding else { return }
    value = wire?.duration
    if wire != nil, value == nil { refuse(name, "is not a valid duration") }
  }

  /// A duration that has a default: absent on the wire leaves the value.
  mutating func duration(
    _ value: inout Duration, _ field: inout DurationField!, _ name: StaticString
  ) {
    var present: Duration? = value
    duration(&present, &field, name)
    if let present { value = present }
  }

  /// What every resource carries; output only but for the etag.
  mutating func stamp(
    _ value: inout ResourceStamp, uid: inout UnsafeMutablePointer<CChar>!, revision: inout UInt64,
    etag: inout UnsafeMutablePointer<CChar>!, created: inout TimeField!, updated: inout TimeField!
  ) {
    var uidText = value.revision == 0 ? "" : value.uid.description
    string(&uidText, &uid)
    string(&value.etag, &etag)
    number(&value.revision, &revision)
    value.uid = UniqueID(uidText) ?? value.uid
    guard isDecoding || value.revision > 0 else { return }
    time(&value.createTime, &created, "create_time")
    time(&value.updateTime, &updated, "update_time")
  }
}

/// google.protobuf.Timestamp as it is on the wire.
private struct WireTime: WireMessage {
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

  static let coding = MessageCoding<WireTime>(google__protobuf__timestamp__init) {
    $2.number(&$0.seconds, &$1.seconds)
    $2.number(&$0.nanoseconds, &$1.nanos)
  }
}

/// google.protobuf.Duration as it is on the wire.
private struct WireDuration: WireMessage {
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

  static let coding = MessageCoding<WireDuration>(google__protobuf__duration__init) {
    $2.number(&$0.seconds, &$1.seconds)
    $2.number(&$0.nanoseconds, &$1.nanos)
  }
}
