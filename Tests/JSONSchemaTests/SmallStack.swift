import Foundation

/// Runs a body on a thread with the stack that threads of Swift concurrency have: 512 KiB.
func onSmallStack<R>(_ body: @escaping () -> R) -> R {
  nonisolated(unsafe) let body = body
  nonisolated(unsafe) var result: R?
  let done = DispatchSemaphore(value: 0)
  let thread = Thread {
    result = body()
    done.signal()
  }
  thread.stackSize = 512 << 10
  thread.start()
  done.wait()
  return result!
}
