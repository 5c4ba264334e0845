#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

/// The limit on open files. Shells and systemd start programs with 1,024, which is less than the
/// connections that the gateway takes; beyond it nothing can be accepted, called or run.
enum OpenFiles {
  /// The server's connections, those to HTTP functions, and the pipes of commands, with room.
  private static let wanted: rlim_t = 16_384

  /// Raises the limit as far as this process may, up to what the gateway can use.
  ///
  /// - Returns: the limit from now on.
  static func raiseLimit() -> Int {
    #if canImport(Glibc)
      let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    #else
      let resource = RLIMIT_NOFILE
    #endif
    var limit = rlimit()
    // It can fail only for a resource that there is not.
    guard getrlimit(resource, &limit) == 0 else { return 0 }
    guard limit.rlim_cur < wanted else { return Int(clamping: limit.rlim_cur) }
    let current = limit.rlim_cur
    limit.rlim_cur = min(wanted, limit.rlim_max)
    return Int(clamping: setrlimit(resource, &limit) == 0 ? limit.rlim_cur : current)
  }
}
