import EventCore
import Testing

@Suite struct UniqueIDTests {
  @Test func `the example of RFC 9562 reads and writes the same`() throws {
    // Appendix A.6.
    let text = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"
    let id = try #require(UniqueID(text))
    #expect(id.high == 0x017F_22E2_79B0_7CC3)
    #expect(id.low == 0x98C4_DC0C_0C07_398F)
    #expect(id.description == text)
  }

  @Test func `random ids come back from their text`() {
    for _ in 0..<1_000 {
      let id = UniqueID(high: .random(in: 0...(.max)), low: .random(in: 0...(.max)))
      #expect(UniqueID(id.description) == id)
    }
  }

  @Test(arguments: [
    "", "017f22e279b07cc398c4dc0c0c07398f", "017f22e2-79b0-7cc3-98c4-dc0c0c07398",
    "017f22e2-79b0-7cc3-98c4-dc0c0c07398f0", "017f22e2-79b0-7cc3-98c4dc-0c0c07398f",
    "017g22e2-79b0-7cc3-98c4-dc0c0c07398f", "{017f22e2-79b0-7cc3-98c4-dc0c0c07398f}",
    "+17f22e2-79b0-7cc3-98c4-dc0c0c07398f", "017f22e2-79b0-7cc3-98c4-+c0c0c07398f",
    "-17f22e2-79b0-7cc3-98c4-dc0c0c07398f", "017F22E2-79B0-7CC3-98C4-DC0C0C07398F",
    " 17f22e2-79b0-7cc3-98c4-dc0c0c07398f",
  ])
  func `only the canonical form is taken`(_ text: String) {
    #expect(UniqueID(text) == nil)
  }

  @Test func `an id says its version, its variant and its time`() {
    let time = Timestamp(nanoseconds: 1_645_557_742_000_000_000)
    for _ in 0..<100 {
      let id = UniqueID(at: time)
      #expect(id.high >> 12 & 0xF == 7)
      #expect(id.low >> 62 == 0b10)
      #expect(id.high >> 16 == 1_645_557_742_000)
    }
  }

  @Test func `ids sort by time, also within a millisecond`() {
    let base = 1_800_000_000_000_000_000 as Int64
    let ids = [0, 250, 1_000, 500_000, 999_999, 1_000_000, 5_000_000].map {
      UniqueID(at: Timestamp(nanoseconds: base + $0))
    }
    #expect(ids == ids.sorted())
    #expect(ids.map(\.description) == ids.map(\.description).sorted())
    #expect(Set(ids.map(\.high)).count == ids.count)
  }

  @Test func `ids of one moment differ`() {
    let now = Timestamp.now()
    #expect(Set((0..<1_000).map { _ in UniqueID(at: now) }).count == 1_000)
  }

  @Test func `times before 1970 give the smallest ids`() {
    #expect(UniqueID(at: Timestamp(nanoseconds: -1)).high == 0x7000)
  }

  @Test func `an invocation's id comes back from its text`() throws {
    let id = InvocationID(triggerID: UniqueID(at: .now()), ordinal: 999)
    #expect(InvocationID(id.description) == id)
    for bad in ["", "x", "\(id.triggerID)", "\(id.triggerID).", "\(id.triggerID).1000"] {
      #expect(InvocationID(bad) == nil)
    }
    for bad in ["-1", "+1", "01", "1.0"] { #expect(InvocationID("\(id.triggerID).\(bad)") == nil) }
  }
}
