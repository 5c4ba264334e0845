import EventCore

/// An invocation's row number: its trigger's `seq` and its ordinal in one.
///
/// The ordinal counts down from 1,023, so that walking the table backwards gives the newest trigger
/// first and within it ordinal 0 first, which is the order of `EventStore.invocations`.
struct InvocationKey: SQLValue {
  let rowID: Int64

  private static let ordinalBits: Int64 = 10
  private static let ordinalMask: Int64 = 1 << ordinalBits - 1

  /// - Precondition: the ordinal is below `EventCore.Limits.invocationsPerTriggerMax` (1,000).
  init(seq: Int64, ordinal: Int) {
    precondition((0..<Limits.invocationsPerTriggerMax).contains(ordinal), "ordinal \(ordinal)")
    rowID = seq << Self.ordinalBits | (Self.ordinalMask - Int64(ordinal))
  }

  init(rowID: Int64) { self.rowID = rowID }

  var seq: Int64 { rowID >> Self.ordinalBits }
  var ordinal: Int { Int(Self.ordinalMask - rowID & Self.ordinalMask) }

  /// All keys that the invocations of a trigger can have.
  static func range(ofTrigger seq: Int64) -> (first: InvocationKey, last: InvocationKey) {
    let first = seq << ordinalBits
    return (InvocationKey(rowID: first), InvocationKey(rowID: first | ordinalMask))
  }

  /// The bounds of the keys of triggers from and through a `seq`; it may be any number.
  static func first(from seq: Int64) -> InvocationKey {
    InvocationKey(rowID: max(seq, 0) << ordinalBits)
  }

  static func last(through seq: Int64) -> InvocationKey {
    InvocationKey(rowID: min(seq, .max >> ordinalBits) << ordinalBits | ordinalMask)
  }

  func bind(to statement: OpaquePointer, at index: Int32) -> Int32 {
    rowID.bind(to: statement, at: index)
  }
}
