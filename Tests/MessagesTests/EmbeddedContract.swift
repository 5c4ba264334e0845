import Messages

/// What the embedded file descriptors say of services and messages, as clients see them by
/// reflection. Field numbers are those of google/protobuf/descriptor.proto.
struct EmbeddedContract {
  /// Full names of the messages that methods take and give.
  private(set) var methodTypes: Set<String> = []
  /// Full names of the messages that methods of dispatch.events take.
  private(set) var clientTypes: Set<String> = []
  /// Full names of all messages of the package google.rpc.
  private(set) var errorTypes: Set<String> = []

  init() throws {
    for file in try fields(1, of: FileDescriptors.set) {
      let package = try text(2, of: file)
      for service in try fields(6, of: file) { try add(service: service, of: package) }
      guard package == "google.rpc" else { continue }
      for message in try fields(4, of: file) { try add(message: message, in: package) }
    }
  }

  private mutating func add(service: UnsafeRawBufferPointer, of package: String) throws {
    for method in try fields(2, of: service) {
      let input = String(try text(2, of: method).dropFirst())
      methodTypes.formUnion([input, String(try text(3, of: method).dropFirst())])
      if package == "dispatch.events.v1" { clientTypes.insert(input) }
    }
  }

  private mutating func add(message: UnsafeRawBufferPointer, in scope: String) throws {
    let name = "\(scope).\(try text(1, of: message))"
    let isMapEntry = try fields(7, of: message).contains { $0.elementsEqual([0x38, 1]) }
    if isMapEntry { return }
    errorTypes.insert(name)
    for nested in try fields(3, of: message) { try add(message: nested, in: name) }
  }
}

private func fields(
  _ number: UInt32, of message: UnsafeRawBufferPointer
) throws -> [UnsafeRawBufferPointer] {
  var reader = WireReader(message)
  var found: [UnsafeRawBufferPointer] = []
  while let field = try reader.next() {
    if field.number == number, case .bytes(let bytes) = field.value { found.append(bytes) }
  }
  return found
}

private func text(_ number: UInt32, of message: UnsafeRawBufferPointer) throws -> String {
  let bytes = try fields(number, of: message).last
  return bytes.map { String(decoding: $0, as: UTF8.self) } ?? ""
}
