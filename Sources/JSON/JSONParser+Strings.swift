/// Strings: RFC 8259, section 7. They are decoded where they are, as an escape is never shorter than
/// what it stands for.
extension JSONParser {
  /// - Parameter quote: the place of the first quote.
  @inline(__always)
  mutating func string(_ quote: Place) -> Place? {
    let stop = skippingPlain(quote + 1)
    guard stop.pointee == UInt8(ascii: "\"") else { return string(from: quote + 1, plainTo: stop) }
    add(.string, from: quote + 1, to: stop)
    return stop + 1
  }

  /// - Returns: the place of the first byte that is a quote, a backslash, a control character or not
  ///   ASCII. The zero after the text is such a byte.
  @inline(__always)
  private func skippingPlain(_ start: Place) -> Place {
    var place = start
    while true {
      let plainCount = JSONWord(place).plainCount
      place += plainCount
      if plainCount < 8 { return place }
    }
  }

  /// A string that has more than plain bytes.
  @inline(never)
  private mutating func string(from start: Place, plainTo stop: Place) -> Place? {
    var place = stop
    var output = stop
    while true {
      switch place.pointee {
      case UInt8(ascii: "\""):
        add(.string, from: start, to: output)
        return place + 1
      case UInt8(ascii: "\\"):
        guard let next = escape(place, &output) else { return nil }
        place = next
      case 0x80...:
        let length = Self.sequenceLength(place)
        guard length > 0 else { return fail("is not UTF-8", at: place) }
        move(place, length, &output)
        place += length
      default:
        return fail(
          place == end ? "the text ends within a string" : "has a control character in a string",
          at: place)
      }
      let next = skippingPlain(place)
      move(place, next - place, &output)
      place = next
    }
  }

  @inline(__always)
  private func move(_ place: Place, _ length: Int, _ output: inout Place) {
    if output != place { output.update(from: place, count: length) }
    output += length
  }

  /// Of a UTF-8 sequence of more than one byte, 0 if it is ill-formed: RFC 3629, section 4.
  ///
  /// The zero at the end is no continuation, so nothing is read past it.
  @inline(__always)
  private static func sequenceLength(_ place: Place) -> Int {
    func continues(_ index: Int) -> Bool { place[index] & 0xC0 == 0x80 }
    let second = place[1]
    switch place[0] {
    case 0xC2...0xDF: return continues(1) ? 2 : 0
    case 0xE0: return (0xA0...0xBF).contains(second) && continues(2) ? 3 : 0
    // 0xED 0xA0 and above would be surrogates.
    case 0xED: return (0x80...0x9F).contains(second) && continues(2) ? 3 : 0
    case 0xE1...0xEF: return continues(1) && continues(2) ? 3 : 0
    case 0xF0:
      return (0x90...0xBF).contains(second) && continues(2) && continues(3) ? 4 : 0
    case 0xF1...0xF3: return continues(1) && continues(2) && continues(3) ? 4 : 0
    case 0xF4:
      return (0x80...0x8F).contains(second) && continues(2) && continues(3) ? 4 : 0
    default: return 0
    }
  }

  // MARK: Escapes

  private mutating func escape(_ place: Place, _ output: inout Place) -> Place? {
    let byte: UInt8
    switch place[1] {
    case UInt8(ascii: "u"): return unicodeEscape(place, &output)
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): byte = place[1]
    case UInt8(ascii: "b"): byte = 0x08
    case UInt8(ascii: "f"): byte = 0x0C
    case UInt8(ascii: "n"): byte = 0x0A
    case UInt8(ascii: "r"): byte = 0x0D
    case UInt8(ascii: "t"): byte = 0x09
    default: return fail("has an unknown escape in a string", at: place)
    }
    output.pointee = byte
    output += 1
    return place + 2
  }

  private mutating func unicodeEscape(_ start: Place, _ output: inout Place) -> Place? {
    guard var code = Self.hexadecimal(start) else {
      return fail("has an ill-formed \\u escape in a string", at: start)
    }
    var place = start + 6
    if code & 0xF800 == 0xD800 {
      guard code < 0xDC00, place[0] == UInt8(ascii: "\\"), place[1] == UInt8(ascii: "u"),
        let low = Self.hexadecimal(place), low & 0xFC00 == 0xDC00
      else { return fail("has half a surrogate pair in a string", at: start) }
      code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
      place += 6
    }
    for byte in UTF8.encode(Unicode.Scalar(code)!)! {
      output.pointee = byte
      output += 1
    }
    return place
  }

  /// - Parameter place: of `\uXXXX`. Nothing is read past the first byte that is no digit.
  private static func hexadecimal(_ place: Place) -> UInt32? {
    var code: UInt32 = 0
    for index in 2..<6 {
      let digit: UInt8
      switch place[index] {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = place[index] - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = place[index] - UInt8(ascii: "a") + 10
      case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = place[index] - UInt8(ascii: "A") + 10
      default: return nil
      }
      code = code << 4 | UInt32(digit)
    }
    return code
  }
}
