/// Which members or elements of the values at hand were evaluated: sets of bits on a stack, for
/// `unevaluatedProperties` and `unevaluatedItems`. Memory is taken when the first set is opened.
struct EvaluatedMarks: ~Copyable {
  /// A set: where it begins, in words, and how many words it has.
  struct Place: Equatable {
    var start: Int32
    var words: Int32

    /// Nobody asks what is evaluated.
    static let none = Place(start: -1, words: 0)
  }

  private var words: UnsafeMutableBufferPointer<UInt64>?
  private var top = 0

  func deallocate() { words?.deallocate() }

  /// - Returns: an empty set for values of so many members or elements.
  mutating func open(_ count: Int) -> Place {
    let needed = (count + 63) / 64
    if top + needed > words?.count ?? 0 { grow(to: top + needed) }
    for word in top..<top + needed { words![word] = 0 }
    defer { top += needed }
    return Place(start: Int32(top), words: Int32(needed))
  }

  /// Sets are closed in the reverse order.
  mutating func close(_ place: Place) { top = Int(place.start) }

  private mutating func grow(to needed: Int) {
    let larger = UnsafeMutableBufferPointer<UInt64>.allocate(
      capacity: max(needed, (words?.count ?? 0) * 2, 64))
    larger.initialize(repeating: 0)
    for word in 0..<top { larger[word] = words![word] }
    words?.deallocate()
    words = larger
  }

  @inline(__always)
  func insert(_ index: Int, in place: Place) {
    guard place != .none else { return }
    words![Int(place.start) + index / 64] |= 1 << UInt64(index % 64)
  }

  func insert(_ range: Range<Int>, in place: Place) {
    guard place != .none else { return }
    for index in range { insert(index, in: place) }
  }

  func contains(_ index: Int, in place: Place) -> Bool {
    words![Int(place.start) + index / 64] & 1 << UInt64(index % 64) != 0
  }

  /// - Precondition: both are of the same value.
  func unite(_ place: Place, into other: Place) {
    for word in 0..<Int(place.words) {
      words![Int(other.start) + word] |= words![Int(place.start) + word]
    }
  }
}
