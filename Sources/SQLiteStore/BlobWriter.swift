/// Writes the compact form in which the store keeps what SQL never looks into: small integers take
/// one byte, text has its length in front. `BlobReader` reads it.
struct BlobWriter {
  private(set) var bytes: [UInt8] = []

  /// LEB128: seven bits a byte, the lowest first.
  mutating func count(_ value: some BinaryInteger) {
    var rest = UInt64(value)
    while rest >= 0x80 {
      bytes.append(UInt8(rest & 0x7F) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  /// Zigzag, so that small negative numbers stay small.
  mutating func integer(_ value: Int64) {
    count(UInt64(bitPattern: value << 1 ^ value >> 63))
  }

  mutating func flag(_ value: Bool) {
    bytes.append(value ? 1 : 0)
  }

  mutating func text(_ value: String) {
    count(value.utf8.count)
    bytes.append(contentsOf: value.utf8)
  }

  mutating func data(_ value: [UInt8]) {
    count(value.count)
    bytes.append(contentsOf: value)
  }

  /// In the order of the keys, so that equal maps give equal bytes.
  mutating func pairs(_ value: [String: String]) {
    count(value.count)
    for (key, value) in value.sorted(by: { $0.key < $1.key }) {
      text(key)
      text(value)
    }
  }

  mutating func optional<Value>(_ value: Value?, _ write: (inout BlobWriter, Value) -> Void) {
    flag(value != nil)
    if let value { write(&self, value) }
  }

  mutating func list<Value>(_ values: [Value], _ write: (inout BlobWriter, Value) -> Void) {
    count(values.count)
    for value in values { write(&self, value) }
  }
}
