/// Numbers, words and space.
extension JSONParser {
  @inline(__always)
  func skippingSpace(_ place: Place) -> Place {
    place.pointee > 0x20 ? place : skippingSpaces(place)
  }

  private func skippingSpaces(_ start: Place) -> Place {
    var place = start
    while true {
      switch place.pointee {
      case 0x20, 0x0A, 0x0D, 0x09: place += 1
      default: return place
      }
      // Indentation.
      while JSONWord(place).bits == 0x2020_2020_2020_2020 { place += 8 }
    }
  }

  /// `true`, `false`, `null`, or nothing that is a value.
  mutating func literal(_ place: Place) -> Place? {
    let four = UnsafeRawPointer(place).loadUnaligned(as: UInt32.self).littleEndian
    switch four {
    case 0x6575_7274:  // true
      add(.boolean, from: place, to: place + 4, isTrue: true)
      return place + 4
    case 0x736C_6166 where place[4] == UInt8(ascii: "e"):  // false
      add(.boolean, from: place, to: place + 5)
      return place + 5
    case 0x6C6C_756E:  // null
      add(.null, from: place, to: place + 4)
      return place + 4
    default:
      return fail(
        place == end ? "the text ends where a value should be" : "expected a value", at: place)
    }
  }

  @inline(__always)
  mutating func number(_ start: Place) -> Place? {
    let first = start.pointee == UInt8(ascii: "-") ? start + 1 : start
    let place = skippingDigits(first)
    guard place > first, first.pointee != UInt8(ascii: "0") || place == first + 1 else {
      return fail(
        place == first ? "expected a digit" : "a number must not begin with 0", at: first)
    }
    if place.pointee == UInt8(ascii: ".") || place.pointee | 0x20 == UInt8(ascii: "e") {
      return fraction(start, place)
    }
    add(.number, from: start, to: place, isIntegerLiteral: true)
    return place
  }

  /// - Parameter point: the place after the integral digits, where there is a point or an exponent.
  private mutating func fraction(_ start: Place, _ point: Place) -> Place? {
    var place = point
    if place.pointee == UInt8(ascii: ".") {
      place = skippingDigits(point + 1)
      guard place > point + 1 else { return fail("expected a digit", at: place) }
    }
    if place.pointee | 0x20 == UInt8(ascii: "e") {
      place += 1
      if place.pointee == UInt8(ascii: "+") || place.pointee == UInt8(ascii: "-") { place += 1 }
      let digits = place
      place = skippingDigits(digits)
      guard place > digits else { return fail("expected a digit", at: place) }
    }
    add(.number, from: start, to: place)
    return place
  }

  @inline(__always)
  private func skippingDigits(_ start: Place) -> Place {
    var place = start
    while place.pointee &- 0x30 < 10 { place += 1 }
    return place
  }
}
