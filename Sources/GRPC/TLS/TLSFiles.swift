import NIOSSL

#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

/// A certificate and its key, in PEM files. The certificate's file holds the chain, leaf first.
package struct TLSFiles: Sendable, Equatable {
  package var certificate: String
  package var key: String

  package init(certificate: String, key: String) {
    self.certificate = certificate
    self.key = key
  }

  func chain() throws(TLSError) -> [NIOSSLCertificate] { try Self.certificates(in: certificate) }

  func privateKey() throws(TLSError) -> NIOSSLPrivateKey {
    try Self.expectReadable(key)
    do {
      return try NIOSSLPrivateKey(file: key, format: .pem)
    } catch {
      throw TLSError("\(key) holds no private key in PEM form, or one with a passphrase")
    }
  }

  /// All certificates of a PEM file; there is at least one.
  static func certificates(in path: String) throws(TLSError) -> [NIOSSLCertificate] {
    try expectReadable(path)
    guard let all = try? NIOSSLCertificate.fromPEMFile(path), !all.isEmpty else {
      throw TLSError("\(path) holds no certificate in PEM form")
    }
    return all
  }

  /// All certificates of a text; there is at least one.
  static func certificates(inText text: String) throws(TLSError) -> [NIOSSLCertificate] {
    guard let all = try? NIOSSLCertificate.fromPEMBytes(Array(text.utf8)), !all.isEmpty else {
      throw TLSError("there is no certificate in PEM form")
    }
    return all
  }

  private static func expectReadable(_ path: String) throws(TLSError) {
    guard access(path, R_OK) == 0 else {
      throw TLSError("can't read \(path): \(String(cString: strerror(errno)))")
    }
  }
}

/// Which version of a file there is: enough to see that it was replaced, a symbolic link's target
/// included.
struct FileStamp: Equatable {
  private let device: UInt
  private let inode: UInt
  private let bytes: Int
  private let seconds: Int
  private let nanoseconds: Int

  /// Nil if there is none now.
  init?(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    device = UInt(status.st_dev)
    inode = UInt(status.st_ino)
    bytes = Int(status.st_size)
    seconds = Int(status.st_mtim.tv_sec)
    nanoseconds = Int(status.st_mtim.tv_nsec)
  }
}
