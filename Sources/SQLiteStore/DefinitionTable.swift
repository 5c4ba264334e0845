import EventCore

/// The definitions, who refers to whom, and how many there are.
struct DefinitionTable {
  let connection: Connection

  // MARK: Reading

  func find(
    _ key: Definition.Key, in organization: Organization
  ) throws(SQLiteError) -> Definition? {
    let record = try connection.first(
      "SELECT body, data FROM definitions WHERE organization = ?1 AND kind = ?2 AND id = ?3",
      organization.name, key.kind.rawValue, key.id
    ) { DefinitionRecord(kind: key.kind, body: $0.text(0), data: $0.bytes(1)) }
    return try record?.definition()
  }

  func page(_ query: DefinitionQuery) throws(SQLiteError) -> Page<Definition> {
    var rest = try ids(query).makeIterator()
    return try Page(limit: query.limit) { () throws(SQLiteError) in
      guard let id = rest.next() else { return nil }
      return try find(Definition.Key(query.kind, id), in: query.organization)
    }
  }

  /// One more than the page, to know whether there is another.
  private func ids(_ query: DefinitionQuery) throws(SQLiteError) -> [String] {
    let after = query.after ?? ""
    let limit = max(0, query.limit) + 1
    guard let target = query.references else {
      return try connection.all(
        """
        SELECT id FROM definitions
        WHERE organization = ?1 AND kind = ?2 AND id > ?3
        ORDER BY id LIMIT ?4
        """, query.organization.name, query.kind.rawValue, after, limit
      ) { $0.text(0) }
    }
    return try connection.all(
      """
      SELECT id FROM definition_references
      WHERE organization = ?1 AND to_kind = ?2 AND to_id = ?3 AND kind = ?4 AND id > ?5
      ORDER BY id LIMIT ?6
      """, query.organization.name, target.kind.rawValue, target.id, query.kind.rawValue, after,
      limit
    ) { $0.text(0) }
  }

  /// Everything there is, for an observer that begins.
  func forEach(_ body: (Definition, Organization) -> Void) throws(SQLiteError) {
    try connection.forEach(
      "SELECT organization, kind, body, data FROM definitions ORDER BY organization, kind, id"
    ) { (row) throws(SQLiteError) in
      guard let kind = Definition.Kind(rawValue: row.text(1)) else {
        throw .damaged("a definition of kind \(row.text(1))")
      }
      let record = DefinitionRecord(kind: kind, body: row.text(2), data: row.bytes(3))
      body(try record.definition(), Organization(unchecked: row.text(0)))
    }
  }

  func exists(_ key: Definition.Key, in organization: Organization) throws(SQLiteError) -> Bool {
    try connection.first(
      "SELECT 1 FROM definitions WHERE organization = ?1 AND kind = ?2 AND id = ?3",
      organization.name, key.kind.rawValue, key.id
    ) { _ in true } ?? false
  }

  func count(_ kind: Definition.Kind, in organization: Organization) throws(SQLiteError) -> Int {
    try connection.first(
      "SELECT count FROM definition_counts WHERE organization = ?1 AND kind = ?2",
      organization.name, kind.rawValue
    ) { Int($0.integer(0)) } ?? 0
  }

  /// Some of those that refer to `key`.
  func referrers(
    to key: Definition.Key, in organization: Organization, limit: Int
  ) throws(SQLiteError) -> [Definition.Key] {
    try connection.all(
      """
      SELECT kind, id FROM definition_references
      WHERE organization = ?1 AND to_kind = ?2 AND to_id = ?3
      ORDER BY kind, id LIMIT ?4
      """, organization.name, key.kind.rawValue, key.id, limit
    ) { (row) throws(SQLiteError) in
      guard let kind = Definition.Kind(rawValue: row.text(0)) else {
        throw .damaged("a reference of kind \(row.text(0))")
      }
      return Definition.Key(kind, row.text(1))
    }
  }

  // MARK: Writing

  /// - Precondition: there is none of this key.
  func insert(_ definition: Definition, in organization: Organization) throws(SQLiteError) {
    let record = try DefinitionRecord(definition)
    try connection.run(
      """
      INSERT INTO definitions (organization, kind, id, body, data) VALUES (?1, ?2, ?3, ?4, ?5)
      """, organization.name, record.kind.rawValue, definition.key.id, record.body,
      [UInt8](record.data))
    try addReferences(of: definition, in: organization)
    try add(1, record.kind, in: organization)
  }

  /// - Parameter old: what is stored under the key now.
  func replace(
    _ old: Definition, by new: Definition, in organization: Organization
  ) throws(SQLiteError) {
    let record = try DefinitionRecord(new)
    try connection.run(
      """
      UPDATE definitions SET body = ?4, data = ?5
      WHERE organization = ?1 AND kind = ?2 AND id = ?3
      """, organization.name, record.kind.rawValue, new.key.id, record.body, [UInt8](record.data))
    try removeReferences(of: old, in: organization)
    try addReferences(of: new, in: organization)
  }

  /// - Parameter old: what is stored under the key now.
  func delete(_ old: Definition, in organization: Organization) throws(SQLiteError) {
    try connection.run(
      "DELETE FROM definitions WHERE organization = ?1 AND kind = ?2 AND id = ?3",
      organization.name, old.key.kind.rawValue, old.key.id)
    try removeReferences(of: old, in: organization)
    try add(-1, old.key.kind, in: organization)
  }

  private func add(
    _ difference: Int, _ kind: Definition.Kind, in organization: Organization
  ) throws(SQLiteError) {
    try connection.run(
      """
      INSERT INTO definition_counts (organization, kind, count) VALUES (?1, ?2, ?3)
      ON CONFLICT DO UPDATE SET count = count + ?3
      """, organization.name, kind.rawValue, difference)
  }

  private func addReferences(
    of definition: Definition, in organization: Organization
  ) throws(SQLiteError) {
    for target in definition.references {
      try connection.run(
        "INSERT OR IGNORE INTO definition_references VALUES (?1, ?2, ?3, ?4, ?5)",
        organization.name, target.kind.rawValue, target.id, definition.key.kind.rawValue,
        definition.key.id)
    }
  }

  private func removeReferences(
    of definition: Definition, in organization: Organization
  ) throws(SQLiteError) {
    for target in definition.references {
      try connection.run(
        """
        DELETE FROM definition_references
        WHERE organization = ?1 AND to_kind = ?2 AND to_id = ?3 AND kind = ?4 AND id = ?5
        """, organization.name, target.kind.rawValue, target.id, definition.key.kind.rawValue,
        definition.key.id)
    }
  }
}
