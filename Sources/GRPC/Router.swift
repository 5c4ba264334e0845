package import NIOCore

/// The methods a server has, found by full path such as `/dispatch.events.v1.EventService/GetEvent`.
/// Filled before the server starts and not changed after; a lookup allocates nothing.
package struct Router: Sendable {
  package typealias Unary = @Sendable (ServerCall, ByteBuffer) async throws -> ByteBuffer
  package typealias ServerStreaming =
    @Sendable (ServerCall, ByteBuffer, ResponseWriter) async throws -> Void
  package typealias ClientStreaming =
    @Sendable (ServerCall, RequestStream) async throws -> ByteBuffer
  package typealias Bidirectional =
    @Sendable (ServerCall, RequestStream, ResponseWriter) async throws -> Void

  enum Method: Sendable {
    case unary(Unary)
    case serverStreaming(ServerStreaming)
    case clientStreaming(ClientStreaming)
    case bidirectional(Bidirectional)

    /// How many messages a request has.
    var requests: ServerCallState.Requests {
      switch self {
      case .unary, .serverStreaming: .one
      case .clientStreaming, .bidirectional: .many
      }
    }
  }

  private struct Entry: Sendable {
    let path: [UInt8]
    let method: Method
  }

  private var entries: [Entry] = []

  /// Open addressing with linear probing: indices into `entries`, -1 for free. The size is a
  /// power of two, at least twice the number of entries.
  private var slots = [Int](repeating: -1, count: 16)

  /// The full names of the services, sorted, for reflection and health.
  package private(set) var services: [String] = []

  package init() {}

  package mutating func unary(_ path: String, _ body: @escaping Unary) {
    add(path, .unary(body))
  }

  package mutating func serverStreaming(_ path: String, _ body: @escaping ServerStreaming) {
    add(path, .serverStreaming(body))
  }

  package mutating func clientStreaming(_ path: String, _ body: @escaping ClientStreaming) {
    add(path, .clientStreaming(body))
  }

  package mutating func bidirectional(_ path: String, _ body: @escaping Bidirectional) {
    add(path, .bidirectional(body))
  }

  func method(at path: UnsafeRawBufferPointer) -> Method? {
    var slot = Self.hash(path) & (slots.count - 1)
    while slots[slot] >= 0 {
      let entry = entries[slots[slot]]
      if path.elementsEqual(entry.path) { return entry.method }
      slot = (slot + 1) & (slots.count - 1)
    }
    return nil
  }

  private mutating func add(_ path: String, _ method: Method) {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    precondition(
      parts.count == 3 && parts[0].isEmpty && !parts[1].isEmpty && !parts[2].isEmpty,
      "\(path) is not /service/Method")
    let isNew = Array(path.utf8).withUnsafeBytes { self.method(at: $0) == nil }
    precondition(isNew, "\(path) is registered already")
    entries.append(Entry(path: Array(path.utf8), method: method))
    if !services.contains(String(parts[1])) {
      services.append(String(parts[1]))
      services.sort()
    }
    rebuild()
  }

  private mutating func rebuild() {
    let size = max(16, slots.count < entries.count * 2 ? slots.count * 2 : slots.count)
    slots = [Int](repeating: -1, count: size)
    for (index, entry) in entries.enumerated() {
      var slot = entry.path.withUnsafeBytes(Self.hash) & (size - 1)
      while slots[slot] >= 0 { slot = (slot + 1) & (size - 1) }
      slots[slot] = index
    }
  }

  /// FNV-1a. Not seeded: the keys are ours, and a lookup of any other only walks their chains.
  private static func hash(_ path: UnsafeRawBufferPointer) -> Int {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in path { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return Int(truncatingIfNeeded: hash ^ hash >> 32)
  }
}
