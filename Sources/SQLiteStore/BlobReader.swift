/// Reads what `BlobWriter` wrote. Bytes that it can't have written throw; none can make it trap or
/// allocate more than they are.
struct BlobReader {
  private let bytes: UnsafeRawBufferPointer
  private var position = 0

  /// - Parameter bytes: must outlive the reader.
  init(_ bytes: UnsafeRawBufferPointer) {
    self.bytes = bytes
  }

  var isAtEnd: Bool { position == bytes.count }

  mutating func count() throws(SQLiteError) -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: 0, to: 64, by: 7) {
      let byte = try next()
      value |= UInt64(byte & 0x7F) << UInt64(shift)
      if byte < 0x80 { return value }
    }
    throw .damaged("a number is longer than 64 bits")
  }

  mutating func integer() throws(SQLiteError) -> Int64 {
    let value = try count()
    return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
  }

  mutating func flag() throws(SQLiteError) -> Bool { try next() != 0 }

  mutating func text() throws(SQLiteError) -> String {
    String(decoding: try slice(), as: UTF8.self)
  }

  mutating func data() throws(SQLiteError) -> [UInt8] { Array(try slice()) }

  mutating func pairs() throws(SQLiteError) -> [String: String] {
    var pairs: [String: String] = [:]
    for _ in 0..<(try size()) {
      let key = try text()
      pairs[key] = try text()
    }
    return pairs
  }

  mutating func optional<Value>(
    _ read: (inout BlobReader) throws(SQLiteError) -> Value
  ) throws(SQLiteError) -> Value? {
    try flag() ? try read(&self) : nil
  }

  mutating func list<Value>(
    _ read: (inout BlobReader) throws(SQLiteError) -> Value
  ) throws(SQLiteError) -> [Value] {
    var values: [Value] = []
    for _ in 0..<(try size()) { values.append(try read(&self)) }
    return values
  }

  private mutating func next() throws(SQLiteError) -> UInt8 {
    guard position < bytes.count else { throw .damaged("a record ends too early") }
    defer { position += 1 }
    return bytes[position]
  }

  /// How many bytes or elements follow. Each takes a byte at least, so more than are left is wrong.
  private mutating func size() throws(SQLiteError) -> Int {
    let size = try count()
    guard size <= UInt64(bytes.count - position) else { throw .damaged("a record is cut off") }
    return Int(size)
  }

  private mutating func slice() throws(SQLiteError) -> Slice<UnsafeRawBufferPointer> {
    let size = try size()
    defer { position += size }
    return bytes[position..<position + size]
  }
}
