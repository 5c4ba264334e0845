import EventCore

extension GroupPlan {
  /// The first byte. A later form takes the next number, and reads them all.
  private static let version: UInt8 = 1

  func encoded() -> [UInt8] {
    var writer = BlobWriter()
    writer.count(Self.version)
    writer.text(groupID)
    writer.count(strategy.rawValue)
    writer.count(onFailure.rawValue)
    writer.count(needed)
    writer.flag(pipesOutput)
    writer.optional(deadline) { $0.integer($1.nanoseconds) }
    writer.list(members) { $0.count($1) }
    return writer.bytes
  }

  init(decoding bytes: UnsafeRawBufferPointer) throws(SQLiteError) {
    var reader = BlobReader(bytes)
    let version = try reader.count()
    guard version == Self.version else { throw .damaged("a group of version \(version)") }
    let groupID = try reader.text()
    guard
      let strategy = SubscriptionGroup.Strategy(rawValue: try reader.small()),
      let onFailure = SubscriptionGroup.OnFailure(rawValue: try reader.small())
    else { throw .damaged("a group of an unknown strategy") }
    let needed = Int(try reader.small())
    let pipesOutput = try reader.flag()
    let deadline = try reader.optional { (reader) throws(SQLiteError) in
      Timestamp(nanoseconds: try reader.integer())
    }
    let members = try reader.list { (reader) throws(SQLiteError) in Int(try reader.small()) }
    let ordinals = 0..<Limits.invocationsPerTriggerMax
    guard reader.isAtEnd, members.allSatisfy(ordinals.contains) else {
      throw .damaged("a group with members that can't be")
    }
    self.init(
      groupID: groupID, strategy: strategy, onFailure: onFailure, needed: needed,
      pipesOutput: pipesOutput, deadline: deadline, members: members)
  }
}

extension BlobReader {
  fileprivate mutating func small() throws(SQLiteError) -> Int32 {
    Int32(truncatingIfNeeded: try count())
  }
}

extension Row {
  func groupPlan(_ column: Int32) throws(SQLiteError) -> GroupPlan {
    try withBytes(column) { (bytes) throws(SQLiteError) in try GroupPlan(decoding: bytes) }
  }
}
