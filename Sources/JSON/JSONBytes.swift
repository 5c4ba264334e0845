extension UnsafeBufferPointer<UInt8> {
  /// Strings of JSON are equal if their bytes are: no normalization.
  @inlinable
  package func isEqual(to other: UnsafeBufferPointer<UInt8>) -> Bool {
    guard count == other.count else { return false }
    guard let one = UnsafeRawPointer(baseAddress), let two = UnsafeRawPointer(other.baseAddress)
    else { return true }
    var index = 0
    while index &+ 8 <= count {
      if (one + index).loadUnaligned(as: UInt64.self)
        != (two + index).loadUnaligned(as: UInt64.self)
      {
        return false
      }
      index &+= 8
    }
    while index < count {
      if self[index] != other[index] { return false }
      index &+= 1
    }
    return true
  }
}
