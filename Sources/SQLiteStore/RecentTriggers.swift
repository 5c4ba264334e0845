import EventCore

/// Triggers that were accepted a moment ago and what the writer needs to know of their invocations to
/// finish them: it is the only one who changes them, so it need not read what it has just written.
///
/// Only of triggers without groups and ordering keys, of which nothing is held: what becomes of their
/// invocations is nobody else's matter. Whoever changes one other than by `change`, or holds it, must
/// `forget` it.
final class RecentTriggers {
  struct Entry {
    let place: TriggerPlace
    /// By ordinal.
    fileprivate(set) var rows: [InvocationRow]
    fileprivate var unfinished: Int
    fileprivate var ending = InvocationTable.Ending(hasFailed: false, place: 0)
  }

  private let countMax: Int
  private var entries: [UniqueID: Entry] = [:]

  init(countMax: Int) {
    self.countMax = countMax
  }

  subscript(id: UniqueID) -> Entry? { entries[id] }

  /// - Parameter rows: by ordinal; none is finished.
  func add(_ place: TriggerPlace, _ rows: [InvocationRow]) {
    // Those that are left are old, and read from the tables again.
    if entries.count >= countMax { entries.removeAll(keepingCapacity: true) }
    entries[place.id] = Entry(place: place, rows: rows, unfinished: rows.count)
  }

  /// An invocation is written as it is now.
  ///
  /// - Returns: how the trigger ended, once nothing of it is left to do.
  func change(
    _ row: InvocationRow, of id: UniqueID, place: Int64
  ) -> InvocationTable.Ending? {
    guard var entry = entries.removeValue(forKey: id) else { return nil }
    entry.rows[row.key.ordinal] = row
    entry.ending.place = place
    if row.state.isTerminal { entry.unfinished -= 1 }
    if row.state == .failed { entry.ending.hasFailed = true }
    guard entry.unfinished > 0 else { return entry.ending }
    entries[id] = entry
    return nil
  }

  func forget(_ id: UniqueID) { entries[id] = nil }

  /// Must be called when a transaction was rolled back.
  func forgetAll() { entries.removeAll(keepingCapacity: true) }
}
