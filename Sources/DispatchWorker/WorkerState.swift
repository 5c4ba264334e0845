import Synchronization

/// The conversation, the tasks of the functions, and the bell that wakes who waits for a change.
final class WorkerState: Sendable {
  private struct Content {
    var conversation: Conversation
    var tasks: [UInt64: Task<Void, Never>] = [:]
    var bell: AsyncStream<Void>.Continuation?
  }

  private let content: Mutex<Content>

  init(_ conversation: Conversation) {
    content = Mutex(Content(conversation: conversation))
  }

  /// Changes the conversation, and wakes who waits.
  func converse<R>(_ body: (inout Conversation) -> sending R) -> R {
    content.withLock { content in
      defer { content.bell?.yield() }
      return body(&content.conversation)
    }
  }

  /// Looks at the conversation or takes from it, and wakes nobody.
  func read<R>(_ body: (inout Conversation) -> sending R) -> R {
    content.withLock { body(&$0.conversation) }
  }

  /// Rings at once and after each change; ends the one before.
  func changes() -> AsyncStream<Void> {
    let (changes, bell) = AsyncStream.makeStream(
      of: Void.self, bufferingPolicy: .bufferingNewest(1))
    bell.yield()
    content.withLock { content in
      content.bell?.finish()
      content.bell = bell
    }
    return changes
  }

  // MARK: Tasks

  func start(_ lease: UInt64, _ body: @escaping @Sendable () async -> Void) {
    content.withLock { $0.tasks[lease] = Task { await body() } }
  }

  func ended(_ lease: UInt64) {
    content.withLock { $0.tasks[lease] = nil }
  }

  /// Not while it is locked: whoever hears of the cancellation may have something to say.
  func stop(_ lease: UInt64) {
    content.withLock { $0.tasks[lease] }?.cancel()
  }

  /// Cancels what runs and waits for it.
  func stopAll() async {
    let tasks = content.withLock { Array($0.tasks.values) }
    for task in tasks { task.cancel() }
    for task in tasks { await task.value }
  }
}
