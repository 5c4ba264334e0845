import EventCore

/// Which `received_at` the triggers of each block of 1,024 have: a query by time skips the blocks
/// that can hold none, however the clock stepped and whatever was replayed in between.
///
/// The writer widens a block once per transaction (`ReceivedTimes` does the same for events).
struct ReceivedBlocks {
  let connection: Connection

  private static let bits: Int64 = 10

  static func block(of seq: Int64) -> Int64 { seq >> bits }

  private static func seqs(of block: Int64) -> ClosedRange<Int64> {
    block << bits...(block << bits | (1 << bits - 1))
  }

  /// Where triggers may be that were received then: `seq`s in growing order, neighbours merged.
  func ranges(_ received: Range<Timestamp>?) throws(SQLiteError) -> [ClosedRange<Int64>] {
    guard let received else { return [Int64.min...Int64.max] }
    var ranges: [ClosedRange<Int64>] = []
    try connection.forEach(
      """
      SELECT block FROM blocks WHERE received_max >= ?1 AND received_min < ?2 ORDER BY block
      """, received.lowerBound, received.upperBound
    ) { (row) throws(SQLiteError) in
      let seqs = Self.seqs(of: row.integer(0))
      if let last = ranges.last, last.upperBound + 1 == seqs.lowerBound {
        ranges[ranges.count - 1] = last.lowerBound...seqs.upperBound
      } else {
        ranges.append(seqs)
      }
    }
    return ranges
  }

  func widen(_ block: Int64, to times: ClosedRange<Timestamp>) throws(SQLiteError) {
    try connection.run(
      """
      INSERT INTO blocks VALUES (?1, ?2, ?3)
      ON CONFLICT DO UPDATE
      SET received_min = min(received_min, ?2), received_max = max(received_max, ?3)
      """, block, times.lowerBound, times.upperBound)
  }

  func removeIfEmpty(_ block: Int64) throws(SQLiteError) {
    let seqs = Self.seqs(of: block)
    try connection.run(
      """
      DELETE FROM blocks WHERE block = ?1
        AND NOT EXISTS (SELECT 1 FROM triggers WHERE seq BETWEEN ?2 AND ?3)
      """, block, seqs.lowerBound, seqs.upperBound)
  }
}
