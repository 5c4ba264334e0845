/// Every bound of reading JSON, with its reason. Callers may set lower ones.
package struct JSONLimits: Sendable {
  /// Above what a message can carry.
  package let bytesMax: Int
  /// Arrays and objects in each other. Whoever walks a document may do so by recursion: a stack of
  /// 512 KiB holds the 128 that are usual.
  package let depthMax: Int

  package init(bytesMax: Int = 16 << 20, depthMax: Int = 128) {
    precondition(bytesMax <= 1 << 30, "offsets and counts are 32 bits wide")
    self.bytesMax = bytesMax
    self.depthMax = depthMax
  }

  /// Powers of ten beyond ± this are taken for it, so that sums of them and of digits fit 64 bits.
  static let exponentMax = 1 << 56
  /// Members whose names are told apart without memory of its own; those of more go into a table.
  static let membersComparedMax = 16
  /// Steps per member that a search in the table may take on average; names that were made to have
  /// equal hashes take more, and are sorted instead.
  static let probesMax = 8
}
