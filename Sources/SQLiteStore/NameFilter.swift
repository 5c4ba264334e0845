import EventCore

/// Turns what a query names into the database's numbers.
struct NameFilter {
  let organization: Organization
  let connection: Connection

  var organizationNumber: Int64? {
    get throws(SQLiteError) {
      try Names.find(.organization, organization, on: connection)
    }
  }

  /// - Parameter name: nil for any; then the number stays nil.
  /// - Returns: false if the name has never been seen, so nothing can match.
  func find(
    _ kind: Names.Kind, _ name: String?, _ number: inout Int64?
  ) throws(SQLiteError) -> Bool {
    guard let name else { return true }
    number = try Names.find(kind, organization, name, on: connection)
    return number != nil
  }
}

extension Set<Invocation.State> {
  /// Bit n for state n; all of them if it is empty.
  var bits: Int64 {
    (isEmpty ? Set(Invocation.State.allCases) : self).reduce(0) { $0 | 1 << Int64($1.rawValue) }
  }
}
