import Foundation

/// Runs `body` on a thread with the stack that threads of Swift concurrency have, and returns
/// its result: 512 KiB, or SMALL_STACK_KIB where a sanitizer makes every frame larger.
package func onSmallStack<R>(_ body: @escaping () -> R) -> R {
  let kibibytes =
    ProcessInfo.processInfo.environment["SMALL_STACK_KIB"].flatMap { Int($0) } ?? 512
  nonisolated(unsafe) let body = body
  nonisolated(unsafe) var result: R?
  let done = DispatchSemaphore(value: 0)
  let thread = Thread {
    result = body()
    done.signal()
  }
  thread.stackSize = kibibytes << 10
  thread.start()
  done.wait()
  return result!
}
