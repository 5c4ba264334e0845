import EventCore

#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

/// A date in one of the three forms of RFC 9110, section 5.6.7, which a recipient must accept.
struct HTTPDate {
  let timestamp: Timestamp

  /// Takes `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT` and
  /// `Sun Nov  6 08:49:37 1994`; nil for anything else.
  init?(_ text: String) {
    let words = text.split { " ,-:".contains($0) }
    var parts = tm()
    let year: Int32?
    if words.count == 8, words[7] == "GMT" {
      year = Self.year(words[3])
      guard parts.set(day: words[1], month: words[2], time: words[4...6]) else { return nil }
    } else if words.count == 7 {
      year = Self.year(words[6])
      guard parts.set(day: words[2], month: words[1], time: words[3...5]) else { return nil }
    } else {
      return nil
    }
    guard let year else { return nil }
    guard year <= Self.yearMax else {
      timestamp = Timestamp(nanoseconds: .max)
      return
    }
    parts.tm_year = year - 1_900
    timestamp = Timestamp(nanoseconds: Int64(timegm(&parts)) * 1_000_000_000)
  }

  /// The last one that a `Timestamp` covers as a whole. Years after it are sent to say "never".
  private static let yearMax: Int32 = 2_261

  /// Two digits are of this century; none that is sent today means another.
  private static func year(_ word: Substring) -> Int32? {
    guard let year = Int32(word) else { return nil }
    return switch (word.utf8.count, year) {
    case (2, 0...99): 2_000 + year
    case (4, 1970...9999): year
    default: nil
    }
  }
}

extension tm {
  private static let months: [Substring] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  /// - Returns: false if a word is none of its kind.
  fileprivate mutating func set(
    day: Substring, month: Substring, time: ArraySlice<Substring>
  ) -> Bool {
    let numbers = time.compactMap { Int32($0) }
    guard let day = Int32(day), (1...31).contains(day), numbers.count == 3,
      let month = Self.months.firstIndex(of: month),
      (0...23).contains(numbers[0]), (0...59).contains(numbers[1]), (0...60).contains(numbers[2])
    else { return false }
    (tm_mday, tm_mon) = (day, Int32(month))
    (tm_hour, tm_min, tm_sec) = (numbers[0], numbers[1], numbers[2])
    return true
  }
}
