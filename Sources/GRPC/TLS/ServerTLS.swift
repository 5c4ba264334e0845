import HTTP2
import NIOCore
import NIOSSL
import Synchronization

/// TLS 1.2 and 1.3 for listeners, with certificates that can be replaced while it serves: new
/// connections get the new ones, those that are open go on.
package final class ServerTLS: Sendable {
  package struct Configuration: Sendable, Equatable {
    package var files: TLSFiles

    /// A PEM file of the authorities that sign clients' certificates; nil asks for none.
    package var clientAuthorities: String?

    /// Whether a client without a certificate is refused. One with a certificate that the
    /// authorities did not sign is refused either way.
    package var requiresClientCertificate = true

    package init(files: TLSFiles) { self.files = files }
  }

  private struct State {
    var context: NIOSSLContext
    var expires: Int
    var stamps: [FileStamp?]
  }

  private let configuration: Configuration
  private let state: Mutex<State>

  /// Reads the files; blocks meanwhile.
  package init(_ configuration: Configuration) throws(TLSError) {
    self.configuration = configuration
    state = Mutex(try Self.load(configuration))
  }

  /// The leaf certificate's notAfter, in seconds since 1970.
  package var expires: Int { state.withLock(\.expires) }

  /// Reads the files again; what was there before stays if they are no good. Blocks meanwhile.
  package func reload() throws(TLSError) {
    // The stamps are taken anew even so: a bad file is complained of once.
    let loaded: Result<State, TLSError>
    do {
      loaded = .success(try Self.load(configuration))
    } catch {
      loaded = .failure(error)
    }
    state.withLock { state in
      switch loaded {
      case .success(let new): state = new
      case .failure: state.stamps = Self.stamps(configuration)
      }
    }
    _ = try loaded.get()
  }

  /// Whether a file is another one than when it was last read.
  package var hasChanged: Bool {
    let now = Self.stamps(configuration)
    return state.withLock { $0.stamps != now }
  }

  /// Puts TLS in front of what a channel has, for a handshake that `onEnd` hears the end of.
  func addHandlers(
    to channel: any Channel, onEnd: @escaping (Result<PeerIdentity?, any Error>) -> Void
  ) throws {
    let context = state.withLock(\.context)
    let pipeline = channel.pipeline.syncOperations
    try pipeline.addHandlers(
      PlaintextGate(), NIOSSLServerHandler(context: context),
      TLSGate(refusal: ByteBuffer(bytes: HTTPRefusal.http1.bytes), onEnd: onEnd))
  }

  // MARK: Loading

  private static func load(_ configuration: Configuration) throws(TLSError) -> State {
    // First: a file that changes while it is read is read again.
    let stamps = stamps(configuration)
    let files = configuration.files
    let chain = try files.chain()
    let key = try files.privateKey()
    var tls = TLSConfiguration.makeServerConfiguration(
      certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
    tls.restrictToHTTP2()
    if let authorities = configuration.clientAuthorities {
      tls.trustRoots = .certificates(try TLSFiles.certificates(in: authorities))
      tls.sendCANameList = true
      tls.certificateVerification =
        configuration.requiresClientCertificate ? .noHostnameVerification : .optionalVerification
    }
    do {
      let context = try NIOSSLContext(configuration: tls)
      return State(context: context, expires: Int(chain[0].notValidAfter), stamps: stamps)
    } catch {
      throw TLSError(
        "can't serve the certificate in \(files.certificate) with the key in \(files.key): \(error)"
      )
    }
  }

  private static func stamps(_ configuration: Configuration) -> [FileStamp?] {
    let files = configuration.files
    return [files.certificate, files.key, configuration.clientAuthorities].map { path in
      path.flatMap { FileStamp($0) }
    }
  }
}

extension TLSConfiguration {
  /// What RFC 9113 sections 3.2 and 9.2 ask for: ALPN "h2", TLS 1.2 at least, and of that no cipher
  /// suite without ephemeral keys and authenticated encryption.
  mutating func restrictToHTTP2() {
    minimumTLSVersion = .tlsv12
    cipherSuites = "ECDHE+AESGCM:ECDHE+CHACHA20"
    applicationProtocols = [TLSGate.http2]
    renegotiationSupport = .none
    shutdownTimeout = Limits.tlsShutdownTimeout
  }
}
