import EventCore

#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

/// The directory that a gateway keeps its data in, held by this process alone.
///
/// The lock is advisory (flock(2)) and goes with the process, so a crash leaves none behind. The
/// lock file holds the owner's pid, for messages only.
final class DataDirectory: Sendable {
  let path: String
  private let lock: CInt

  var databasePath: String { path + "/gateway.db" }

  /// Creates the directory if it isn't there.
  ///
  /// - Throws: `unavailable` if another gateway holds it, or it can't be written.
  init(_ path: String) throws(StoreError) {
    self.path = path
    try Self.create(path)
    let lockPath = path + "/lock"
    lock = open(lockPath, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard lock >= 0 else { throw .file("open", lockPath, errno) }
    guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
      let reason = errno
      let holder = Self.holder(lock)
      Glibc.close(lock)
      guard reason == EWOULDBLOCK else { throw .file("flock", lockPath, reason) }
      throw .unavailable(
        "another gateway\(holder) uses the data directory \(path): stop it, or use another one")
    }
    Self.write(pid: getpid(), to: lock)
  }

  deinit { Glibc.close(lock) }

  /// Lets another gateway have the directory. Nothing may be written afterwards.
  func unlock() { flock(lock, LOCK_UN) }

  private static func create(_ path: String) throws(StoreError) {
    if mkdir(path, 0o700) == 0 {
      // Else a power failure could take the whole directory with it.
      try synchronize(path + "/..")
    } else if errno != EEXIST {
      throw .file("mkdir", path, errno)
    }
  }

  private static func synchronize(_ directory: String) throws(StoreError) {
    let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .file("open", directory, errno) }
    defer { Glibc.close(descriptor) }
    guard fsync(descriptor) == 0 else { throw .file("fsync", directory, errno) }
  }

  private static func write(pid: pid_t, to file: CInt) {
    // For a message only, so a failure is not worth refusing to start.
    let text = Array("\(pid)\n".utf8)
    guard ftruncate(file, 0) == 0 else { return }
    _ = pwrite(file, text, text.count, 0)
  }

  private static func holder(_ file: CInt) -> String {
    var buffer = [UInt8](repeating: 0, count: 16)
    let count = pread(file, &buffer, buffer.count, 0)
    let text = String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
    return Int32(text.prefix { $0.isNumber }).map { " (process \($0))" } ?? ""
  }
}

extension StoreError {
  fileprivate static func file(_ call: String, _ path: String, _ code: CInt) -> StoreError {
    .unavailable("\(path): \(call): \(String(cString: strerror(code)))")
  }
}
