import EventCore
import NIOSSL
import Synchronization

/// Whom HTTP functions may be proved by: the authorities that a target names, read once.
final class TrustedAuthorities: Sendable {
  /// Those of the system.
  static let system: TLSConfiguration = {
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.minimumTLSVersion = .tlsv12
    return configuration
  }()

  private let known = Mutex<[String: TLSConfiguration]>([:])

  /// Nil if `pem` has certificates, or is empty; else a phrase that goes after the field's name.
  static func problem(in pem: String) -> String? {
    guard !pem.isEmpty else { return nil }
    guard let certificates = try? NIOSSLCertificate.fromPEMBytes(Array(pem.utf8)),
      !certificates.isEmpty
    else { return "has no certificate in PEM, or one that can't be read" }
    return nil
  }

  /// Nil for the system's, if `pem` is empty.
  ///
  /// - Throws: if `pem`, which was checked, can't be read.
  func configuration(for pem: String) throws -> TLSConfiguration? {
    guard !pem.isEmpty else { return nil }
    if let known = known.withLock({ $0[pem] }) { return known }
    var configuration = Self.system
    configuration.trustRoots = .certificates(
      try NIOSSLCertificate.fromPEMBytes(Array(pem.utf8)))
    known.withLock { [configuration] known in
      if known.count == RuntimeLimits.authoritiesMax { known = [:] }
      known[pem] = configuration
    }
    return configuration
  }
}
