#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

/// A thread of the store's own: SQLite blocks on the disk, and neither an event loop nor Swift's
/// cooperative pool may wait for that.
enum StoreThread {
  /// Starts a detached thread that runs `body` once, and then `atEnd`.
  ///
  /// - Parameter atEnd: runs when everything that `body` captured has been released, so that a
  ///   connection is closed by then.
  static func start(
    _ body: sending @escaping () -> Void, atEnd: @escaping @Sendable () -> Void
  ) {
    let work = Unmanaged.passRetained(Work(body, atEnd))
    var thread = pthread_t()
    let code = pthread_create(
      &thread, nil,
      { argument in
        Unmanaged<Work>.fromOpaque(argument!).takeRetainedValue().run()
        return nil
      }, work.toOpaque())
    // Only at the start of the program, and only without memory or process slots.
    precondition(code == 0, "pthread_create: \(code)")
    pthread_detach(thread)
  }

  private final class Work {
    private var body: (() -> Void)?
    private let atEnd: () -> Void

    init(_ body: @escaping () -> Void, _ atEnd: @escaping () -> Void) {
      self.body = body
      self.atEnd = atEnd
    }

    func run() {
      body?()
      body = nil
      atEnd()
    }
  }
}
