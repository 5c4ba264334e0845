import EventCore
import Synchronization

/// What waits for one watcher, bounded: a slow one never slows a function.
///
/// When it is full, output and log lines are dropped. A changed invocation is never dropped, but
/// then only its id is kept, and the watcher reads from the store what has become of it.
final class WatchBuffer: Sendable {
  enum Content {
    case progress([TriggerProgress])
    /// Changed when there was no room: to be read from the store, at most `watchRereadMax`.
    case reread([Reread])
    case nothing
    case closed
  }

  struct Reread: Hashable {
    let id: InvocationID
    let organization: Organization
  }

  fileprivate struct State {
    var progress: [TriggerProgress] = []
    var chunkBytes = 0
    var changeBytes = 0
    /// Comes after `progress`: once something is here, no change goes there.
    var rereads: [Reread] = []
    var rereadSet: Set<Reread> = []
    var isClosed = false
  }

  private let state = Mutex(State())
  private let signal = Signal()

  func put(_ progress: TriggerProgress, in organization: Organization, waking: Bool = true) {
    let isNew = state.withLock { state in
      !state.isClosed && state.add(progress, in: organization)
    }
    if isNew, waking { signal.raise() }
  }

  /// Everything that waits, in order.
  func take() -> Content {
    state.withLock { state in
      if !state.progress.isEmpty {
        state.chunkBytes = 0
        state.changeBytes = 0
        return .progress(state.progress.take())
      }
      if !state.rereads.isEmpty { return .reread(state.takeRereads()) }
      return state.isClosed ? .closed : .nothing
    }
  }

  /// Puts back what could not be read.
  func putBack(_ rereads: [Reread]) {
    state.withLock { state in
      for reread in rereads { state.add(reread) }
    }
  }

  /// Returns when something may wait, it is closed, or the task is cancelled. One task at a time.
  nonisolated(nonsending) func wait() async {
    await signal.wait()
  }

  func close() {
    state.withLock { $0.isClosed = true }
    signal.raise()
  }
}

extension WatchBuffer.State {
  /// - Returns: whether there is something to wake the watcher for.
  fileprivate mutating func add(
    _ progress: TriggerProgress, in organization: Organization
  ) -> Bool {
    switch progress {
    case .output(_, _, _, let bytes): return add(progress, chunk: bytes.count)
    case .log(_, let line): return add(progress, chunk: line.text.utf8.count)
    case .started(let invocation), .changed(let invocation):
      let hasRoom =
        changeBytes == 0 || changeBytes + invocation.weight <= ExecutorLimits.watchChangeBytesMax
      guard rereads.isEmpty, hasRoom else {
        add(WatchBuffer.Reread(id: invocation.id, organization: organization))
        return true
      }
      changeBytes += invocation.weight
      self.progress.append(progress)
      return true
    }
  }

  private mutating func add(_ progress: TriggerProgress, chunk bytes: Int) -> Bool {
    // What an entry costs counts too, or a million empty lines would be free.
    let weight = bytes + 128
    guard rereads.isEmpty, chunkBytes + weight <= ExecutorLimits.watchChunkBytesMax else {
      return false
    }
    chunkBytes += weight
    self.progress.append(progress)
    return true
  }

  fileprivate mutating func add(_ reread: WatchBuffer.Reread) {
    if rereadSet.insert(reread).inserted { rereads.append(reread) }
  }

  fileprivate mutating func takeRereads() -> [WatchBuffer.Reread] {
    let taken = Array(rereads.prefix(ExecutorLimits.watchRereadMax))
    rereads.removeFirst(taken.count)
    rereadSet.subtract(taken)
    return taken
  }
}

extension Array {
  fileprivate mutating func take() -> Self {
    defer { self = [] }
    return self
  }
}
