import CProtobufC
import CTestProtos
import NIOCore

/// A message of grpc.testing as protobuf-c lays it out.
protocol TestMessage {
  /// The generated `init`.
  static var initialize: (UnsafeMutablePointer<Self>?) -> Void { get }
}

extension TestMessage {
  static var descriptor: UnsafePointer<ProtobufCMessageDescriptor> {
    withUnsafeTemporaryAllocation(of: Self.self, capacity: 1) { memory in
      initialize(memory.baseAddress)
      return UnsafeRawPointer(memory.baseAddress!)
        .assumingMemoryBound(to: ProtobufCMessage.self).pointee.descriptor
    }
  }
}

/// The memory of a message that is being made.
final class Draft {
  private var pointers: [UnsafeMutableRawPointer] = []

  /// A message with all fields at their defaults.
  func make<M: TestMessage>(_: M.Type = M.self) -> UnsafeMutablePointer<M> {
    let message = allocate(MemoryLayout<M>.size).bindMemory(to: M.self, capacity: 1)
    M.initialize(message)
    return message
  }

  func payload(of count: Int) -> UnsafeMutablePointer<Payload> {
    let payload = make(Payload.self)
    let bytes = allocate(max(1, count)).bindMemory(to: UInt8.self, capacity: max(1, count))
    payload.pointee.body = ProtobufCBinaryData(len: count, data: bytes)
    return payload
  }

  func bool(_ value: Bool) -> UnsafeMutablePointer<BoolValue> {
    let message = make(BoolValue.self)
    message.pointee.value = value ? 1 : 0
    return message
  }

  func text(_ text: String) -> UnsafeMutablePointer<CChar> {
    let bytes = text.utf8CString
    let memory = allocate(bytes.count).bindMemory(to: CChar.self, capacity: bytes.count)
    for (index, byte) in bytes.enumerated() { memory[index] = byte }
    return memory
  }

  func array<M>(_ messages: [UnsafeMutablePointer<M>]) -> UnsafeMutablePointer<
    UnsafeMutablePointer<M>?
  > {
    let size = max(1, messages.count) * MemoryLayout<UnsafeMutablePointer<M>?>.stride
    let memory = allocate(size).bindMemory(
      to: UnsafeMutablePointer<M>?.self, capacity: max(1, messages.count))
    for (index, message) in messages.enumerated() { memory[index] = message }
    return memory
  }

  private func allocate(_ count: Int) -> UnsafeMutableRawPointer {
    let memory = UnsafeMutableRawPointer.allocate(byteCount: count, alignment: 16)
    memory.initializeMemory(as: UInt8.self, repeating: 0, count: count)
    pointers.append(memory)
    return memory
  }

  deinit { pointers.forEach { $0.deallocate() } }
}

extension ByteBuffer {
  /// A message that `fill` completes.
  init<M: TestMessage>(_: M.Type, _ fill: (inout M, Draft) -> Void = { _, _ in }) {
    let draft = Draft()
    let message = draft.make(M.self)
    fill(&message.pointee, draft)
    let base = UnsafeRawPointer(message).assumingMemoryBound(to: ProtobufCMessage.self)
    let count = protobuf_c_message_get_packed_size(base)
    self.init()
    writeWithUnsafeMutableBytes(minimumWritableBytes: max(1, count)) { bytes in
      protobuf_c_message_pack(base, bytes.baseAddress!.assumingMemoryBound(to: UInt8.self))
    }
  }

  /// Reads a message; throws if it is none.
  func read<M: TestMessage, R>(_: M.Type, _ body: (M) throws -> R) throws -> R {
    let message = withUnsafeReadableBytes { bytes in
      protobuf_c_message_unpack(
        M.descriptor, nil, bytes.count, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self))
    }
    guard let message else { throw Failure("a message can't be read") }
    defer { protobuf_c_message_free_unpacked(message, nil) }
    return try body(UnsafeRawPointer(message).assumingMemoryBound(to: M.self).pointee)
  }
}

/// A case that did not go as it must.
struct Failure: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

typealias Empty = Grpc__Testing__Empty
typealias Payload = Grpc__Testing__Payload
typealias BoolValue = Grpc__Testing__BoolValue
typealias EchoStatus = Grpc__Testing__EchoStatus
typealias SimpleRequest = Grpc__Testing__SimpleRequest
typealias SimpleResponse = Grpc__Testing__SimpleResponse
typealias InputRequest = Grpc__Testing__StreamingInputCallRequest
typealias InputResponse = Grpc__Testing__StreamingInputCallResponse
typealias ResponseParameters = Grpc__Testing__ResponseParameters
typealias OutputRequest = Grpc__Testing__StreamingOutputCallRequest
typealias OutputResponse = Grpc__Testing__StreamingOutputCallResponse

extension Empty: TestMessage {
  static var initialize: (UnsafeMutablePointer<Self>?) -> Void { grpc__testing__empty__init }
}

extension Payload: TestMessage {
  static var initialize: (UnsafeMutablePointer<Self>?) -> Void { grpc__testing__payload__init }
}

extension BoolValue: TestMessage {
  static var initialize: (UnsafeMutablePointer<Self>?) -> Void { grpc__testing__bool_value__init }
}

extension EchoStatus: TestMessage {
  static var initialize: (UnsafeMutablePointer<Self>?) -> Void { grpc__testing__echo_status__init }
}

extension SimpleRequest: TestMessage {
  static var initialize: (UnsafeMutablePointer<Self>?) -> Void {
    grpc__testing__simple_request__init
  }
}

extension SimpleResponse: TestMessage {
  static var initialize: (UnsafeMutablePointer<Self>?) -> Void {
    grpc__testing__simple_response__init
  }
}

extension InputRequest: TestMessage {
  static var initialize: (UnsafeMutablePointer<Self>?) -> Void {
    grpc__testing__streaming_input_call_request__init
  }
}

extension InputResponse: TestMessage {
  static var initialize: (UnsafeMutablePointer<Self>?) -> Void {
    grpc__testing__streaming_input_call_response__init
  }
}

extension ResponseParameters: TestMessage {
  static var initialize: (UnsafeMutablePointer<Self>?) -> Void {
    grpc__testing__response_parameters__init
  }
}

extension OutputRequest: TestMessage {
  static var initialize: (UnsafeMutablePointer<Self>?) -> Void {
    grpc__testing__streaming_output_call_request__init
  }
}

extension OutputResponse: TestMessage {
  static var initialize: (UnsafeMutablePointer<Self>?) -> Void {
    grpc__testing__streaming_output_call_response__init
  }
}
