import SystemPackage

#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

/// A payload as a file without a name, to be a command's stdin.
///
/// Not a pipe: a command whose gateway dies while it reads would see the payload cut off, and take
/// it for the whole. A file also needs no one to write it while the command runs, or doesn't read.
enum PayloadFile {
  /// - Returns: at its start, closed in every command but the one that gets it; the caller closes it.
  static func open(_ bytes: [UInt8]) throws -> FileDescriptor {
    let file = try unnamed()
    do {
      try file.writeAll(bytes)
      try file.seek(offset: 0, from: .start)
    } catch {
      try? file.close()
      throw error
    }
    return file
  }

  private static func unnamed() throws(Errno) -> FileDescriptor {
    var path = Array("/tmp/event-gateway-XXXXXX".utf8CString)
    let raw = mkstemp(&path)
    guard raw >= 0 else { throw Errno(rawValue: errno) }
    unlink(path)
    _ = fcntl(raw, F_SETFD, FD_CLOEXEC)
    return FileDescriptor(rawValue: raw)
  }
}
