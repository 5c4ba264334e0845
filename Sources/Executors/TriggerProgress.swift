package import EventCore

/// Something that happened to an invocation, in the order in which it happened.
package enum TriggerProgress: Hashable, Sendable {
  /// An attempt began: the invocation is RUNNING and its last attempt is this one. Without output
  /// and logs.
  case started(Invocation)
  /// Bytes of the attempt's output from `offset` on. What goes beyond `Limits.outputBytesMax` is
  /// not told. A gap in the offsets is what a slow watcher missed.
  case output(InvocationID, attempt: Int32, offset: Int, bytes: [UInt8])
  case log(InvocationID, LogLine)
  /// An attempt ended, and the state after it is stored.
  case changed(Invocation)
}
