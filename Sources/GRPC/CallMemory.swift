import Synchronization

/// What the calls of all connections hold in memory together, so that all clients of a server stay
/// within one bound, however many connections and streams each may have.
///
/// Connections tell their shares coarsely: calls of ordinary size touch nothing that loops share.
final class CallMemory: Sendable {
  private let bytes = Atomic(0)
  private let bytesMax: Int

  init(bytesMax: Int) { self.bytesMax = bytesMax }

  var isUsedUp: Bool { bytes.load(ordering: .relaxed) >= bytesMax }

  func change(by delta: Int) { bytes.add(delta, ordering: .relaxed) }
}

/// The part of it that the calls of one connection hold. A value, confined to the connection's loop.
struct ConnectionMemory {
  private let all: CallMemory

  /// What `all` knows of it.
  private var toldBytes = 0

  init(_ all: CallMemory) { self.all = all }

  /// Whether the connection may hold `bytes`. One that holds little may always: it is not to suffer
  /// from those that hold much.
  func allows(_ bytes: Int) -> Bool { bytes <= Limits.connectionShareBytes || !all.isUsedUp }

  var isShort: Bool { all.isUsedUp }

  mutating func changed(to bytes: Int) {
    guard abs(bytes - toldBytes) >= Limits.memoryStepBytes else { return }
    all.change(by: bytes - toldBytes)
    toldBytes = bytes
  }

  /// The connection is gone.
  mutating func release() {
    all.change(by: -toldBytes)
    toldBytes = 0
  }
}
