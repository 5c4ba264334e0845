internal import Encodings
import HTTP2

/// The metadata of a call: an ordered multimap of names to text or, for names that end in `-bin`,
/// bytes (PROTOCOL-HTTP2.md, "Custom-Metadata").
package struct Metadata: Sendable, Equatable {
  package enum Content: Sendable, Hashable {
    case text(String)
    case binary([UInt8])
  }

  /// Why an entry was refused.
  package enum Fault: Error, Equatable, Sendable {
    /// Not made of `0-9 a-z _ - .`, or empty.
    case name(String)
    /// gRPC's or HTTP's own: `grpc-*`, `content-type`, `te`, `connection` and so on.
    case reserved(String)
    /// Text that is not printable ASCII, or has spaces at its ends, which HTTP would take off.
    case value(name: String)
    /// Bytes for a name without `-bin`, or text for one with it.
    case kind(name: String)
  }

  private var entries: [(name: String, value: Content)] = []

  package init() {}

  package var isEmpty: Bool { entries.isEmpty }
  package var count: Int { entries.count }

  package static func == (left: Self, right: Self) -> Bool {
    left.entries.elementsEqual(right.entries) { $0.name == $1.name && $0.value == $1.value }
  }

  // MARK: Writing

  /// Adds text after what `name` already has. Names are made lower case.
  package mutating func add(_ text: String, for name: String) throws(Fault) {
    let name = try Self.checked(name)
    guard !name.hasSuffix("-bin") else { throw .kind(name: name) }
    let isPrintable = text.utf8.allSatisfy { $0 >= 0x20 && $0 <= 0x7E }
    guard isPrintable, text.first != " ", text.last != " " else { throw .value(name: name) }
    entries.append((name, .text(text)))
  }

  /// Adds bytes after what `name`, which must end in `-bin`, already has.
  package mutating func add(binary bytes: [UInt8], for name: String) throws(Fault) {
    let name = try Self.checked(name)
    guard name.hasSuffix("-bin") else { throw .kind(name: name) }
    entries.append((name, .binary(bytes)))
  }

  package mutating func removeAll(named name: String) { entries.removeAll { $0.name == name } }

  private static func checked(_ name: String) throws(Fault) -> String {
    let lower = name.lowercased()
    let isWellFormed = !lower.isEmpty && lower.utf8.allSatisfy(isNameByte)
    guard isWellFormed else { throw .name(name) }
    guard !isReserved(lower) else { throw .reserved(lower) }
    return lower
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
    case UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."): true
    default: false
    }
  }

  private static let reserved: Set<String> = [
    "content-type", "content-length", "te", "trailer", "connection", "keep-alive", "host",
    "proxy-connection", "transfer-encoding", "upgrade", "user-agent",
  ]

  private static func isReserved(_ name: String) -> Bool {
    name.hasPrefix("grpc-") || reserved.contains(name)
  }

  // MARK: Reading

  /// The first text of `name`, which must be lower case.
  package subscript(name: String) -> String? { texts(named: name).first }

  package func texts(named name: String) -> [String] {
    entries.compactMap {
      guard $0.name == name, case .text(let text) = $0.value else { return nil }
      return text
    }
  }

  package func binaries(named name: String) -> [[UInt8]] {
    entries.compactMap {
      guard $0.name == name, case .binary(let bytes) = $0.value else { return nil }
      return bytes
    }
  }
}

extension Metadata: Sequence {
  package func makeIterator() -> some IteratorProtocol<(name: String, value: Content)> {
    entries.makeIterator()
  }
}

extension Metadata: ExpressibleByDictionaryLiteral {
  /// For literals in code: an entry that ``add(_:for:)`` would refuse is a bug and traps.
  package typealias Key = String
  package typealias Value = String

  package init(dictionaryLiteral elements: (String, String)...) {
    for (name, text) in elements { try! add(text, for: name) }
  }
}

// MARK: - On the wire

extension Metadata {
  /// The custom metadata of a header section; gRPC's and HTTP's own fields are left out, and so
  /// are `-bin` values that are not base64: ``isReadable`` has refused the call before.
  init(_ block: HeaderBlock) {
    block.forEach { _, name, value in
      guard name.first != UInt8(ascii: ":") else { return }
      let name = String(decoding: name, as: UTF8.self)
      guard !Self.isReserved(name) || name == "user-agent" else { return }
      if name.hasSuffix("-bin") {
        Self.binaryValues(value).forEach { entries.append((name, .binary($0))) }
      } else {
        entries.append((name, .text(String(decoding: value, as: UTF8.self))))
      }
    }
  }

  /// Whether a `-bin` value is base64 throughout.
  static func isReadable(_ value: UnsafeRawBufferPointer) -> Bool {
    value.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
      .allSatisfy { Base64.decode(trimmed($0)) != nil }
  }

  func write(to block: inout HeaderBlock) {
    for (name, value) in entries {
      switch value {
      case .text(let text): block.append(name, text)
      case .binary(let bytes):
        block.append(name, String(decoding: Base64.encode(bytes), as: UTF8.self))
      }
    }
  }

  /// A proxy may have joined several values with commas, which base64 does not use.
  private static func binaryValues(_ value: UnsafeRawBufferPointer) -> [[UInt8]] {
    value.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
      .compactMap { Base64.decode(trimmed($0)) }
  }

  private static func trimmed(
    _ part: Slice<UnsafeRawBufferPointer>
  ) -> Slice<UnsafeRawBufferPointer> {
    var part = part
    while part.first == UInt8(ascii: " ") { part.removeFirst() }
    while part.last == UInt8(ascii: " ") { part.removeLast() }
    return part
  }
}
