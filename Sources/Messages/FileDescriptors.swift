internal import CEventProtos

/// The file descriptors of proto/ and of what it imports, embedded at `make proto`.
package enum FileDescriptors {
  /// A serialized google.protobuf.FileDescriptorSet; it lives as long as the program.
  package static var set: UnsafeRawBufferPointer {
    var size = 0
    let start = event_protos_descriptor_set(&size)
    return UnsafeRawBufferPointer(start: start, count: size)
  }
}
