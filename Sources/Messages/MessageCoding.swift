internal import CProtobufC

/// How a Swift value and a protobuf-c struct map to each other: one line per field, which serves both
/// directions.
///
/// ```swift
/// extension LogLine: WireMessage {
///   package static let coding = MessageCoding<LogLine>(dispatch__events__v1__log_line__init) {
///     $2.time(&$0.time, &$1.time)
///     $2.number(&$0.attempt, &$1.attempt)
///     $2.string(&$0.text, &$1.text)
///   }
/// }
/// ```
package struct MessageCoding<Value>: Sendable {
  let structBytes: Int
  let initialize: @Sendable (UnsafeMutableRawPointer) -> Void
  /// Moves every field from the struct to the value or back, as the mapper's direction says.
  let map: @Sendable (inout Value, UnsafeMutableRawPointer, inout FieldMapper) -> Void

  /// - Parameters:
  ///   - initialize: the generated `…__init`, which also says what message the struct is.
  ///   - map: the fields.
  init<C>(
    _ initialize: @escaping @Sendable (UnsafeMutablePointer<C>?) -> Void,
    _ map: @escaping @Sendable (inout Value, inout C, inout FieldMapper) -> Void
  ) {
    structBytes = MemoryLayout<C>.size
    self.initialize = { initialize($0.assumingMemoryBound(to: C.self)) }
    self.map = { map(&$0, &$1.assumingMemoryBound(to: C.self).pointee, &$2) }
  }

  /// The generated descriptor, which only an initialized struct points to.
  var descriptor: UnsafePointer<ProtobufCMessageDescriptor> {
    withUnsafeTemporaryAllocation(byteCount: structBytes, alignment: 16) { memory in
      initialize(memory.baseAddress!)
      return memory.baseAddress!.assumingMemoryBound(to: ProtobufCMessage.self).pointee.descriptor
    }
  }
}
