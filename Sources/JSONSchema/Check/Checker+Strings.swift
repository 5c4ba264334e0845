import JSON

extension Checker {
  mutating func checkString(_ plan: Int, _ value: JSONValue) -> Bool {
    let strings = tables.strings + plan
    let bytes = value.utf8
    guard spend(bytes.count / StepCost.countedBytes) else { return false }
    guard strings.pointee.allowsLength(of: bytes) else { return false }
    if strings.pointee.pattern >= 0 {
      guard search(strings.pointee.pattern, bytes) else { return false }
    }
    if let format = strings.pointee.format {
      guard spend(bytes.count / StepCost.readBytes), format.matches(bytes) else { return false }
    }
    return true
  }

  mutating func search(_ pattern: Int32, _ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    guard spend(8 + bytes.count / StepCost.searchedBytes) else { return false }
    return tables.patterns[Int(pattern)].isFound(in: bytes)
  }
}

extension StringPlan {
  /// Counts Unicode scalars only where the bytes don't decide: a scalar has one to four.
  func allowsLength(of bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    let least = Int(lengthMin)
    let most = Int(lengthMax)
    if bytes.count < least || bytes.count > most &* 4 { return false }
    if bytes.count >= least &* 4, bytes.count <= most { return true }
    let length = bytes.scalarCount
    return length >= least && length <= most
  }
}

extension UnsafeBufferPointer<UInt8> {
  /// Of well-formed UTF-8: the bytes that don't continue a scalar.
  var scalarCount: Int { count { $0 & 0xC0 != 0x80 } }
}
