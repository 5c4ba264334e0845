#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

/// Runs `body` on a thread whose stack is as small as those of Swift's own threads may be.
package func onSmallStack(_ body: @escaping @Sendable () -> Void) {
  final class Work: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }
  var attributes = pthread_attr_t()
  pthread_attr_init(&attributes)
  pthread_attr_setstacksize(&attributes, 512 << 10)
  var thread = pthread_t()
  let work = Unmanaged.passRetained(Work(body))
  let status = pthread_create(
    &thread, &attributes,
    { argument in
      Unmanaged<Work>.fromOpaque(argument!).takeRetainedValue().body()
      return nil
    }, work.toOpaque())
  precondition(status == 0, "pthread_create: \(status)")
  pthread_join(thread, nil)
  pthread_attr_destroy(&attributes)
}
