import CSQLite
import Synchronization

/// A SQLite file system (https://www.sqlite.org/vfs.html) on which writing or syncing fails while a
/// fault is set, and which counts the syncs. Everything else is the system's own.
final class FaultyFileSystem: Sendable {
  enum Fault {
    /// Writing fails with this code.
    case write(Int32)
    /// Syncing fails with this code; the data was written.
    case sync(Int32)
  }

  private struct State {
    var fault: Fault?
    var syncs = 0
  }

  let name: String
  private let state = Mutex(State())
  // Never freed: SQLite may look at it as long as the process runs.
  nonisolated(unsafe) private let vfs = UnsafeMutablePointer<sqlite3_vfs>.allocate(capacity: 1)
  nonisolated(unsafe) private let cName: UnsafeMutablePointer<CChar>

  init(_ name: String) {
    self.name = name
    cName = .allocate(capacity: name.utf8.count + 1)
    for (index, byte) in name.utf8CString.enumerated() { cName[index] = byte }
    vfs.initialize(to: sqlite3_vfs_find(nil)!.pointee)
    vfs.pointee.zName = UnsafePointer(cName)
    // Retained for good: a registered file system has no end.
    vfs.pointee.pAppData = Unmanaged.passRetained(self).toOpaque()
    vfs.pointee.xOpen = openFile
    precondition(sqlite3_vfs_register(vfs, 0) == SQLITE_OK)
  }

  var fault: Fault? {
    get { state.withLock { $0.fault } }
    set { state.withLock { $0.fault = newValue } }
  }

  var syncs: Int { state.withLock { $0.syncs } }

  fileprivate func resultOfWrite() -> Int32 {
    if case .write(let code)? = fault { code } else { SQLITE_OK }
  }

  fileprivate func resultOfSync() -> Int32 {
    state.withLock { state in
      state.syncs += 1
      return if case .sync(let code)? = state.fault { code } else { SQLITE_OK }
    }
  }
}

/// What SQLite calls for an open file; the functions get nothing but the file's address.
private struct OpenFile: @unchecked Sendable {
  var system: FaultyFileSystem
  var original: UnsafePointer<sqlite3_io_methods>
  var methods: UnsafeMutablePointer<sqlite3_io_methods>
}

/// By their addresses.
private let openFiles = Mutex<[UInt: OpenFile]>([:])

private func openFile(
  _ vfs: UnsafeMutablePointer<sqlite3_vfs>?, _ path: UnsafePointer<CChar>?,
  _ file: UnsafeMutablePointer<sqlite3_file>?, _ flags: Int32,
  _ flagsOut: UnsafeMutablePointer<Int32>?
) -> Int32 {
  let system = sqlite3_vfs_find(nil)!
  let code = system.pointee.xOpen(system, path, file, flags, flagsOut)
  guard code == SQLITE_OK, let vfs, let file, let original = file.pointee.pMethods else {
    return code
  }
  let methods = UnsafeMutablePointer<sqlite3_io_methods>.allocate(capacity: 1)
  methods.initialize(to: original.pointee)
  methods.pointee.xWrite = { file, bytes, count, offset in
    let open = lookUp(file)
    let code = open.system.resultOfWrite()
    return code == SQLITE_OK ? open.original.pointee.xWrite(file, bytes, count, offset) : code
  }
  methods.pointee.xSync = { file, flags in
    let open = lookUp(file)
    let code = open.system.resultOfSync()
    return code == SQLITE_OK ? open.original.pointee.xSync(file, flags) : code
  }
  methods.pointee.xClose = { file in
    let open = lookUp(file)
    openFiles.withLock { $0[UInt(bitPattern: file)] = nil }
    defer { open.methods.deallocate() }
    return open.original.pointee.xClose(file)
  }
  file.pointee.pMethods = UnsafePointer(methods)
  let faulty = Unmanaged<FaultyFileSystem>.fromOpaque(vfs.pointee.pAppData).takeUnretainedValue()
  let open = OpenFile(system: faulty, original: original, methods: methods)
  let address = UInt(bitPattern: file)
  openFiles.withLock { $0[address] = open }
  return code
}

private func lookUp(_ file: UnsafeMutablePointer<sqlite3_file>?) -> OpenFile {
  let address = UInt(bitPattern: file)
  return openFiles.withLock { $0[address]! }
}
