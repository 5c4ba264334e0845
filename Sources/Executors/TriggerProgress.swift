package import EventCore

/// Something that happened to an invocation, in the order in which it happened, with one exception:
/// while an invocation is being ended from elsewhere (cancelled, or by its group) its attempt may
/// still be heard, and a change may be told twice. `Invocation.revision` tells: what is not beyond
/// the last change that was told is of the past.
/// Boxed: it is passed on and queued more often than it is looked into.
package indirect enum TriggerProgress: Hashable, Sendable {
  /// An attempt began: the invocation is RUNNING and its last attempt is this one. Without output
  /// and logs.
  case started(Invocation)
  /// Bytes of the attempt's output from `offset` on. What goes beyond `Limits.outputBytesMax` is
  /// not told. A gap in the offsets is what a slow watcher missed.
  case output(InvocationID, attempt: Int32, offset: Int, bytes: [UInt8])
  case log(InvocationID, LogLine)
  /// An attempt ended, or the invocation was cancelled, skipped or taken up again; the state is
  /// stored. Without output and logs unless an attempt of its own ended.
  case changed(Invocation)
}
