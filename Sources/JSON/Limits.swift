/// Every bound of reading JSON, with its reason. Callers may set lower ones.
package struct JSONLimits: Sendable {
  /// Above what a message can carry; offsets are 32 bits wide.
  package var bytesMax = 16 << 20
  /// Arrays and objects in each other. Whoever walks a document may do so by recursion: a stack of
  /// 512 KiB holds it.
  package var depthMax = 128

  package init() {}

  package init(bytesMax: Int, depthMax: Int = 128) {
    self.bytesMax = bytesMax
    self.depthMax = depthMax
  }
}
