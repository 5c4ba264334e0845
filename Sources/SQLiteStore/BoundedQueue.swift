import EventCore
import Fairness

#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

/// A queue from many tasks to the store's own threads, bounded in elements and in bytes, which the
/// organizations share (`Share`). They take turns: what one has waiting stands before no other's.
///
/// Adding never blocks; taking does, so only threads of the store's own may take. (A mutex with a
/// condition: Swift's `Mutex` has no way to wait.)
final class BoundedQueue<Element>: @unchecked Sendable {
  enum Admission {
    case queued, full, closed
  }

  /// Nil: what the gateway does of its own accord.
  typealias Owner = Organization?

  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let arrival = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  // Guarded by `mutex`.
  private var elements = TurnQueue<Owner, (element: Element, cost: QueueCost)>()
  private var places: Share<Owner>
  private var bytes: Share<Owner>
  private var waiting = 0
  private var isClosed = false

  /// - Parameters: of one organization that is alone half.
  init(elementsMax: Int, bytesMax: Int) {
    places = Share(limit: elementsMax)
    bytes = Share(limit: bytesMax)
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

  /// One element alone may be larger than the limit, or it could never pass.
  func add(_ element: Element, of owner: Owner, _ cost: QueueCost = QueueCost()) -> Admission {
    locked {
      guard !isClosed else { return .closed }
      let hasRoom = places.room(for: owner) > 0 && bytes.room(for: owner) >= cost.bytes
      guard hasRoom || elements.isEmpty else { return .full }
      elements.append((element, cost), of: owner)
      places.take(1, for: owner)
      bytes.take(cost.bytes, for: owner)
      if waiting > 0 { pthread_cond_signal(arrival) }
      return .queued
    }
  }

  /// Waits until there is something, then takes what is next up to the limits, at least one.
  ///
  /// - Returns: empty once the queue is closed and everything has been taken.
  func take(upTo limit: QueueCost) -> [Element] {
    locked {
      while elements.isEmpty, !isClosed {
        waiting += 1
        pthread_cond_wait(arrival, mutex)
        waiting -= 1
      }
      return removeFirst(upTo: limit)
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

  private func removeFirst(upTo limit: QueueCost) -> [Element] {
    var taken: [Element] = []
    var sum = QueueCost(rows: 0, bytes: 0)
    while let next = elements.first, taken.isEmpty || (sum + next.cost).fits(limit) {
      guard let (owner, (element, cost)) = elements.popFirst() else { break }
      sum = sum + cost
      places.give(1, from: owner)
      bytes.give(cost.bytes, from: owner)
      taken.append(element)
    }
    return taken
  }

  private func locked<Result>(_ body: () -> Result) -> Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return body()
  }
}
