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

  /// Creates the directory and an empty database if they aren't there, for nobody else to read.
  ///
  /// - Throws: `unavailable` if another gateway holds it, or it can't be written.
  init(_ path: String) throws(StoreError) {
    try Self.create(path)
    self.path = path
    // Nothing may throw from here on: deinit would run, too.
    lock = try Self.lock(path)
    Self.write(pid: getpid(), to: lock)
    Self.makePrivate(databasePath)
  }

  deinit { close(lock) }

  /// Lets another gateway have the directory. Nothing may be written afterwards.
  func unlock() { flock(lock, LOCK_UN) }

  /// - Returns: the open lock file.
  private static func lock(_ directory: String) throws(StoreError) -> CInt {
    let path = directory + "/lock"
    let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw .file("open", path, errno) }
    guard flock(file, LOCK_EX | LOCK_NB) != 0 else { return file }
    let reason = errno
    let holder = holder(file)
    close(file)
    guard reason == EWOULDBLOCK else { throw .file("flock", path, reason) }
    throw .unavailable(
      "another gateway\(holder) uses the data directory \(directory): stop it, or use another one")
  }

  private static func create(_ path: String) throws(StoreError) {
    if mkdir(path, 0o700) == 0 {
      // Else a power failure could take the whole directory with it.
      try synchronize(path + "/..")
    } else if errno != EEXIST {
      throw .file("mkdir", path, errno)
    }
  }

  /// Definitions may hold secrets. SQLite would create the database for all to read, and its other
  /// files with the same mode; of an earlier version they may be there.
  private static func makePrivate(_ database: String) {
    // Should it fail, SQLite's own attempt says why.
    let file = open(database, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    if file >= 0 { close(file) }
    for path in [database, database + "-wal", database + "-shm"] { _ = chmod(path, 0o600) }
  }

  private static func synchronize(_ directory: String) throws(StoreError) {
    let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .file("open", directory, errno) }
    defer { close(descriptor) }
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
