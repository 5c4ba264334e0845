internal import CProtobufC
internal import EventCore

/// What protobuf-c does not check before it unpacks: it recurses as deep as the message says, takes
/// strings that are no UTF-8, cuts strings at an embedded NUL, and loses the numbers of a message
/// that it merges with another.
struct WireCheck {
  /// Names of the fields that lead to where the check is, for the error's text.
  private var path: [UnsafePointer<CChar>] = []
  private var unknownFields = 0

  static func run(
    _ bytes: UnsafeRawBufferPointer, as type: UnsafePointer<ProtobufCMessageDescriptor>
  ) throws(GatewayError) {
    var check = WireCheck()
    try check.message(bytes, type.pointee)
  }

  private mutating func message(
    _ bytes: UnsafeRawBufferPointer, _ type: ProtobufCMessageDescriptor
  ) throws(GatewayError) {
    guard path.count < MessageLimits.depthMax else {
      throw GatewayError(
        .nestingTooDeep, "the message nests deeper than \(MessageLimits.depthMax) levels")
    }
    var reader = WireReader(bytes)
    var messages: Set<UInt32> = []
    while let field = try next(&reader, type) {
      guard let known = type.field(field.number) else {
        try countUnknown(in: type)
        continue
      }
      guard case .bytes(let value) = field.value else { continue }
      path.append(known.name)
      if known.isSingleMessage { try once(messages.insert(field.number).inserted, in: type) }
      try content(value, of: known)
      path.removeLast()
    }
  }

  private mutating func countUnknown(
    in type: ProtobufCMessageDescriptor
  ) throws(GatewayError) {
    unknownFields += 1
    guard unknownFields > MessageLimits.unknownFieldsMax else { return }
    throw GatewayError(
      .messageTooLarge,
      "the \(String(cString: type.name)) has more than \(MessageLimits.unknownFieldsMax) fields that"
        + " this version does not know")
  }

  /// Protobuf asks to merge a message that comes in parts, which no client is known to send. To
  /// refuse it is better than what protobuf-c 1.4 makes of it: numbers, flags and enums of the first
  /// part are lost, and a oneof that neither part sets is an error.
  private func once(
    _ isFirst: Bool, in type: ProtobufCMessageDescriptor
  ) throws(GatewayError) {
    guard !isFirst else { return }
    let name = String(cString: type.name)
    throw GatewayError(
      .malformedMessage, "the message is not a valid \(name) (\(pathText) comes twice)")
  }

  private mutating func content(
    _ bytes: UnsafeRawBufferPointer, of field: ProtobufCFieldDescriptor
  ) throws(GatewayError) {
    switch field.type {
    case PROTOBUF_C_TYPE_STRING:
      try string(bytes)
    case PROTOBUF_C_TYPE_MESSAGE:
      let type = field.descriptor.assumingMemoryBound(to: ProtobufCMessageDescriptor.self)
      try message(bytes, type.pointee)
    default:
      break
    }
  }

  private func string(_ bytes: UnsafeRawBufferPointer) throws(GatewayError) {
    let problem =
      if bytes.contains(0) {
        "contains a NUL character"
      } else if (try? UTF8Span(validating: bytes.bindMemory(to: UInt8.self).span)) == nil {
        "is not valid UTF-8"
      } else {
        nil as String?
      }
    guard let problem else { return }
    let violation = FieldViolation(field: pathText, problem: problem)
    throw GatewayError(.invalidUTF8, "\(pathText) \(problem)", violations: [violation])
  }

  private func next(
    _ reader: inout WireReader, _ type: ProtobufCMessageDescriptor
  ) throws(GatewayError) -> WireReader.Field? {
    do {
      return try reader.next()
    } catch {
      let place = path.isEmpty ? "" : " (in \(pathText))"
      throw GatewayError(
        .malformedMessage, "the message is not a valid \(String(cString: type.name))\(place)")
    }
  }

  private var pathText: String { path.map { String(cString: $0) }.joined(separator: ".") }
}

extension ProtobufCFieldDescriptor {
  fileprivate var isSingleMessage: Bool {
    type == PROTOBUF_C_TYPE_MESSAGE && label != PROTOBUF_C_LABEL_REPEATED
  }
}

extension ProtobufCMessageDescriptor {
  /// Fields are sorted by number; messages have few, so a linear search does.
  fileprivate func field(_ number: UInt32) -> ProtobufCFieldDescriptor? {
    for index in 0..<Int(n_fields) {
      let id = fields[index].id
      if id == number { return fields[index] }
      if id > number { return nil }
    }
    return nil
  }
}
