import JSON

/// The values of `enum` or `const`. A class, so that a look-up counts one reference and not four.
final class Enumeration {
  /// Whether null, false and true are among them.
  private var literals: UInt8 = 0
  /// By hash with open addressing: a power of two of places, or none.
  private var strings: [JSONValue?] = []
  private var hashes: [UInt32] = []
  private var integers: Set<Int64> = []
  /// Numbers that are not written as integers of 64 bits, arrays and objects.
  private var others: [JSONValue] = []

  /// - Parameter values: in a document that outlives this.
  init(_ values: [JSONValue]) {
    let strings = values.filter { $0.kind == .string }
    if !strings.isEmpty { reserve(strings.count) }
    for value in values {
      switch value.kind {
      case .null, .boolean: literals |= Self.bit(of: value)
      case .string: insert(value)
      case .number:
        if let integer = ExactNumber(value.number!).small {
          integers.insert(integer)
        } else {
          others.append(value)
        }
      case .array, .object: others.append(value)
      }
    }
  }

  private static func bit(of value: JSONValue) -> UInt8 {
    value.kind == .null ? 1 : value.boolean == true ? 4 : 2
  }

  private func reserve(_ count: Int) {
    var capacity = 2
    while capacity < count * 2 { capacity *= 2 }
    strings = Array(repeating: nil, count: capacity)
    hashes = Array(repeating: 0, count: capacity)
  }

  private func insert(_ value: JSONValue) {
    let hash = JSONName.hash(of: value.utf8)
    var place = Int(hash) & (strings.count - 1)
    while strings[place] != nil { place = (place + 1) & (strings.count - 1) }
    strings[place] = value
    hashes[place] = hash
  }

  /// - Parameter steps: what looking at the value takes is taken from it; if none are left, the answer
  ///   means nothing.
  func contains(_ value: JSONValue, steps: inout Int) -> Bool {
    switch value.kind {
    case .null, .boolean: return literals & Self.bit(of: value) != 0
    case .string: return containsString(value.utf8, steps: &steps)
    case .number:
      if let integer = value.int64 { return integers.contains(integer) }
      steps -= value.utf8.count / StepCost.readBytes
      if let integer = ExactNumber(value.number!).small { return integers.contains(integer) }
    case .array, .object: break
    }
    return others.contains { other in
      steps -= 1
      return steps > 0 && other.kind == value.kind && areEqual(other, value, steps: &steps)
    }
  }

  private func containsString(_ bytes: UnsafeBufferPointer<UInt8>, steps: inout Int) -> Bool {
    guard !strings.isEmpty else { return false }
    steps -= bytes.count / StepCost.countedBytes
    let hash = JSONName.hash(of: bytes)
    var place = Int(hash) & (strings.count - 1)
    while let candidate = strings[place] {
      if hashes[place] == hash, candidate.utf8.isEqual(to: bytes) { return true }
      steps -= 1
      place = (place + 1) & (strings.count - 1)
    }
    return false
  }
}

extension ExactNumber {
  fileprivate var small: Int64? { isSmall ? integer : nil }
}
