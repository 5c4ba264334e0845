internal import Messages

/// The embedded file descriptors by file and by symbol, for reflection.
///
/// Reads google.protobuf.FileDescriptorProto straight from the wire: of all of descriptor.proto only
/// names are needed.
struct DescriptorIndex: Sendable {
  private struct File: Sendable {
    var name = ""
    var package = ""
    var dependencies: [String] = []
    var symbols: [String] = []
    var bytes: [UInt8] = []
  }

  private var files: [String: File] = [:]
  /// The name of the file that declares a symbol, by its full name.
  private var fileOfSymbol: [String: String] = [:]

  /// - Parameter set: a serialized google.protobuf.FileDescriptorSet.
  init(_ set: UnsafeRawBufferPointer) {
    Self.forEachField(set) { number, bytes in
      guard number == 1 else { return }
      let file = Self.file(bytes)
      files[file.name] = file
      for symbol in file.symbols { fileOfSymbol[symbol] = file.name }
    }
  }

  /// The file and everything it imports, each once, itself first; nil for an unknown file.
  func closure(ofFile name: String) -> [[UInt8]]? {
    guard files[name] != nil else { return nil }
    var found: [String] = []
    var open = [name]
    while let next = open.popLast() {
      guard !found.contains(next), let file = files[next] else { continue }
      found.append(next)
      open += file.dependencies
    }
    return found.compactMap { files[$0]?.bytes }
  }

  func closure(ofSymbol name: String) -> [[UInt8]]? {
    fileOfSymbol[name].flatMap(closure(ofFile:))
  }

  // MARK: Reading

  /// Field numbers of google.protobuf.FileDescriptorProto.
  private static func file(_ bytes: UnsafeRawBufferPointer) -> File {
    var file = File()
    file.bytes = Array(bytes)
    forEachField(bytes) { number, value in
      switch number {
      case 1: file.name = text(value)
      case 2: file.package = text(value)
      case 3: file.dependencies.append(text(value))
      default: break
      }
    }
    let package = file.package
    forEachField(bytes) { number, value in
      switch number {
      case 4: file.symbols += messageSymbols(value, in: package)
      case 5: file.symbols += symbols(value, in: package, children: [])
      case 6: file.symbols += symbols(value, in: package, children: [2])
      default: break
      }
    }
    return file
  }

  /// DescriptorProto: field 2, nested messages 3, enums 4, oneofs 8.
  private static func messageSymbols(
    _ bytes: UnsafeRawBufferPointer, in scope: String
  ) -> [String] {
    var found = symbols(bytes, in: scope, children: [2, 4, 8])
    let name = found[0]
    forEachField(bytes) { number, value in
      if number == 3 { found += messageSymbols(value, in: name) }
    }
    return found
  }

  /// The full name of something whose field 1 is its name, then those of its named children.
  private static func symbols(
    _ bytes: UnsafeRawBufferPointer, in scope: String, children: Set<UInt32>
  ) -> [String] {
    var name = ""
    forEachField(bytes) { number, value in
      if number == 1 { name = text(value) }
    }
    let full = "\(scope).\(name)"
    var found = [full]
    forEachField(bytes) { number, value in
      if children.contains(number) { found += symbols(value, in: full, children: []) }
    }
    return found
  }

  private static func text(_ bytes: UnsafeRawBufferPointer) -> String {
    String(decoding: bytes, as: UTF8.self)
  }

  /// Length-delimited fields only. The descriptors are our own: malformed ones are a build error.
  private static func forEachField(
    _ bytes: UnsafeRawBufferPointer, _ body: (UInt32, UnsafeRawBufferPointer) -> Void
  ) {
    var reader = WireReader(bytes)
    do {
      while let field = try reader.next() {
        if case .bytes(let value) = field.value { body(field.number, value) }
      }
    } catch {
      preconditionFailure("the embedded file descriptors are damaged: run `make proto`")
    }
  }
}
