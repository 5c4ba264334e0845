internal import CEventProtos
internal import CProtobufC

/// A message as a tree of names and values, for showing it: as proto3 JSON or to a person.
///
/// Follows the generated descriptors, so that every field shows that is set:
/// https://protobuf.dev/programming-guides/json/. Fields at their default are left out.
package indirect enum MessageTree: Sendable {
  case text(String)
  /// A number or boolean as JSON writes it.
  case literal(String)
  case bytes([UInt8])
  case list([MessageTree])
  /// In the order of the field numbers; names in lowerCamelCase.
  case object([(name: String, value: MessageTree)])
}

extension WireMessage {
  package var tree: MessageTree {
    var tree: MessageTree?
    withMessage(as: .server) { tree = MessageTree($0) }
    return tree!
  }
}

extension MessageTree {
  fileprivate init(_ message: UnsafePointer<ProtobufCMessage>) {
    let type = message.pointee.descriptor.pointee
    let memory = UnsafeRawPointer(message)
    switch String(cString: type.name) {
    case "google.protobuf.Timestamp": self = .text(WireTime(reading: memory).text)
    case "google.protobuf.Duration": self = .text(WireDuration(reading: memory).text)
    default:
      self = .object(
        (0..<Int(type.n_fields)).compactMap { index in
          let field = type.fields[index]
          return Self.value(of: field, memory).map { (Self.jsonName(field), $0) }
        })
    }
  }

  /// Nil for a field that is not set or at its default.
  private static func value(
    of field: ProtobufCFieldDescriptor, _ message: UnsafeRawPointer
  ) -> MessageTree? {
    let member = message + Int(field.offset)
    let quantifier = message + Int(field.quantifier_offset)
    if field.label == PROTOBUF_C_LABEL_REPEATED {
      let count = quantifier.load(as: Int.self)
      guard count > 0, let start = member.load(as: UnsafeRawPointer?.self) else { return nil }
      let stride = Self.stride(field.type)
      return list(of: field, (0..<count).map { start + $0 * stride })
    }
    if field.flags & UInt32(PROTOBUF_C_FIELD_FLAG_ONEOF.rawValue) != 0 {
      guard quantifier.load(as: UInt32.self) == field.id else { return nil }
      return single(field, member)
    }
    return isDefault(field, member) ? nil : single(field, member)
  }

  /// A map's entries are messages with a key and a value.
  private static func list(
    of field: ProtobufCFieldDescriptor, _ members: [UnsafeRawPointer]
  ) -> MessageTree {
    let values = members.map { single(field, $0) }
    guard field.type == PROTOBUF_C_TYPE_MESSAGE, isMapEntry(field) else { return .list(values) }
    return .object(
      values.compactMap { entry in
        guard case .object(let parts) = entry else { return nil }
        let key = parts.first { $0.name == "key" }?.value.plainText ?? ""
        return (key, parts.first { $0.name == "value" }?.value ?? .text(""))
      })
  }

  private static func single(
    _ field: ProtobufCFieldDescriptor, _ member: UnsafeRawPointer
  ) -> MessageTree {
    switch field.type {
    case PROTOBUF_C_TYPE_STRING:
      .text(String(cString: member.load(as: UnsafePointer<CChar>.self)))
    case PROTOBUF_C_TYPE_BYTES:
      .bytes(bytes(member.load(as: ProtobufCBinaryData.self)))
    case PROTOBUF_C_TYPE_MESSAGE:
      MessageTree(member.load(as: UnsafePointer<ProtobufCMessage>.self))
    case PROTOBUF_C_TYPE_ENUM:
      enumeration(field, member.load(as: Int32.self))
    case PROTOBUF_C_TYPE_BOOL:
      .literal(member.load(as: Int32.self) != 0 ? "true" : "false")
    case PROTOBUF_C_TYPE_UINT64: .text("\(member.load(as: UInt64.self))")
    case PROTOBUF_C_TYPE_INT64: .text("\(member.load(as: Int64.self))")
    case PROTOBUF_C_TYPE_DOUBLE: .literal("\(member.load(as: Double.self))")
    case PROTOBUF_C_TYPE_INT32: .literal("\(member.load(as: Int32.self))")
    default: preconditionFailure("the API has no field of protobuf-c type \(field.type.rawValue)")
    }
  }

  private static func isDefault(
    _ field: ProtobufCFieldDescriptor, _ member: UnsafeRawPointer
  ) -> Bool {
    switch field.type {
    case PROTOBUF_C_TYPE_STRING: member.load(as: UnsafePointer<CChar>.self).pointee == 0
    case PROTOBUF_C_TYPE_BYTES: member.load(as: ProtobufCBinaryData.self).len == 0
    case PROTOBUF_C_TYPE_MESSAGE: member.load(as: UnsafeRawPointer?.self) == nil
    default:
      (0..<stride(field.type)).allSatisfy { member.load(fromByteOffset: $0, as: UInt8.self) == 0 }
    }
  }

  /// Bytes of one value of a type, in a struct and in a list.
  private static func stride(_ type: ProtobufCType) -> Int {
    switch type {
    case PROTOBUF_C_TYPE_BOOL, PROTOBUF_C_TYPE_ENUM, PROTOBUF_C_TYPE_INT32: 4
    case PROTOBUF_C_TYPE_BYTES: MemoryLayout<ProtobufCBinaryData>.stride
    default: 8
    }
  }

  private static func bytes(_ data: ProtobufCBinaryData) -> [UInt8] {
    Array(UnsafeBufferPointer(start: data.data, count: data.len))
  }

  private static func enumeration(
    _ field: ProtobufCFieldDescriptor, _ value: Int32
  ) -> MessageTree {
    let type = field.descriptor.assumingMemoryBound(to: ProtobufCEnumDescriptor.self)
    guard let known = protobuf_c_enum_descriptor_get_value(type, value) else {
      return .literal("\(value)")
    }
    return .text(String(cString: known.pointee.name))
  }

  private static func isMapEntry(_ field: ProtobufCFieldDescriptor) -> Bool {
    let type = field.descriptor.assumingMemoryBound(to: ProtobufCMessageDescriptor.self)
    return String(cString: type.pointee.short_name).hasSuffix("Entry")
  }

  private static func jsonName(_ field: ProtobufCFieldDescriptor) -> String {
    let words = String(cString: field.name).split(separator: "_")
    return words.dropFirst().reduce(String(words[0])) {
      $0 + $1.prefix(1).uppercased() + $1.dropFirst()
    }
  }
}

extension MessageTree {
  /// What a person reads: bytes as text if they are UTF-8; nil for lists and objects.
  package var plainText: String? {
    switch self {
    case .text(let text), .literal(let text): text
    case .bytes(let bytes):
      String(validating: bytes, as: UTF8.self) ?? "(\(bytes.count) bytes that are not text)"
    case .list, .object: nil
    }
  }

  /// The value at a path of names; nil if it is not set.
  package func value(at path: [String]) -> MessageTree? {
    path.reduce(self) { tree, name in
      guard case .object(let parts)? = tree else { return nil }
      return parts.first { $0.name == name }?.value
    }
  }
}
