import Fairness
import Testing

@Suite struct ShareTests {
  /// Takes one by one as long as it may.
  private func fill(_ share: inout Share<String>, _ owner: String) -> Int {
    while share.room(for: owner) > 0 { share.take(1, for: owner) }
    return share.amount(of: owner)
  }

  @Test func `each who comes finds some, and takes no more than it leaves`() {
    var share = Share<String>(limit: 100)
    #expect(["a", "b", "c", "d", "e"].map { fill(&share, $0) } == [50, 25, 13, 6, 3])
    #expect(share.taken == 97)
    #expect(share.room(for: "a") <= 0)
  }

  @Test(arguments: [(1, 1), (2, 1), (3, 2), (4, 2)])
  func `alone one gets half, at least one`(limit: Int, expected: Int) {
    var share = Share<String>(limit: limit)
    #expect(fill(&share, "a") == expected)
  }

  @Test func `at once or one by one, it is the same`() {
    for limit in [1, 2, 7, 64, 101] {
      var slow = Share<String>(limit: limit)
      var quick = Share<String>(limit: limit)
      for owner in ["a", "b", "c"] {
        _ = fill(&slow, owner)
        quick.take(max(0, quick.room(for: owner)), for: owner)
        #expect(quick.amount(of: owner) == slow.amount(of: owner))
      }
    }
  }

  @Test func `what is given back is there for all`() {
    var share = Share<String>(limit: 100)
    _ = fill(&share, "a")
    _ = fill(&share, "b")
    share.give(50, from: "a")
    #expect(share.amount(of: "a") == 0 && share.taken == 25)
    #expect(fill(&share, "b") == 50)
    share.give(50, from: "b")
    #expect(share.taken == 0 && share.room(for: "b") == 50)
  }
}
