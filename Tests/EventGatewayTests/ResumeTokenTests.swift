import EventCore
import TestSupport
import Testing

@testable import EventGateway

@Suite struct ResumeTokenTests {
  private let triggerID = UniqueID(at: Timestamp(nanoseconds: 1_000_000_000))

  static let revisions: [[Int32]] = [
    [], [0], [-1], [0, 0, 0], [1, 0, -1, 5], [127, 128, 1 << 29 - 1],
    Array(repeating: 3, count: 1_000), (0..<1_000).map { Int32($0 % 2) * 1_000 },
  ]

  @Test(arguments: revisions)
  func `a token comes back as it was`(_ revisions: [Int32]) throws {
    let token = ResumeToken(triggerID, revisions: revisions)
    #expect(ResumeToken(token.text) == token)
  }

  @Test(arguments: 0..<20)
  func `any revisions come back`(_ seed: Int) throws {
    var random = SeededRandom(seed: UInt64(seed))
    let count = Int.random(in: 0...1_000, using: &random)
    let revisions = (0..<count).map { _ in Int32.random(in: -1...2, using: &random) }
    let token = ResumeToken(triggerID, revisions: revisions)
    #expect(ResumeToken(token.text) == token)
  }

  @Test func `invocations with the same revision take no room`() {
    let one = ResumeToken(triggerID, revisions: [0]).text
    let many = ResumeToken(triggerID, revisions: Array(repeating: 0, count: 1_000)).text
    #expect(one.utf8.count == 54)
    #expect(many.utf8.count == 56)
  }

  @Test func `a token with any one character changed is refused`() {
    let text = Array(ResumeToken(triggerID, revisions: [1, 1, 0]).text)
    for index in text.indices {
      for replacement in ["0", "1", "f", "g", "F"] where text[index] != Character(replacement) {
        var garbled = text
        garbled[index] = Character(replacement)
        #expect(ResumeToken(String(garbled)) == nil, "\(index) \(replacement)")
      }
    }
  }

  @Test func `a token that breaks off, or goes on, is refused`() {
    let text = ResumeToken(triggerID, revisions: [1, 1, 0]).text
    for length in 0..<text.count { #expect(ResumeToken(String(text.prefix(length))) == nil) }
    #expect(ResumeToken(text + "00") == nil)
  }

  @Test(arguments: ["", "x", "zz", "é", "00", String(repeating: "0", count: 50)])
  func `text that never was a token is refused`(_ text: String) {
    #expect(ResumeToken(text) == nil)
  }

  @Test func `more invocations than a trigger has are refused, whatever the checksum says`() {
    let most = ResumeToken(triggerID, revisions: Array(repeating: 0, count: 1_000))
    #expect(ResumeToken(most.text) == most)
    let more = ResumeToken(triggerID, revisions: Array(repeating: 0, count: 1_001))
    #expect(ResumeToken(more.text) == nil)
  }

  @Test func `a revision past all bounds is refused`() {
    #expect(ResumeToken(ResumeToken(triggerID, revisions: [1 << 29 - 1]).text) != nil)
    #expect(ResumeToken(ResumeToken(triggerID, revisions: [1 << 29]).text) == nil)
  }

  @Test func `a text longer than any token is refused`() {
    #expect(ResumeToken(String(repeating: "0", count: 1 << 20)) == nil)
  }
}
