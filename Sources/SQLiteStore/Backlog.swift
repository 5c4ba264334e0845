import EventCore

/// How many unfinished invocations each function and each organization has. The writer's: it counts in
/// memory, and writes what has changed with each transaction, once per function.
final class Backlog {
  private let connection: Connection
  private let limits: StoreLimits
  /// By the function's number in `names`; nil until they are needed.
  private var counts: [Int64: Int]?
  /// By the organization's number.
  private var totals: [Int64: Int] = [:]
  private var total = 0
  /// Of the open transaction.
  private var changed: Set<Int64> = []

  init(on connection: Connection, limits: StoreLimits) {
    self.connection = connection
    self.limits = limits
  }

  enum Room: Equatable {
    case enough
    case fullFunction(Int64)
    case fullOrganization
    case full
  }

  /// Whether so many more of an organization may be taken.
  func room(for functions: [Int64], of organization: Int64) throws(SQLiteError) -> Room {
    let counts = try loaded()
    var wanted: [Int64: Int] = [:]
    for function in functions {
      let count = wanted[function, default: counts[function] ?? 0] + 1
      if count > limits.backlogPerFunctionMax { return .fullFunction(function) }
      wanted[function] = count
    }
    if totals[organization, default: 0] + functions.count > limits.backlogPerOrganizationMax {
      return .fullOrganization
    }
    return total + functions.count <= limits.backlogMax ? .enough : .full
  }

  func add(
    _ count: Int, to function: Int64, of organization: Int64
  ) throws(SQLiteError) {
    let sum = (try loaded()[function] ?? 0) + count
    guard sum >= 0 else { throw .damaged("function \(function) has \(sum) unfinished invocations") }
    counts?[function] = sum == 0 ? nil : sum
    let all = totals[organization, default: 0] + count
    totals[organization] = all == 0 ? nil : all
    total += count
    changed.insert(function)
  }

  /// The last thing in a transaction.
  func write() throws(SQLiteError) {
    guard !changed.isEmpty else { return }
    let counts = try loaded()
    for function in changed {
      if let count = counts[function] {
        try connection.run(
          "INSERT OR REPLACE INTO backlog (function, count) VALUES (?1, ?2)", function, count)
      } else {
        try connection.run("DELETE FROM backlog WHERE function = ?1", function)
      }
    }
  }

  func committed() { changed.removeAll(keepingCapacity: true) }

  /// Must be called when a transaction was rolled back: what is stored counts.
  func forget() {
    counts = nil
    changed.removeAll()
  }

  private func loaded() throws(SQLiteError) -> [Int64: Int] {
    if let counts { return counts }
    var stored: [Int64: Int] = [:]
    totals = [:]
    total = 0
    try connection.forEach(
      """
      SELECT b.function, b.count, o.id FROM backlog b
      JOIN names f ON f.id = b.function
      JOIN names o ON o.kind = 1 AND o.organization = f.organization AND o.name = ''
      """
    ) { (row) throws(SQLiteError) in
      let count = Int(row.integer(1))
      stored[row.integer(0)] = count
      totals[row.integer(2), default: 0] += count
      total += count
    }
    counts = stored
    return stored
  }
}
