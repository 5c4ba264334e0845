import EventCore
import Messages
import TestSupport
import Testing

/// Bytes of chance through every type. The seed is printed; `FUZZ_SEED=n` runs the same bytes again.
struct FuzzTests {
  static let rounds = 20_000

  @Test func `random bytes never crash, and what they unpack to packs again`() throws {
    var random = SeededRandom.announced(for: "random bytes")
    var (valid, last) = (0, 0)
    for round in FuzzRounds(Self.rounds) {
      last = round
      let size = Int.random(in: 0...64, using: &random)
      let bytes = (0..<size).map { _ in UInt8.random(in: 0...255, using: &random) }
      if try survive(bytes, as: MessageType.all[round % MessageType.all.count]) { valid += 1 }
    }
    #expect(valid > last / 100)
  }

  @Test func `mutated messages never crash, and what they unpack to packs again`() throws {
    var random = SeededRandom.announced(for: "mutated messages")
    let samples = MessageType.all.map { type in
      (0..<type.shape.alternatives).map { SampleMessage.bytes(of: type.shape, alternative: $0) }
    }
    var (valid, last) = (0, 0)
    for round in FuzzRounds(Self.rounds) {
      last = round
      let index = round % samples.count
      var bytes = samples[index].randomElement(using: &random)!
      let other = samples.randomElement(using: &random)![0]
      for _ in 0..<Int.random(in: 1...2, using: &random) {
        mutate(&bytes, with: other, &random)
      }
      if try survive(bytes, as: MessageType.all[index]) { valid += 1 }
    }
    #expect(valid > last / 20)
  }

  /// Whether the bytes are a message after all.
  private func survive(_ bytes: [UInt8], as type: MessageType) throws -> Bool {
    _ = try? type.repack(bytes, .client)
    guard let packed = try? type.repack(bytes, .server) else { return false }
    let again = try type.repack(packed, .server)
    #expect(again == packed, "\(type.shape.name) of \(bytes)")
    return true
  }

  private func mutate(
    _ bytes: inout [UInt8], with other: [UInt8], _ random: inout SeededRandom
  ) {
    let place = Int.random(in: 0...bytes.count, using: &random)
    let end = min(bytes.count, place + Int.random(in: 1...8, using: &random))
    switch Int.random(in: 0..<7, using: &random) {
    case 0 where place < end: bytes[place] ^= 1 << UInt8.random(in: 0...7, using: &random)
    case 1 where place < end: bytes[place] = [0, 0x7F, 0x80, 0xFF].randomElement(using: &random)!
    case 2: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
    case 3: bytes.removeSubrange(place..<end)
    case 4: bytes.insert(contentsOf: bytes[place..<end], at: place)
    case 5: bytes.insert(contentsOf: other.prefix(64), at: place)
    default: bytes.insert(contentsOf: [UInt8].varint(.max), at: place)
    }
  }
}
