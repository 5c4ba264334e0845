extension UnsafeBufferPointer<UInt8> {
  /// Strings of JSON are equal if their bytes are: no normalization.
  @inlinable
  package func isEqual(to other: UnsafeBufferPointer<UInt8>) -> Bool {
    guard count == other.count else { return false }
    guard let one = UnsafeRawPointer(baseAddress), let two = UnsafeRawPointer(other.baseAddress)
    else { return true }
    func isEqual<Word: FixedWidthInteger>(_: Word.Type, at place: Int) -> Bool {
      (one + place).loadUnaligned(as: Word.self) == (two + place).loadUnaligned(as: Word.self)
    }
    // The last word overlaps the one before it.
    if count >= 8 {
      var place = 0
      while place < count &- 8 {
        guard isEqual(UInt64.self, at: place) else { return false }
        place &+= 8
      }
      return isEqual(UInt64.self, at: count &- 8)
    }
    if count >= 4 { return isEqual(UInt32.self, at: 0) && isEqual(UInt32.self, at: count &- 4) }
    for place in 0..<count where self[place] != other[place] { return false }
    return true
  }
}
