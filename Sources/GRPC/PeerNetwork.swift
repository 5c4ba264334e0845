import NIOCore

/// Whom connections are counted for: an IPv4 address, or the first 64 bits of an IPv6 address, which
/// is what one customer of a network gets at least (RFC 6177).
struct PeerNetwork: Hashable {
  private let bits: UInt64

  /// Tells 127.0.0.1 from an IPv6 network with the same bits.
  private let isIPv4: Bool

  /// Nil for a peer without a network, as that of a Unix domain socket.
  init?(_ address: SocketAddress?) {
    guard let address else { return nil }
    switch address.protocol {
    case .inet: self.init(ipv4: address.word(at: 4))
    // An IPv4 peer of a socket that takes both is ::ffff:a.b.c.d (RFC 4291 section 2.5.5.2).
    case .inet6 where address.isIPv4Mapped: self.init(ipv4: address.word(at: 20))
    case .inet6: self.init(bits: address.word(at: 8), isIPv4: false)
    default: return nil
    }
  }

  private init(ipv4 address: UInt32) { self.init(bits: UInt64(address), isIPv4: true) }

  private init(bits: UInt64, isIPv4: Bool) {
    self.bits = bits
    self.isIPv4 = isIPv4
  }
}

extension SocketAddress {
  /// Of sockaddr_in, whose address starts at byte 4, or sockaddr_in6, where it starts at 8.
  fileprivate func word<Word: FixedWidthInteger>(at offset: Int) -> Word {
    withSockAddr { address, count in
      UnsafeRawBufferPointer(start: address, count: count)
        .loadUnaligned(fromByteOffset: offset, as: Word.self)
    }
  }

  fileprivate var isIPv4Mapped: Bool {
    word(at: 8) as UInt64 == 0 && UInt32(bigEndian: word(at: 16)) == 0xffff
  }
}
