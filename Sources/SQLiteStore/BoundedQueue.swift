import DequeModule

#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

/// A queue from many tasks to the store's own threads, bounded in elements and in bytes.
///
/// Adding never blocks; taking does, so only threads of the store's own may take. (A mutex with a
/// condition: Swift's `Mutex` has no way to wait.)
final class BoundedQueue<Element>: @unchecked Sendable {
  enum Admission {
    case queued, full, closed
  }

  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let arrival = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private let elementsMax: Int
  private let bytesMax: Int

  // Guarded by `mutex`.
  private var elements: Deque<(element: Element, bytes: Int)> = []
  private var bytes = 0
  private var waiting = 0
  private var isClosed = false

  init(elementsMax: Int, bytesMax: Int) {
    self.elementsMax = elementsMax
    self.bytesMax = bytesMax
    mutex.initialize(to: pthread_mutex_t())
    arrival.initialize(to: pthread_cond_t())
    // With default attributes neither can fail on Linux.
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(arrival, nil)
  }

  deinit {
    pthread_cond_destroy(arrival)
    pthread_mutex_destroy(mutex)
    arrival.deallocate()
    mutex.deallocate()
  }

  /// - Parameter bytes: what the element holds in memory, roughly. One element alone may be more
  ///   than the limit, or it could never pass.
  func add(_ element: Element, bytes size: Int) -> Admission {
    locked {
      guard !isClosed else { return .closed }
      guard elements.count < elementsMax, elements.isEmpty || bytes + size <= bytesMax else {
        return .full
      }
      elements.append((element, size))
      bytes += size
      if waiting > 0 { pthread_cond_signal(arrival) }
      return .queued
    }
  }

  /// Waits until there is something, then takes the oldest ones up to both limits, at least one.
  ///
  /// - Returns: empty once the queue is closed and everything has been taken.
  func take(atMost count: Int, bytes limit: Int = .max) -> [Element] {
    locked {
      while elements.isEmpty, !isClosed {
        waiting += 1
        pthread_cond_wait(arrival, mutex)
        waiting -= 1
      }
      return removeFirst(atMost: count, bytes: limit)
    }
  }

  var count: Int { locked { elements.count } }

  /// Refuses what comes from now on; what waits is still taken.
  func close() {
    locked {
      isClosed = true
      pthread_cond_broadcast(arrival)
    }
  }

  private func removeFirst(atMost count: Int, bytes limit: Int) -> [Element] {
    var size = 0
    var end = 0
    while end < min(count, elements.count), end == 0 || size + elements[end].bytes <= limit {
      size += elements[end].bytes
      end += 1
    }
    let taken = elements.prefix(end).map(\.element)
    elements.removeFirst(end)
    bytes -= size
    return taken
  }

  private func locked<Result>(_ body: () -> Result) -> Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return body()
  }
}
