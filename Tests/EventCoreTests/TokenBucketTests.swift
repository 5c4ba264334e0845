import EventCore
import TestSupport
import Testing

@Suite struct TokenBucketTests {
  private let start = Timestamp(nanoseconds: 1_000_000_000)

  private func bucket(_ perSecond: Double, burst: Int32 = 0) -> TokenBucket {
    var limit = RateLimit()
    (limit.perSecond, limit.burst) = (perSecond, burst)
    return TokenBucket(limit)
  }

  /// How many may start at once.
  private func burst(_ bucket: TokenBucket, at now: Timestamp) -> Int {
    var bucket = bucket
    var count = 0
    while bucket.waitEnd(at: now) == nil {
      bucket.take(at: now)
      count += 1
    }
    return count
  }

  @Test func `at first as many may start as the burst says, by default one second's`() {
    #expect(burst(bucket(5), at: start) == 5)
    #expect(burst(bucket(2.9), at: start) == 2)
    #expect(burst(bucket(0.1), at: start) == 1)
    #expect(burst(bucket(5, burst: 12), at: start) == 12)
    #expect(burst(bucket(100_000, burst: 1), at: start) == 1)
  }

  @Test func `the next may start when its time has come, and not a nanosecond before`() throws {
    for perSecond in [0.00001, 0.3, 1, 7, 999.9, 100_000] {
      var bucket = bucket(perSecond, burst: 1)
      bucket.take(at: start)
      let end = try #require(bucket.asked(at: start))
      let exact = 1e9 / perSecond
      #expect(abs(Double((end - start).wholeNanoseconds) - exact) <= 2 + exact * 1e-12)
      #expect(bucket.asked(at: end) == nil)
      bucket.take(at: end)
      #expect(bucket.asked(at: end) != nil)
    }
  }

  @Test func `a pause brings the burst back, and no more`() {
    var bucket = bucket(10, burst: 4)
    for _ in 0..<4 { bucket.take(at: start) }
    #expect(burst(bucket, at: start + .milliseconds(250)) == 2)
    #expect(burst(bucket, at: start + .seconds(3_600)) == 4)
  }

  @Test func `a clock that is set back brings nothing and takes nothing`() {
    var bucket = bucket(10, burst: 2)
    bucket.take(at: start)
    let back = start + .seconds(-3_600)
    #expect(burst(bucket, at: back) == 1)
    // From there on time counts again.
    _ = bucket.waitEnd(at: back)
    #expect(burst(bucket, at: back + .milliseconds(100)) == 2)
  }

  /// Whatever the moments at which it is asked: in each span of time no more start than the rate and
  /// the burst allow, and no fewer if somebody always wants to.
  @Test(arguments: (0..<20).map { _ in UInt64.random(in: 0...(.max)) })
  func `the rate is kept`(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let perSecond = Double.random(in: 0.5...5_000, using: &random)
    let most = Int.random(in: 1...20, using: &random)
    var bucket = bucket(perSecond, burst: Int32(most))
    var (now, starts) = (start, [Timestamp]())
    while starts.count < 500 {
      if let end = bucket.waitEnd(at: now) {
        // As a timer is: never early.
        now = end + .nanoseconds(Int64.random(in: 0..<1_000, using: &random))
      } else {
        bucket.take(at: now)
        starts.append(now)
      }
    }
    for first in stride(from: 0, to: 500, by: 37) {
      for last in stride(from: first, to: 500, by: 41) {
        let seconds = Double((starts[last] - starts[first]).wholeNanoseconds) / 1e9
        #expect(
          Double(last - first) <= Double(most) + seconds * perSecond + 1e-3, "seed \(seed)")
      }
    }
    let seconds = Double((starts[499] - starts[0]).wholeNanoseconds) / 1e9
    #expect(seconds * perSecond <= Double(500 - most) * 1.01 + 1, "seed \(seed)")
  }
}

extension TokenBucket {
  /// The answer, for expectations, which take no mutating calls.
  fileprivate func asked(at now: Timestamp) -> Timestamp? {
    var copy = self
    return copy.waitEnd(at: now)
  }
}
