internal import CProtobufC
package import EventCore

/// A Swift value that is a protobuf message on the wire.
package protocol WireMessage: Sendable {
  /// All fields at their defaults.
  init()
  static var coding: MessageCoding<Self> { get }
}

/// Who sends a message: it says how strict the receiver must be, and what the message may hold.
package enum Sender: Sendable {
  /// Fields that this version does not serve are refused, not ignored.
  case client
  /// What is input only is left out.
  case server
}

extension WireMessage {
  /// Unpacks a message.
  ///
  /// - Parameter bytes: untrusted; nesting, text, memory and values are checked.
  /// - Throws: a `GatewayError` of INVALID_ARGUMENT that says which field, or where it breaks off.
  package init(unpacking bytes: UnsafeRawBufferPointer, from sender: Sender) throws(GatewayError) {
    let coding = Self.coding
    let descriptor = coding.descriptor
    try WireCheck.run(bytes, as: descriptor)
    let budget = sender.unpackingBudget(messageBytes: bytes.count)
    self.init()
    var failure: GatewayError?
    withArena(budget: budget) { arena in
      var allocator = ProtobufCAllocator(arena)
      let start = bytes.bindMemory(to: UInt8.self).baseAddress
      guard
        let message = protobuf_c_message_unpack(descriptor, &allocator, bytes.count, start)
      else { return failure = unpackingError(descriptor, arena.pointee.isExhausted) }
      var mapper = FieldMapper(decodingFrom: sender)
      coding.map(&self, UnsafeMutableRawPointer(message), &mapper)
      failure = mapper.error
    }
    if let failure { throw failure }
  }

  /// Packs the message into memory of the caller's.
  ///
  /// - Parameters:
  ///   - sender: who will send it.
  ///   - body: gets the size in bytes, and a closure that writes the message to the start of a buffer
  ///     of at least that size.
  package func pack(
    as sender: Sender = .server, _ body: (Int, (UnsafeMutableRawBufferPointer) -> Void) -> Void
  ) {
    withMessage(as: sender) { message in
      body(protobuf_c_message_get_packed_size(message)) { buffer in
        guard let start = buffer.bindMemory(to: UInt8.self).baseAddress else { return }
        protobuf_c_message_pack(message, start)
      }
    }
  }

  /// The message as a C struct, for the time of `body`. Not generic in what that returns: it is called
  /// for every message, and from other modules, where that would be found out anew each time.
  func withMessage(as sender: Sender, _ body: (UnsafePointer<ProtobufCMessage>) -> Void) {
    let coding = Self.coding
    // What we built ourselves is bounded by the limits of its fields, so memory is not.
    withArena(budget: .max) { arena in
      let memory = arena.pointee.allocate(coding.structBytes)!
      coding.initialize(memory)
      var value = self
      var mapper = FieldMapper(encodingInto: arena, as: sender)
      coding.map(&value, memory, &mapper)
      body(memory.assumingMemoryBound(to: ProtobufCMessage.self))
    }
  }

  package func packed(as sender: Sender = .server) -> [UInt8] {
    var bytes: [UInt8] = []
    pack(as: sender) { size, write in
      guard size > 0 else { return }
      bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
        write(UnsafeMutableRawBufferPointer(buffer))
        count = size
      }
    }
    return bytes
  }
}

extension Sender {
  /// Bytes that unpacking a message may take.
  ///
  /// Requests have a bounded number of small parts, whose cost the fixed term covers, and payloads,
  /// which cost their size. A server's answers are lists of small parts: a page of events with short
  /// metadata, or of invocations with short log lines, takes 21 times its size. Hostile messages
  /// would take up to 100 times theirs.
  fileprivate func unpackingBudget(messageBytes: Int) -> Int {
    switch self {
    case .client: 256 << 10 + 8 * messageBytes
    case .server: 256 << 10 + 32 * messageBytes
    }
  }
}

private func unpackingError(
  _ descriptor: UnsafePointer<ProtobufCMessageDescriptor>, _ isExhausted: Bool
) -> GatewayError {
  let name = String(cString: descriptor.pointee.name)
  return isExhausted
    ? GatewayError(.messageTooLarge, "unpacking the \(name) would take too much memory")
    : GatewayError(.malformedMessage, "the message is not a valid \(name)")
}

/// Small messages fit on the stack.
private func withArena(budget: Int, _ body: (UnsafeMutablePointer<Arena>) -> Void) {
  withUnsafeTemporaryAllocation(byteCount: MessageLimits.stackBytes, alignment: 16) { first in
    var arena = Arena(budget: budget, first: first)
    withUnsafeMutablePointer(to: &arena, body)
  }
}
