internal import CEventProtos
internal import CProtobufC
internal import EventCore

/// Moves fields between a Swift value and a protobuf-c struct, in one direction.
///
/// Nothing throws: what is wrong with a field is collected, so that a client learns of all of
/// them at once.
struct FieldMapper {
  private enum Direction {
    case decoding(Sender)
    case encoding(UnsafeMutablePointer<Arena>, Sender)
  }

  private let direction: Direction
  private var violations: [FieldViolation] = []
  /// Names of the message fields that lead to the struct at hand.
  private var path: [StaticString] = []

  init(decodingFrom sender: Sender) {
    direction = .decoding(sender)
  }

  init(encodingInto arena: UnsafeMutablePointer<Arena>, as sender: Sender) {
    direction = .encoding(arena, sender)
  }

  var isDecoding: Bool {
    if case .decoding = direction { true } else { false }
  }

  /// Whether a client sends the message: what it may say and what it is told are not the same.
  var isFromClient: Bool {
    switch direction {
    case .decoding(let sender), .encoding(_, let sender): sender == .client
    }
  }

  // MARK: Errors

  mutating func refuse(_ field: StaticString, _ problem: String) {
    let names = (path + [field]).map { $0.description }
    violations.append(FieldViolation(field: names.joined(separator: "."), problem: problem))
  }

  /// A field of the contract that this version does not serve: refused rather than ignored, as a
  /// client that sets it counts on it.
  mutating func unserved(_ isSet: Bool, _ field: StaticString) {
    guard isSet, case .decoding(.client) = direction else { return }
    refuse(field, "is not served by this version of the gateway")
  }

  /// What is wrong with the message as a whole; nil if nothing is.
  var error: GatewayError? { violations.isEmpty ? nil : .invalid(violations) }

  // MARK: Scalars

  func string(_ value: inout String, _ field: inout UnsafeMutablePointer<CChar>!) {
    if isDecoding {
      value = String(cString: field)
    } else if !value.isEmpty {
      field = cString(value)
    }
  }

  /// The text alternative of a oneof.
  func string(_ value: inout String?, _ field: inout UnsafeMutablePointer<CChar>!) {
    if isDecoding { value = String(cString: field) } else { field = cString(value ?? "") }
  }

  func bytes(_ value: inout [UInt8], _ field: inout ProtobufCBinaryData) {
    if isDecoding {
      value = Array(UnsafeBufferPointer(start: field.data, count: field.len))
    } else if !value.isEmpty {
      let memory = allocate(value.count)
      value.withUnsafeBytes { memory.copyMemory(from: $0.baseAddress!, byteCount: $0.count) }
      field.data = memory.assumingMemoryBound(to: UInt8.self)
      field.len = value.count
    }
  }

  /// Text that comes as bytes, because it may be large.
  mutating func text(
    _ value: inout String, _ field: inout ProtobufCBinaryData, _ name: StaticString
  ) {
    var bytes = Array(value.utf8)
    self.bytes(&bytes, &field)
    guard isDecoding else { return }
    if let text = String(validating: bytes, as: UTF8.self) {
      value = text
    } else {
      refuse(name, "is not UTF-8")
    }
  }

  func number<T: Numeric>(_ value: inout T, _ field: inout T) {
    if isDecoding { value = field } else { field = value }
  }

  /// Zero on the wire leaves the value at its default.
  func nonZero<T: Numeric>(_ value: inout T, _ field: inout T) {
    if isDecoding, field == .zero { return }
    number(&value, &field)
  }

  func bool(_ value: inout Bool, _ field: inout protobuf_c_boolean) {
    if isDecoding { value = field != 0 } else { field = value ? 1 : 0 }
  }

  /// UNSPECIFIED on the wire leaves the value at its default.
  mutating func enumeration<E: RawRepresentable<Int32>, C: RawRepresentable<UInt32>>(
    _ value: inout E, _ field: inout C, _ name: StaticString
  ) {
    var known: E? = value
    enumeration(&known, &field, name)
    if let known { value = known }
  }

  /// UNSPECIFIED on the wire is nil.
  mutating func enumeration<E: RawRepresentable<Int32>, C: RawRepresentable<UInt32>>(
    _ value: inout E?, _ field: inout C, _ name: StaticString
  ) {
    guard isDecoding else {
      return field = C(rawValue: UInt32(bitPattern: value?.rawValue ?? 0))!
    }
    value = E(rawValue: Int32(bitPattern: field.rawValue))
    if value == nil, field.rawValue != 0 {
      refuse(name, "has the unknown value \(Int32(bitPattern: field.rawValue))")
    }
  }

  // MARK: Messages

  mutating func message<M: WireMessage, C>(
    _ value: inout M?, _ field: inout UnsafeMutablePointer<C>!, _ name: StaticString
  ) {
    if isDecoding {
      guard let field else { return value = nil }
      var decoded = M()
      nested(&decoded, UnsafeMutableRawPointer(field), name)
      value = decoded
    } else if var present = value {
      field = encoded(&present, name)
    }
  }

  /// A message that is always there: absent on the wire leaves the value at its default.
  mutating func message<M: WireMessage, C>(
    _ value: inout M, _ field: inout UnsafeMutablePointer<C>!, _ name: StaticString
  ) {
    var present: M? = isDecoding && field == nil ? nil : value
    message(&present, &field, name)
    if let present { value = present }
  }

  /// Whether a oneof's alternative `number` is the one to map: when decoding, the one that is there;
  /// when encoding, the one whose value is set.
  func selects<Case: Equatable>(_ oneof: inout Case, _ number: Case, _ isSet: Bool) -> Bool {
    if isDecoding { return oneof == number }
    if isSet { oneof = number }
    return isSet
  }

  private mutating func nested<M: WireMessage>(
    _ value: inout M, _ memory: UnsafeMutableRawPointer, _ name: StaticString
  ) {
    // Nothing is refused of what we say ourselves.
    guard isDecoding else { return M.coding.map(&value, memory, &self) }
    path.append(name)
    M.coding.map(&value, memory, &self)
    path.removeLast()
  }

  private mutating func encoded<M: WireMessage, C>(
    _ value: inout M, _ name: StaticString
  ) -> UnsafeMutablePointer<C> {
    let coding = M.coding
    let memory = allocate(coding.structBytes)
    coding.initialize(memory)
    nested(&value, memory, name)
    return memory.assumingMemoryBound(to: C.self)
  }

  // MARK: Lists

  mutating func list<M: WireMessage, C>(
    _ values: inout [M], _ count: inout Int,
    _ field: inout UnsafeMutablePointer<UnsafeMutablePointer<C>?>!, _ name: StaticString
  ) {
    guard isDecoding ? count > 0 : !values.isEmpty else { return }
    if isDecoding {
      for index in 0..<count {
        var value = M()
        nested(&value, UnsafeMutableRawPointer(field[index]!), name)
        values.append(value)
      }
    } else {
      field = array(of: values.count)
      count = values.count
      for index in values.indices { field[index] = encoded(&values[index], name) }
    }
  }

  func strings(
    _ values: inout [String], _ count: inout Int,
    _ field: inout UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>!
  ) {
    if isDecoding {
      for index in 0..<count { values.append(String(cString: field[index]!)) }
    } else {
      field = array(of: values.count)
      count = values.count
      for index in values.indices { field[index] = cString(values[index]) }
    }
  }

  func byteStrings(
    _ values: inout [[UInt8]], _ count: inout Int,
    _ field: inout UnsafeMutablePointer<ProtobufCBinaryData>!
  ) {
    if isDecoding {
      values = Array(repeating: [], count: count)
    } else {
      field = array(of: values.count)
      count = values.count
    }
    for index in values.indices {
      if !isDecoding { field[index] = ProtobufCBinaryData() }
      bytes(&values[index], &field[index])
    }
  }

  func numbers<T: Numeric>(
    _ values: inout [T], _ count: inout Int, _ field: inout UnsafeMutablePointer<T>!
  ) {
    if isDecoding {
      values = (0..<count).map { field[$0] }
    } else {
      field = array(of: values.count)
      count = values.count
      for index in values.indices { field[index] = values[index] }
    }
  }

  mutating func enumerations<E: RawRepresentable<Int32>, C: RawRepresentable<UInt32>>(
    _ values: inout [E], _ count: inout Int, _ field: inout UnsafeMutablePointer<C>!,
    _ name: StaticString
  ) {
    if !isDecoding {
      field = array(of: values.count)
      count = values.count
      for index in values.indices {
        field[index] = C(rawValue: UInt32(bitPattern: values[index].rawValue))!
      }
      return
    }
    for index in 0..<count {
      guard let value = E(rawValue: Int32(bitPattern: field[index].rawValue)) else {
        return refuse(name, "has the unknown value \(Int32(bitPattern: field[index].rawValue))")
      }
      values.append(value)
    }
  }

  /// A `map<string, string>`, whose entries protobuf-c generates as a struct for each map, all alike:
  /// the message's head, the key, the value.
  mutating func pairs<Entry>(
    _ pairs: inout [String: String], _ count: inout Int,
    _ field: inout UnsafeMutablePointer<UnsafeMutablePointer<Entry>?>!,
    _ initialize: (UnsafeMutablePointer<Entry>?) -> Void, _ name: StaticString = "metadata"
  ) {
    typealias Text = UnsafeMutablePointer<CChar>
    let keyOffset = MemoryLayout<ProtobufCMessage>.size
    let valueOffset = keyOffset + MemoryLayout<Text>.size
    guard isDecoding ? count > 0 : !pairs.isEmpty else { return }
    if isDecoding {
      pairs.reserveCapacity(count)
      for index in 0..<count {
        let entry = UnsafeMutableRawPointer(field[index]!)
        let key = String(cString: entry.load(fromByteOffset: keyOffset, as: Text.self))
        let value = String(cString: entry.load(fromByteOffset: valueOffset, as: Text.self))
        // Swift compares text by what it looks like: é is one key, however it is written.
        if let known = pairs.index(forKey: key), !pairs[known].key.utf8.elementsEqual(key.utf8) {
          refuse(name, "has the key '\(key)' in two spellings")
        }
        pairs[key] = value
      }
      return
    }
    field = array(of: pairs.count)
    for (key, value) in pairs.sorted(by: { $0.key < $1.key }) {
      let entry = allocate(MemoryLayout<Entry>.size)
      initialize(entry.assumingMemoryBound(to: Entry.self))
      entry.storeBytes(of: cString(key), toByteOffset: keyOffset, as: Text.self)
      entry.storeBytes(of: cString(value), toByteOffset: valueOffset, as: Text.self)
      field[count] = entry.assumingMemoryBound(to: Entry.self)
      count += 1
    }
  }

  // MARK: Memory

  private func allocate(_ bytes: Int) -> UnsafeMutableRawPointer {
    guard case .encoding(let arena, _) = direction, let memory = arena.pointee.allocate(bytes)
    else {
      preconditionFailure("only encoding allocates, and its budget has no end")
    }
    return memory
  }

  private func array<T>(of count: Int) -> UnsafeMutablePointer<T> {
    allocate(count * MemoryLayout<T>.stride).bindMemory(to: T.self, capacity: count)
  }

  private func cString(_ value: String) -> UnsafeMutablePointer<CChar> {
    var value = value
    return value.withUTF8 { text in
      let memory = allocate(text.count + 1)
      if let start = text.baseAddress { memory.copyMemory(from: start, byteCount: text.count) }
      memory.storeBytes(of: 0, toByteOffset: text.count, as: UInt8.self)
      return memory.assumingMemoryBound(to: CChar.self)
    }
  }
}
