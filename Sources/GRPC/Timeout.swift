import NIOCore

/// The value of `grpc-timeout`: 1 to 8 digits and a unit (PROTOCOL-HTTP2.md, "Timeout").
enum Timeout {
  /// Nil if ill-formed. Timeouts beyond the clock, about 292 years, are the longest it can tell.
  static func decode(_ text: UnsafeRawBufferPointer) -> TimeAmount? {
    guard text.count >= 2, text.count <= 9, let unit = unitNs(text[text.count - 1])
    else { return nil }
    var amount: Int64 = 0
    for byte in text.dropLast() {
      guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
      amount = amount * 10 + Int64(byte - UInt8(ascii: "0"))
    }
    let (ns, isOver) = amount.multipliedReportingOverflow(by: unit)
    return .nanoseconds(isOver ? .max : ns)
  }

  private static func unitNs(_ unit: UInt8) -> Int64? {
    switch unit {
    case UInt8(ascii: "n"): 1
    case UInt8(ascii: "u"): 1_000
    case UInt8(ascii: "m"): 1_000_000
    case UInt8(ascii: "S"): 1_000_000_000
    case UInt8(ascii: "M"): 60_000_000_000
    case UInt8(ascii: "H"): 3_600_000_000_000
    default: nil
    }
  }

  /// The finest unit in which `timeout` has at most eight digits, rounded up so that the server
  /// never gives up before the client does. Negative timeouts are 0.
  static func encode(_ timeout: TimeAmount) -> String {
    let ns = max(0, timeout.nanoseconds)
    for (unit, unitNs): (Character, Int64) in [
      ("n", 1), ("u", 1_000), ("m", 1_000_000), ("S", 1_000_000_000), ("M", 60_000_000_000),
    ] {
      let amount = ns / unitNs + (ns % unitNs == 0 ? 0 : 1)
      if amount <= 99_999_999 { return "\(amount)\(unit)" }
    }
    return "\(min(99_999_999, ns / 3_600_000_000_000 + 1))H"
  }
}
