import JSON
import TestSupport
import Testing

@Suite struct JSONFuzzTests {
  @Test func `random documents read as the plain way reads them`() throws {
    var random = RandomJSON(SeededRandom.announced(for: "JSON"))
    for _ in FuzzRounds(600) {
      let text = random.text(depth: 4)
      let document = try? JSONDocument(text)
      #expect(document?.read { ReferenceValue($0) } == ReferenceValue.read(text), "\(text)")
      // Its own text says the same.
      guard let document else { continue }
      let copy = try JSONDocument(document.read { $0.json })
      #expect(copy.read { ReferenceValue($0) } == document.read { ReferenceValue($0) }, "\(text)")
    }
  }

  @Test func `broken documents are taken or refused as the plain way does it`() {
    var random = RandomJSON(SeededRandom.announced(for: "broken JSON"))
    for _ in FuzzRounds(1_500) {
      let text = random.broken(random.text(depth: 3))
      let document = try? JSONDocument(text)
      #expect(document?.read { ReferenceValue($0) } == ReferenceValue.read(text), "\(text)")
    }
  }

  @Test func `numbers compare as integers of 128 bits do`() throws {
    var random = RandomJSON(SeededRandom.announced(for: "numbers"))
    for _ in FuzzRounds(3_000) {
      let (one, first) = random.decimal()
      let (other, second) = random.decimal()
      let left = try #require(JSONNumber(json: one))
      let right = try #require(JSONNumber(json: other))
      #expect((left < right) == (first < second), "\(one) \(other)")
      #expect((left == right) == (first == second), "\(one) \(other)")
      #expect((left.hashValue == right.hashValue) || first != second, "\(one) \(other)")
      #expect(left.isInteger == (first % RandomJSON.scale == 0), "\(one)")
      #expect(JSONNumber(json: left.description) == left, "\(one)")
      if first % RandomJSON.scale == 0 {
        #expect(left.int64 == Int64(exactly: first / RandomJSON.scale), "\(one)")
      }
      if second > 0 {
        #expect(left.isMultiple(of: right) == (first % second == 0), "\(one) \(other)")
      }
    }
  }
}
