import EventCore

#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

/// The directories that commands may be in, as they really are, without symbolic links.
struct AllowedDirectories {
  private let paths: [String]

  /// - Throws: if one of them is no directory, naming it.
  init(_ directories: [String]) throws(GatewayError) {
    var paths: [String] = []
    for directory in directories {
      guard let path = Self.realPath(of: directory), Self.status(of: path)?.isDirectory == true
      else { throw .invalid("--allow-process", "names '\(directory)', which is no directory") }
      paths.append(path)
    }
    self.paths = paths
  }

  /// The real path of a command that may be run.
  ///
  /// - Throws: what is wrong with the command, in the words of the field that it comes from.
  func resolve(_ command: String) throws(GatewayError) -> String {
    guard !paths.isEmpty else {
      throw GatewayError(
        .functionKindDisabled,
        "this gateway runs no commands: start it with --allow-process DIRECTORY to allow those"
          + " in a directory")
    }
    let field = "function.process.command"
    guard let path = Self.realPath(of: command), let status = Self.status(of: path) else {
      throw .invalid(field, "is '\(command)', which does not exist")
    }
    guard paths.contains(where: { Self.contains($0, path) }) else {
      throw .invalid(
        field,
        "is '\(path)', which is in none of the directories allowed with --allow-process: "
          + paths.joined(separator: ", "))
    }
    guard status.isFile, access(path, X_OK) == 0 else {
      throw .invalid(field, "is '\(path)', which is not an executable file")
    }
    return path
  }

  private static func contains(_ directory: String, _ path: String) -> Bool {
    path.utf8.starts(with: directory.utf8)
      && (directory == "/" || path.utf8.dropFirst(directory.utf8.count).first == 0x2F)
  }

  private static func realPath(of path: String) -> String? {
    guard let real = realpath(path, nil) else { return nil }
    defer { free(real) }
    return String(cString: real)
  }

  private static func status(of path: String) -> stat? {
    var status = stat()
    return stat(path, &status) == 0 ? status : nil
  }
}

extension stat {
  fileprivate var isDirectory: Bool { st_mode & S_IFMT == S_IFDIR }
  fileprivate var isFile: Bool { st_mode & S_IFMT == S_IFREG }
}
