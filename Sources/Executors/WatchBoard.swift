import EventCore
import Synchronization

/// Who watches which trigger.
final class WatchBoard: Sendable {
  private struct State {
    var watches: [UniqueID: [WatchBuffer]] = [:]
    var isClosed = false
  }

  private let state = Mutex(State())

  var count: Int { state.withLock { $0.watches.count } }

  func open(_ trigger: UniqueID) -> WatchBuffer {
    let buffer = WatchBuffer()
    let isOpen = state.withLock { state in
      if !state.isClosed { state.watches[trigger, default: []].append(buffer) }
      return !state.isClosed
    }
    if !isOpen { buffer.close() }
    return buffer
  }

  func remove(_ buffer: WatchBuffer, from trigger: UniqueID) {
    state.withLock { state in
      state.watches[trigger]?.removeAll { $0 === buffer }
      if state.watches[trigger]?.isEmpty == true { state.watches[trigger] = nil }
    }
  }

  /// - Parameter waking: false if more will be told at once that wakes the watchers.
  func tell(
    _ progress: TriggerProgress, of trigger: UniqueID, in organization: Organization,
    waking: Bool = true
  ) {
    guard let buffers = state.withLock({ $0.watches[trigger] }) else { return }
    for buffer in buffers { buffer.put(progress, in: organization, waking: waking) }
  }

  /// Ends every watch, after what waits in it.
  func close() {
    let watches = state.withLock { state in
      state.isClosed = true
      defer { state.watches = [:] }
      return state.watches
    }
    for buffer in watches.values.joined() { buffer.close() }
  }
}
