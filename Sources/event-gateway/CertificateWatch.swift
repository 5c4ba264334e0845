import EventCore
import GRPC
import Logging
import UnixSignals

/// Reads the TLS files again when they change and on SIGHUP. Open connections go on; files that are
/// no good leave the old ones in use.
struct CertificateWatch: Sendable {
  /// Certificates are replaced days before they expire; a few seconds more do not matter.
  private static let interval = Duration.seconds(5)

  private let tls: ServerTLS
  private let logger: Logger

  init(_ tls: ServerTLS, logger: Logger) {
    self.tls = tls
    self.logger = logger
  }

  /// Until it is cancelled.
  func run() async {
    logger.info("TLS is on", metadata: ["expires": "\(expires)"])
    await withTaskGroup { group in
      group.addTask { await lookAtFiles() }
      group.addTask { await hearSignals() }
    }
  }

  private func lookAtFiles() async {
    while (try? await Task.sleep(for: Self.interval)) != nil {
      if tls.hasChanged { reload("the files changed") }
    }
  }

  private func hearSignals() async {
    for await _ in await UnixSignalsSequence(trapping: .sighup) { reload("SIGHUP") }
  }

  private func reload(_ cause: String) {
    do {
      try tls.reload()
      logger.notice(
        "serving the TLS certificate that was read anew",
        metadata: ["because": "\(cause)", "expires": "\(expires)"])
    } catch {
      logger.error(
        "the TLS certificate stays the old one",
        metadata: ["reason": "\(error)", "expires": "\(expires)"])
    }
  }

  /// A certificate that never expires says the year 9999, more than a `Timestamp` has.
  private var expires: Timestamp {
    Timestamp(nanoseconds: Int64(min(tls.expires, Int.max / 1_000_000_000)) * 1_000_000_000)
  }
}
