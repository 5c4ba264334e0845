import CEventProtos
import CProtobufC

/// A message type as its generated descriptor tells it.
struct MessageShape: Sendable {
  /// The full name, such as `dispatch.events.v1.Event`.
  let name: String
  let fields: [FieldShape]

  init(_ descriptor: UnsafePointer<ProtobufCMessageDescriptor>) {
    name = String(cString: descriptor.pointee.name)
    let count = Int(descriptor.pointee.n_fields)
    fields = UnsafeBufferPointer(start: descriptor.pointee.fields, count: count)
      .map(FieldShape.init)
  }

  /// What names a field in the lists of `Contract`.
  func key(_ field: FieldShape) -> String { "\(name).\(field.name)" }
}

struct FieldShape: Sendable {
  enum Kind: Sendable {
    case integer, bool, double, string, bytes
    /// With its last value.
    case enumeration(UInt64)
    case message(MessageShape)
    case other(UInt32)
  }

  let name: String
  let number: Int
  let isRepeated: Bool
  /// Tells the oneofs of one message apart; nil outside of any.
  let oneof: UInt32?
  let kind: Kind

  init(_ descriptor: ProtobufCFieldDescriptor) {
    name = String(cString: descriptor.name)
    number = Int(descriptor.id)
    isRepeated = descriptor.label == PROTOBUF_C_LABEL_REPEATED
    let isInOneof = descriptor.flags & PROTOBUF_C_FIELD_FLAG_ONEOF.rawValue != 0
    oneof = isInOneof ? descriptor.quantifier_offset : nil
    kind = Kind(descriptor)
  }

  var message: MessageShape? {
    if case .message(let shape) = kind { shape } else { nil }
  }
}

extension FieldShape.Kind {
  fileprivate init(_ field: ProtobufCFieldDescriptor) {
    self =
      switch field.type {
      case PROTOBUF_C_TYPE_INT32, PROTOBUF_C_TYPE_INT64, PROTOBUF_C_TYPE_UINT32,
        PROTOBUF_C_TYPE_UINT64:
        .integer
      case PROTOBUF_C_TYPE_BOOL: .bool
      case PROTOBUF_C_TYPE_DOUBLE: .double
      case PROTOBUF_C_TYPE_STRING: .string
      case PROTOBUF_C_TYPE_BYTES: .bytes
      case PROTOBUF_C_TYPE_ENUM: .enumeration(Self.lastValue(field))
      case PROTOBUF_C_TYPE_MESSAGE:
        .message(
          MessageShape(
            field.descriptor.assumingMemoryBound(to: ProtobufCMessageDescriptor.self)))
      default: .other(field.type.rawValue)
      }
  }

  private static func lastValue(_ field: ProtobufCFieldDescriptor) -> UInt64 {
    let type = field.descriptor.assumingMemoryBound(to: ProtobufCEnumDescriptor.self).pointee
    return UInt64(type.values[Int(type.n_values) - 1].value)
  }
}
