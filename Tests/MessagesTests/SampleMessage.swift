/// Writes a message of a given shape with a value of its own in every mapped field.
struct SampleMessage {
  /// Which of a oneof's mapped alternatives is there, counted round.
  private let alternative: Int
  private var counter = 1_000

  static func bytes(of shape: MessageShape, alternative: Int = 0) -> [UInt8] {
    var sample = SampleMessage(alternative: alternative)
    return sample.message(shape)
  }

  /// A value of its own for one field, mapped or not.
  static func bytes(of field: FieldShape, in shape: MessageShape) -> [UInt8] {
    var sample = SampleMessage(alternative: 0)
    return sample.value(field, in: shape, id: id(1))
  }

  private init(alternative: Int) {
    self.alternative = alternative
  }

  private mutating func message(_ shape: MessageShape) -> [UInt8] {
    // An invocation's id has the trigger's in it, so there is one to a message.
    let id = Self.id(next())
    var bytes: [UInt8] = []
    for field in shape.fields where isMapped(field, shape) && isChosen(field, shape) {
      bytes += value(field, in: shape, id: id)
    }
    return bytes
  }

  private func isMapped(_ field: FieldShape, _ shape: MessageShape) -> Bool {
    !Contract.unmapped.contains(shape.key(field))
  }

  private func isChosen(_ field: FieldShape, _ shape: MessageShape) -> Bool {
    guard let oneof = field.oneof else { return true }
    let alternatives = shape.fields.filter { $0.oneof == oneof && isMapped($0, shape) }
    return alternatives[alternative % alternatives.count].number == field.number
  }

  private mutating func value(
    _ field: FieldShape, in shape: MessageShape, id: String
  ) -> [UInt8] {
    guard field.isRepeated else { return single(field, id: id) }
    // proto3 packs what is not text, bytes or a message.
    switch field.kind {
    case .enumeration(let last):
      return .field(field.number, bytes: .varint(last) + .varint(last - 1))
    case .integer:
      return .field(field.number, bytes: .varint(UInt64(next())) + .varint(UInt64(next())))
    default: return single(field, id: id) + single(field, id: id)
    }
  }

  private mutating func single(_ field: FieldShape, id: String) -> [UInt8] {
    switch field.kind {
    // Of all invocations, so not less than the groups of the trigger count.
    case .integer where field.name == "invocation_count": .field(field.number, varint: 50_000)
    case .integer: .field(field.number, varint: UInt64(next()))
    case .bool: .field(field.number, varint: 1)
    case .double: .field(field.number, double: Double(next()) + 0.5)
    case .string: .field(field.number, text: text(field.name, id))
    // Text that comes as bytes, as it may be large.
    case .bytes where field.name == "definition":
      .field(field.number, text: text(field.name, id))
    case .bytes: .field(field.number, bytes: [0, 0xFF] + Array("\(next())".utf8))
    case .enumeration(let last): .field(field.number, varint: last)
    case .message(let shape): .field(field.number, bytes: message(shape))
    case .other(let type): fatalError("\(field.name) has the type \(type): add it here")
    }
  }

  private mutating func text(_ name: String, _ id: String) -> String {
    switch name {
    case "trigger_id", "uid": id
    case "invocation_id": "\(id).\(next() % 1_000)"
    default: "\(name) \(next())"
    }
  }

  /// All have four digits, so that they sort as text, as the keys of a packed map do.
  private mutating func next() -> Int {
    counter += 1
    return counter
  }

  private static func id(_ number: Int) -> String {
    "0190a5b0-0000-7000-8000-\(String(number + 100_000_000_000))"
  }
}

extension MessageShape {
  /// How many samples it takes for every alternative of every oneof to be in one.
  var alternatives: Int {
    let own = Dictionary(grouping: fields.compactMap(\.oneof), by: \.self).values.map(\.count)
    return (own + fields.compactMap { $0.message?.alternatives }).max() ?? 1
  }
}
