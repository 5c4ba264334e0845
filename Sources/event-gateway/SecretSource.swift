import ArgumentParser
import EventCore

#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

/// Where a secret comes from. Never the command line itself: others can read that, and shells keep it.
enum SecretSource: ExpressibleByArgument, Hashable, Sendable {
  case variable(String)
  case file(String)
  /// The gateway has it.
  case kept

  init?(argument: String) {
    if argument == "keep" {
      self = .kept
    } else if argument.hasPrefix("env:") {
      self = .variable(String(argument.dropFirst(4)))
    } else if argument.hasPrefix("@") {
      self = .file(String(argument.dropFirst()))
    } else {
      return nil
    }
  }

  /// Without the line's end that files have. Nil if it is kept.
  func secret() throws -> SigningSecret? {
    switch self {
    case .kept: return nil
    case .file(let path): return SigningSecret(Self.trimmed(try readText(path)))
    case .variable(let name):
      guard let value = getenv(name) else {
        throw ValidationError("--signing-secret: there is no environment variable \(name)")
      }
      return SigningSecret(Self.trimmed(String(cString: value)))
    }
  }

  private static func trimmed(_ text: String) -> String {
    String(text.prefix { !$0.isNewline })
  }
}

/// A file that must be text.
func readText(_ path: String) throws -> String {
  guard let text = String(validating: try readFile(path), as: UTF8.self) else {
    throw ValidationError("\(path) is not text")
  }
  return text
}
