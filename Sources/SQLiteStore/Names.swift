import EventCore

/// The numbers that the database uses for names. The writer's: it adds those that are missing.
///
/// Names stay when the last definition is gone, as their triggers do.
final class Names {
  /// Stored in `names.kind`.
  enum Kind: Int, Hashable {
    case organization = 1
    case event, function, subscription, group
  }

  private struct Key: Hashable {
    let kind: Kind
    let organization: Organization
    let name: String
  }

  private let connection: Connection
  private let rememberedMax: Int
  private var numbers: [Key: Int64] = [:]

  init(on connection: Connection, rememberedMax: Int) {
    self.connection = connection
    self.rememberedMax = rememberedMax
  }

  /// The name's number, given to it now if it has none.
  func number(
    _ kind: Kind, _ organization: Organization, _ name: String = ""
  ) throws(SQLiteError) -> Int64 {
    let key = Key(kind: kind, organization: organization, name: name)
    if let known = numbers[key] { return known }
    let found = try Self.find(kind, organization, name, on: connection)
    let number = if let found { found } else { try insert(key) }
    if numbers.count >= rememberedMax { numbers.removeAll(keepingCapacity: true) }
    numbers[key] = number
    return number
  }

  /// Must be called when a transaction was rolled back: it may have taken names with it.
  func forget() { numbers.removeAll(keepingCapacity: true) }

  /// The name's number if it has one; for readers.
  static func find(
    _ kind: Kind, _ organization: Organization, _ name: String = "", on connection: Connection
  ) throws(SQLiteError) -> Int64? {
    try connection.first(
      "SELECT id FROM names WHERE kind = ?1 AND organization = ?2 AND name = ?3",
      kind.rawValue, organization.name, name
    ) { $0.integer(0) }
  }

  /// Whose number it is.
  ///
  /// - Precondition: some row refers to it.
  static func lane(
    ofFunction number: Int64, on connection: Connection
  ) throws(SQLiteError) -> Lane {
    let lane = try connection.first("SELECT organization, name FROM names WHERE id = ?1", number) {
      Lane(Organization(unchecked: $0.text(0)), $0.text(1))
    }
    guard let lane else { throw .damaged("the name \(number) is gone") }
    return lane
  }

  private func insert(_ key: Key) throws(SQLiteError) -> Int64 {
    try connection.run(
      "INSERT INTO names (kind, organization, name) VALUES (?1, ?2, ?3)",
      key.kind.rawValue, key.organization.name, key.name)
    return connection.lastInsertedRow
  }
}
