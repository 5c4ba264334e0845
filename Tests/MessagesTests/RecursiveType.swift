import CEventProtos
import CProtobufC

/// The descriptor of a message that is in itself, which nothing in proto/ is:
///
/// ```proto
/// message Level { Level next = 1; string text = 2; }
/// ```
struct RecursiveType: ~Copyable {
  let descriptor: UnsafeMutablePointer<ProtobufCMessageDescriptor>
  private let fields: UnsafeMutablePointer<ProtobufCFieldDescriptor>

  init() {
    descriptor = .allocate(capacity: 1)
    fields = .allocate(capacity: 2)
    fields.initialize(to: Self.field("next", 1, PROTOBUF_C_TYPE_MESSAGE))
    (fields + 1).initialize(to: Self.field("text", 2, PROTOBUF_C_TYPE_STRING))
    fields.pointee.descriptor = UnsafeRawPointer(descriptor)
    var type = ProtobufCMessageDescriptor()
    (type.name, type.n_fields, type.fields) = (Self.name("Level"), 2, UnsafePointer(fields))
    descriptor.initialize(to: type)
  }

  deinit {
    fields.deallocate()
    descriptor.deallocate()
  }

  private static func field(
    _ text: StaticString, _ number: UInt32, _ type: ProtobufCType
  ) -> ProtobufCFieldDescriptor {
    var field = ProtobufCFieldDescriptor()
    (field.name, field.id, field.label, field.type) = (
      name(text), number, PROTOBUF_C_LABEL_NONE, type
    )
    return field
  }

  private static func name(_ text: StaticString) -> UnsafePointer<CChar> {
    UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
  }
}
