internal import Encodings
internal import EventCore

/// Where a stream of a trigger's changes stopped: which revision of each invocation its client knows.
///
/// As bytes: a version; the trigger's id; runs of invocations with the same revision, each as how many
/// and the revision plus one, in varints; a checksum over it all. Then hexadecimal. A trigger's usual
/// token has 54 characters; the longest, of a thousand invocations without two alike, 14,050.
struct ResumeToken: Hashable {
  let triggerID: UniqueID
  /// By ordinal; -1 for an invocation that the client knows nothing of.
  let revisions: [Int32]

  init(_ triggerID: UniqueID, revisions: some Collection<Int32>) {
    self.triggerID = triggerID
    self.revisions = Array(revisions)
  }

  var text: String {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Self.fixedBytes + 14)
    bytes.append(Self.version)
    bytes.append(bigEndian: triggerID.high)
    bytes.append(bigEndian: triggerID.low)
    var start = 0
    while start < revisions.count {
      let end = revisions[start...].firstIndex { $0 != revisions[start] } ?? revisions.count
      bytes.append(varint: UInt64(end - start))
      bytes.append(varint: UInt64(revisions[start] + 1))
      start = end
    }
    bytes.append(bigEndian: StableHash.fnv1a(bytes))
    return Hexadecimal.text(bytes)
  }

  /// - Parameter text: untrusted; nil if it is none that `text` gave out.
  init?(_ text: String) {
    guard text.utf8.count <= 2 * Self.bytesMax, let bytes = Hexadecimal.bytes(text.utf8),
      bytes.count >= Self.fixedBytes, bytes[0] == Self.version
    else { return nil }
    var rest = bytes.dropLast(8).dropFirst()
    var checksum = bytes.suffix(8)
    guard checksum.popInteger() == StableHash.fnv1a(bytes.dropLast(8)),
      let high = rest.popInteger(), let low = rest.popInteger(),
      let revisions = Self.revisions(&rest)
    else { return nil }
    self.init(UniqueID(high: high, low: low), revisions: revisions)
  }

  private static let version: UInt8 = 1
  /// No invocation changes as often; twice of it still fits an Int32.
  private static let revisionMax: UInt64 = 1 << 29
  private static let fixedBytes = 1 + 16 + 8
  /// A run takes up to seven bytes: at most two for its length, five for its revision.
  private static let bytesMax = fixedBytes + 7 * Limits.invocationsPerTriggerMax

  private static func revisions(_ bytes: inout ArraySlice<UInt8>) -> [Int32]? {
    var revisions: [Int32] = []
    while !bytes.isEmpty {
      guard let count = bytes.popVarint(), let next = bytes.popVarint(), count > 0,
        count <= UInt64(Limits.invocationsPerTriggerMax - revisions.count), next <= revisionMax
      else { return nil }
      revisions += repeatElement(Int32(next) - 1, count: Int(count))
    }
    return revisions
  }
}

extension [UInt8] {
  fileprivate mutating func append(bigEndian value: UInt64) {
    Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
  }

  fileprivate mutating func append(varint value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    append(UInt8(rest))
  }
}

extension ArraySlice<UInt8> {
  /// Eight bytes, the highest first; nil if there are fewer.
  fileprivate mutating func popInteger() -> UInt64? {
    guard count >= 8 else { return nil }
    defer { removeFirst(8) }
    return prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// Of at most five bytes.
  fileprivate mutating func popVarint() -> UInt64? {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 35, by: 7) {
      guard let byte = popFirst() else { return nil }
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    return nil
  }
}
