import CNghttp2

/// The fields of one header or trailer section, in order, in one allocation.
///
/// Each field is stored as two native-endian 32-bit lengths followed by the bytes of its name and
/// its value. Names are lower case already: nghttp2 refuses any other on receipt, and callers
/// write them so.
package struct HeaderBlock: Sendable {
  private var storage: [UInt8]
  package private(set) var count = 0

  static let prefixBytes = 8

  package init() { storage = [] }

  /// A copy of fields that are encoded as above.
  init(encoded: UnsafeRawBufferPointer, count: Int) {
    storage = [UInt8](encoded)
    self.count = count
  }

  package init(_ fields: [(StaticString, StaticString)]) {
    storage = []
    for (name, value) in fields { append(name, value) }
  }

  /// The size of RFC 9113 section 6.5.2: names, values, and 32 bytes for each field.
  package var listBytes: Int { storage.count - count * Self.prefixBytes + count * 32 }

  package var isEmpty: Bool { count == 0 }

  // MARK: Writing

  package mutating func append(
    name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer
  ) {
    if storage.capacity == 0 { storage.reserveCapacity(256) }
    withUnsafeBytes(of: (UInt32(name.count), UInt32(value.count))) {
      storage.append(contentsOf: $0)
    }
    storage.append(contentsOf: name)
    storage.append(contentsOf: value)
    count += 1
  }

  package mutating func append(_ name: StaticString, _ value: StaticString) {
    append(name: name.bytes, value: value.bytes)
  }

  package mutating func append(_ name: StaticString, _ value: [UInt8]) {
    value.withUnsafeBytes { append(name: name.bytes, value: $0) }
  }

  package mutating func append(_ name: String, _ value: String) {
    var (name, value) = (name, value)
    name.withUTF8 { name in
      value.withUTF8 { append(name: .init(name), value: .init($0)) }
    }
  }

  // MARK: Reading

  /// A field's place; valid for the block that gave it, as long as that is not written to.
  package struct Field: Sendable {
    let start: Int
    let nameBytes: Int
    let valueBytes: Int
  }

  /// Visits every field. The pointers are valid during the call only.
  package func forEach<E: Error>(
    _ body: (
      _ field: Field, _ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer
    ) throws(E) -> Void
  ) throws(E) {
    var failure: E?
    storage.withUnsafeBytes { bytes in
      var offset = 0
      while offset < bytes.count {
        let field = Self.field(at: offset, in: bytes)
        let (name, value) = Self.slices(of: field, in: bytes)
        do throws(E) { try body(field, name, value) } catch {
          failure = error
          return
        }
        offset = field.start + field.nameBytes + field.valueBytes
      }
    }
    if let failure { throw failure }
  }

  package func withValue<R>(of field: Field, _ body: (UnsafeRawBufferPointer) -> R) -> R {
    storage.withUnsafeBytes { body(Self.slices(of: field, in: $0).1) }
  }

  /// The first value of a field.
  package func first(_ name: StaticString) -> String? {
    storage.withUnsafeBytes { bytes in
      var offset = 0
      while offset < bytes.count {
        let field = Self.field(at: offset, in: bytes)
        if field.nameBytes == name.utf8CodeUnitCount {
          let (candidate, value) = Self.slices(of: field, in: bytes)
          if candidate.elementsEqual(name.bytes) { return String(decoding: value, as: UTF8.self) }
        }
        offset = field.start + field.nameBytes + field.valueBytes
      }
      return nil
    }
  }

  /// The first value of a field; for places where speed does not matter.
  package subscript(name: String) -> String? {
    var found: String?
    forEach { _, candidate, value in
      if found == nil, candidate.elementsEqual(name.utf8) {
        found = String(decoding: value, as: UTF8.self)
      }
    }
    return found
  }

  private static func field(at offset: Int, in bytes: UnsafeRawBufferPointer) -> Field {
    let name = bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
    let value = bytes.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self)
    return Field(
      start: offset + prefixBytes, nameBytes: Int(name), valueBytes: Int(value))
  }

  private static func slices(
    of field: Field, in bytes: UnsafeRawBufferPointer
  ) -> (UnsafeRawBufferPointer, UnsafeRawBufferPointer) {
    let name = field.start..<field.start + field.nameBytes
    let value = name.upperBound..<name.upperBound + field.valueBytes
    return (.init(rebasing: bytes[name]), .init(rebasing: bytes[value]))
  }

  /// The fields as nghttp2 wants them. It copies what it keeps.
  func withFields<R>(_ body: (UnsafePointer<nghttp2_nv>?, Int) -> R) -> R {
    withUnsafeTemporaryAllocation(of: nghttp2_nv.self, capacity: count) { fields in
      var index = 0
      return storage.withUnsafeBytes { bytes in
        var offset = 0
        while offset < bytes.count {
          let field = Self.field(at: offset, in: bytes)
          fields.initializeElement(at: index, to: Self.nv(field, bytes.baseAddress!))
          index += 1
          offset = field.start + field.nameBytes + field.valueBytes
        }
        return body(fields.baseAddress, index)
      }
    }
  }

  private static func nv(_ field: Field, _ base: UnsafeRawPointer) -> nghttp2_nv {
    // nghttp2_nv's pointers are not const in C, but it only reads through them.
    let name = UnsafeMutableRawPointer(mutating: base + field.start)
      .assumingMemoryBound(to: UInt8.self)
    return nghttp2_nv(
      name: name, value: name + field.nameBytes, namelen: field.nameBytes,
      valuelen: field.valueBytes, flags: UInt8(NGHTTP2_NV_FLAG_NONE.rawValue))
  }
}

extension StaticString {
  /// The bytes of a literal; they live as long as the program.
  package var bytes: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: utf8Start, count: utf8CodeUnitCount)
  }
}
