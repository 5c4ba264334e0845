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

  /// A duration that has a default: absent or zero on the wire leaves the value.
  mutating func duration(
    _ value: inout Duration, _ field: inout DurationField!, _ name: StaticString
  ) {
    var present: Duration? = value
    duration(&present, &field, name)
    if let present, present != .zero { value = present }
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
