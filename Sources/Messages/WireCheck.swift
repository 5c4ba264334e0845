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
    try check.message(bytes, type)
  }

  private mutating func message(
    _ bytes: UnsafeRawBufferPointer, _ type: UnsafePointer<ProtobufCMessageDescriptor>
  ) throws(GatewayError) {
    guard path.count < MessageLimits.depthMax else {
      throw GatewayError(
        .nestingTooDeep, "the message nests deeper than \(MessageLimits.depthMax) levels")
    }
    var reader = WireReader(bytes)
    // Of the message's fields, by their index; no message has more than 64.
    var seen: UInt64 = 0
    while let field = try next(&reader, type) {
      guard let index = type.index(of: field.number) else {
        try countUnknown(in: type)
        continue
      }
      guard case .bytes(let value) = field.value else { continue }
      let known = type.pointee.fields + index
      guard known.pointee.hasContent else { continue }
      path.append(known.pointee.name)
      if known.pointee.isSingleMessage {
        try once(seen & 1 << UInt64(index) == 0, in: type)
        seen |= 1 << UInt64(index)
      }
      try content(value, of: known)
      path.removeLast()
    }
  }

  private mutating func countUnknown(
    in type: UnsafePointer<ProtobufCMessageDescriptor>
  ) throws(GatewayError) {
    unknownFields += 1
    guard unknownFields > MessageLimits.unknownFieldsMax else { return }
    throw GatewayError(
      .messageTooLarge,
      "the \(String(cString: type.pointee.name)) has more than \(MessageLimits.unknownFieldsMax) fields that"
        + " this version does not know")
  }

  /// Protobuf asks to merge a message that comes in parts, which no client is known to send. To
  /// refuse it is better than what protobuf-c 1.4 makes of it: numbers, flags and enums of the first
  /// part are lost, and a oneof that neither part sets is an error.
  private func once(
    _ isFirst: Bool, in type: UnsafePointer<ProtobufCMessageDescriptor>
  ) throws(GatewayError) {
    guard !isFirst else { return }
    let name = String(cString: type.pointee.name)
    throw GatewayError(
      .malformedMessage, "the message is not a valid \(name) (\(pathText) comes twice)")
  }

  private mutating func content(
    _ bytes: UnsafeRawBufferPointer, of field: UnsafePointer<ProtobufCFieldDescriptor>
  ) throws(GatewayError) {
    switch field.pointee.type {
    case PROTOBUF_C_TYPE_STRING:
      try string(bytes)
    case PROTOBUF_C_TYPE_MESSAGE:
      try message(
        bytes, field.pointee.descriptor.assumingMemoryBound(to: ProtobufCMessageDescriptor.self))
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
    _ reader: inout WireReader, _ type: UnsafePointer<ProtobufCMessageDescriptor>
  ) throws(GatewayError) -> WireReader.Field? {
    do {
      return try reader.next()
    } catch {
      let place = path.isEmpty ? "" : " (in \(pathText))"
      throw GatewayError(
        .malformedMessage,
        "the message is not a valid \(String(cString: type.pointee.name))\(place)")
    }
  }

  private var pathText: String { path.map { String(cString: $0) }.joined(separator: ".") }
}

extension ProtobufCFieldDescriptor {
  fileprivate var isSingleMessage: Bool {
    type == PROTOBUF_C_TYPE_MESSAGE && label != PROTOBUF_C_LABEL_REPEATED
  }

  /// Whether there is something to check in it.
  fileprivate var hasContent: Bool {
    type == PROTOBUF_C_TYPE_MESSAGE || type == PROTOBUF_C_TYPE_STRING
  }
}

extension UnsafePointer<ProtobufCMessageDescriptor> {
  /// Fields are sorted by number; messages have few, so a linear search does.
  fileprivate func index(of number: UInt32) -> Int? {
    for index in 0..<Int(pointee.n_fields) {
      let id = pointee.fields[index].id
      if id == number { return index }
      if id > number { return nil }
    }
    return nil
  }
}
