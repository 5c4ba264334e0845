import EventCore
import Synchronization

/// Wakes those who watch the log of changes.
final class ChangeBoard: Sendable {
  private struct State {
    var watches: [ObjectIdentifier: Signal] = [:]
    var isClosed = false
  }

  private let state = Mutex(State())

  var count: Int { state.withLock { $0.watches.count } }

  var isClosed: Bool { state.withLock(\.isClosed) }

  func open() -> Signal {
    let signal = Signal()
    state.withLock { state in
      if !state.isClosed { state.watches[ObjectIdentifier(signal)] = signal }
    }
    return signal
  }

  func remove(_ signal: Signal) {
    state.withLock { $0.watches[ObjectIdentifier(signal)] = nil }
  }

  /// There is something new in the log.
  func raise() {
    let signals = state.withLock { $0.watches.values }
    for signal in signals { signal.raise() }
  }

  /// Ends every watch.
  func close() {
    let signals = state.withLock { state in
      state.isClosed = true
      defer { state.watches = [:] }
      return state.watches.values
    }
    for signal in signals { signal.raise() }
  }
}
