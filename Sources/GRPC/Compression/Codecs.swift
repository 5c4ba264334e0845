import NIOPosix

/// zlib's working memory, about 600 KiB once all of it has been used. One set for each thread that
/// compresses, which is one for each event loop: no message needs it across a suspension.
final class Codecs {
  private(set) lazy var inflater = Inflater()
  private lazy var gzip = Deflater(.gzip)
  private lazy var deflate = Deflater(.deflate)

  /// Each thread sees its own value only.
  nonisolated(unsafe) private static let current = ThreadSpecificVariable<Codecs>()

  static var ofThisThread: Codecs {
    if let codecs = current.currentValue { return codecs }
    let codecs = Codecs()
    current.currentValue = codecs
    return codecs
  }

  /// - Precondition: `encoding` compresses.
  func deflater(_ encoding: MessageEncoding) -> Deflater {
    switch encoding {
    case .gzip: gzip
    case .deflate: deflate
    case .identity: preconditionFailure("identity does not compress")
    }
  }
}
