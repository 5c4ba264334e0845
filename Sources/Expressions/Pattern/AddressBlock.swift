/// The addresses that begin with the same bits, as `10.0.0.0/24` and `2001:db8::/32` write it:
/// RFC 4632, section 3.1, and RFC 4291, section 2.3.
struct AddressBlock: Sendable {
  private let first: Address
  private let mask: UInt128

  /// - Returns: nil if it is no address, a slash, and how many bits count. Bits past those are
  ///   allowed and ignored.
  init?(_ text: UnsafeBufferPointer<UInt8>) {
    guard let slash = text.firstIndex(of: UInt8(ascii: "/")),
      let address = Address(text[..<slash]),
      let bits = Address.number(text[(slash + 1)...], digitsMax: 3), bits <= address.width
    else { return nil }
    first = address
    let rest = UInt128(address.width - bits)
    mask = rest == 128 ? 0 : ~0 << rest
  }

  /// Whether `text` is an address in the block. An IPv4 address is in no block of IPv6's, however it
  /// is written.
  func contains(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    guard text.count <= Address.textBytesMax, let address = Address(text[...]) else { return false }
    return address.width == first.width && address.bits & mask == first.bits & mask
  }
}

/// An IP address in text: RFC 4632 for version 4 (four decimal numbers), RFC 4291, section 2.2, for
/// version 6. No names, no zones, no leading zeros in version 4.
private struct Address {
  typealias Text = Slice<UnsafeBufferPointer<UInt8>>

  static let textBytesMax = 45
  var bits: UInt128 = 0
  var width: Int

  init?(_ text: Text) {
    if text.contains(UInt8(ascii: ":")) {
      width = 128
      guard let bits = Self.version6(text) else { return nil }
      self.bits = bits
    } else {
      width = 32
      guard let bits = Self.version4(text) else { return nil }
      self.bits = bits
    }
  }

  private static func version4(_ text: Text) -> UInt128? {
    var bits: UInt128 = 0
    var rest = text
    for place in 0..<4 {
      let end = place < 3 ? rest.firstIndex(of: UInt8(ascii: ".")) : rest.endIndex
      guard let end, let byte = number(rest[..<end], digitsMax: 3), byte < 256 else { return nil }
      bits = bits << 8 | UInt128(byte)
      rest = rest[min(end + 1, rest.endIndex)...]
    }
    return bits
  }

  private static func version6(_ text: Text) -> UInt128? {
    guard let gap = gap(in: text) else {
      guard let all = groups(text), all.count == 8 else { return nil }
      return all.bits
    }
    guard !text[..<gap].contains(UInt8(ascii: ".")), let head = groups(text[..<gap]),
      let tail = groups(text[(gap + 2)...]), head.count + tail.count < 8
    else { return nil }
    return head.bits << UInt128(16 * (8 - head.count)) | tail.bits
  }

  /// Where `::` is.
  private static func gap(in text: Text) -> Int? {
    text.indices.dropLast().first {
      text[$0] == UInt8(ascii: ":") && text[$0 + 1] == UInt8(ascii: ":")
    }
  }

  /// Groups of up to four hexadecimal digits with colons between; the last may be an IPv4 address,
  /// which is two.
  private static func groups(_ text: Text) -> (bits: UInt128, count: Int)? {
    var bits: UInt128 = 0
    var count = 0
    var rest = text
    while !rest.isEmpty {
      let end = rest.firstIndex(of: UInt8(ascii: ":"))
      let group = rest[..<(end ?? rest.endIndex)]
      if end == nil, group.contains(UInt8(ascii: ".")) {
        guard let last = version4(group) else { return nil }
        bits = bits << 32 | last
        count += 2
      } else {
        guard let value = hexadecimal(group) else { return nil }
        bits = bits << 16 | value
        count += 1
      }
      guard count <= 8 else { return nil }
      guard let end else { break }
      rest = rest[(end + 1)...]
      if rest.isEmpty { return nil }
    }
    return (bits, count)
  }

  private static func hexadecimal(_ text: Text) -> UInt128? {
    guard (1...4).contains(text.count) else { return nil }
    var value: UInt128 = 0
    for byte in text {
      guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { return nil }
      value = value << 4 | UInt128(digit)
    }
    return value
  }

  /// Decimal, without leading zeros.
  static func number(_ text: Text, digitsMax: Int) -> Int? {
    guard (1...digitsMax).contains(text.count),
      text.count == 1 || text.first != UInt8(ascii: "0")
    else { return nil }
    var value = 0
    for byte in text {
      guard byte &- 0x30 < 10 else { return nil }
      value = value * 10 + Int(byte &- 0x30)
    }
    return value
  }
}
