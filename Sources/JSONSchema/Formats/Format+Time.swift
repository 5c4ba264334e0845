/// RFC 3339, section 5.6 and appendix A.
extension FormatScan {
  mutating func dateTime() -> Bool { date() && takeLetter("t") && time() }

  mutating func date() -> Bool {
    guard let century = twoDigits(upTo: 99), let years = twoDigits(upTo: 99), take("-"),
      let month = twoDigits(upTo: 12), month > 0, take("-"), let day = twoDigits(upTo: 31)
    else { return false }
    return day > 0 && day <= Self.days(of: month, in: century * 100 + years)
  }

  private static func days(of month: Int, in year: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  mutating func time() -> Bool {
    guard let hour = twoDigits(upTo: 23), take(":"), let minute = twoDigits(upTo: 59), take(":"),
      let second = twoDigits(upTo: 60)
    else { return false }
    if take("."), !digits() { return false }
    guard let zone = zoneMinutes() else { return false }
    // A leap second is the last one of a day in UTC.
    let minuteOfDay = (hour * 60 + minute - zone + 2 * 1440) % 1440
    return second < 60 || minuteOfDay == 1439
  }

  /// East of UTC.
  private mutating func zoneMinutes() -> Int? {
    if takeLetter("z") { return 0 }
    let isWest = next == UInt8(ascii: "-")
    guard take("+") || take("-"), let hours = twoDigits(upTo: 23), take(":"),
      let minutes = twoDigits(upTo: 59)
    else { return nil }
    return (isWest ? -1 : 1) * (hours * 60 + minutes)
  }

  /// Units follow each other without gaps: a year and days without months are none.
  mutating func duration() -> Bool {
    guard take("P") else { return false }
    if take("T") { return units("HMS") }
    let begin = self
    if digits(), take("W") { return isAtEnd }
    self = begin
    guard units("YMD") else { return false }
    return isAtEnd || (take("T") && units("HMS"))
  }

  /// One or more numbers with neighbouring units, in their order.
  private mutating func units(_ units: String) -> Bool {
    var last: Int?
    while let next, (0x30...0x39).contains(next) {
      guard digits(), let unit = self.next,
        let index = Array(units.utf8).firstIndex(of: unit), last.map({ index == $0 + 1 }) ?? true
      else { return false }
      advance()
      last = index
    }
    return last != nil
  }
}
