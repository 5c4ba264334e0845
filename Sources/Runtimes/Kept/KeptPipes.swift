import SystemPackage

#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

/// The pipes between the gateway and a kept process, open on both ends. No other process inherits
/// them: commands get none but their own three descriptors, whatever others are open.
struct KeptPipes {
  struct Pipe {
    let reader: FileDescriptor
    let writer: FileDescriptor

    init() throws(Errno) {
      let ends = try Result { try FileDescriptor.pipe() }.mapError { $0 as! Errno }.get()
      (reader, writer) = (ends.readEnd, ends.writeEnd)
      for end in [reader, writer] { _ = fcntl(end.rawValue, F_SETFD, FD_CLOEXEC) }
    }
  }

  let input: Pipe
  let output: Pipe
  let logs: Pipe
  /// The end that the process reads its input from, once more: what is left in it was not read.
  let unread: FileDescriptor

  init() throws(Errno) {
    var opened: [FileDescriptor] = []
    do throws(Errno) {
      input = try Self.noted(&opened, try Pipe())
      output = try Self.noted(&opened, try Pipe())
      logs = try Self.noted(&opened, try Pipe())
      unread = try Self.duplicate(input.reader)
    } catch {
      for descriptor in opened { try? descriptor.close() }
      throw error
    }
  }

  /// Closes the gateway's ends but the first ones, which others have.
  func closeEnds(from first: Int) {
    let ends = [unread, input.writer, output.reader, logs.reader]
    for end in ends.dropFirst(first) { try? end.close() }
  }

  private static func noted(
    _ opened: inout [FileDescriptor], _ pipe: Pipe
  ) throws(Errno) -> Pipe {
    opened += [pipe.reader, pipe.writer]
    return pipe
  }

  private static func duplicate(_ descriptor: FileDescriptor) throws(Errno) -> FileDescriptor {
    let copy = fcntl(descriptor.rawValue, F_DUPFD_CLOEXEC, 0)
    guard copy >= 0 else { throw Errno(rawValue: errno) }
    return FileDescriptor(rawValue: copy)
  }
}

extension CInt {
  /// Whether a descriptor has something to read now.
  var hasData: Bool {
    var request = pollfd(fd: self, events: Int16(POLLIN), revents: 0)
    return poll(&request, 1, 0) == 1 && request.revents & Int16(POLLIN) != 0
  }

  /// What a descriptor has to read now; empty at its end, and if it has nothing.
  func read(atMost size: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      count = (try? FileDescriptor(rawValue: self).read(into: .init(buffer))) ?? 0
    }
  }
}
