import ArgumentParser
import EventCore
import Messages

#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

/// A payload on the command line.
struct PayloadOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The payload as text.", valueName: "json"))
  var data: String?

  @Option(help: ArgumentHelp("A file with the payload; - is stdin.", valueName: "file"))
  var dataFile: String?

  @Option(help: ArgumentHelp("The payload's MIME type.", valueName: "type"))
  var dataType: String?

  func validate() throws {
    if data != nil, dataFile != nil {
      throw ValidationError("--data and --data-file can't be given together")
    }
  }

  var isGiven: Bool { data != nil || dataFile != nil }

  /// Nil when none was given. Reads a file or stdin to its end, so call it once.
  func payload() throws -> [UInt8]? {
    if let dataFile { return try readFile(dataFile) }
    return data.map { Array($0.utf8) }
  }
}

/// What a trigger is made of.
struct TriggerOptions: ParsableArguments {
  @Argument(help: "The event's name.")
  var event: String

  @Argument(help: "- reads the payload from stdin.")
  var input: String?

  @OptionGroup var payload: PayloadOptions

  @Option(help: ArgumentHelp("Your own data; may be repeated.", valueName: "key=value"))
  var metadata: [Pair] = []

  @Option(help: ArgumentHelp("The CloudEvents source.", valueName: "uri"))
  var source: String?

  @Option(help: ArgumentHelp("Makes it safe to repeat the command.", valueName: "id"))
  var requestID: String?

  @Option(
    help: ArgumentHelp("Those with the same key run one after another.", valueName: "key"))
  var orderingKey: String?

  @Option(
    help: ArgumentHelp(
      "Not to be delivered before, such as +10m or 2030-01-31T08:00:00Z.", valueName: "time"))
  var deliverAt: Moment?

  func validate() throws {
    guard let input else { return }
    guard input == "-" else {
      throw ValidationError("unexpected argument '\(input)'; the payload goes into --data")
    }
    if payload.data != nil || payload.dataFile != nil {
      throw ValidationError("- can't be given together with --data or --data-file")
    }
  }

  func content() throws -> TriggerContent {
    var content = TriggerContent()
    content.event = event
    content.payload.data = try (input.map { try readFile($0) } ?? payload.payload()) ?? []
    content.payload.dataType = payload.dataType ?? ""
    content.metadata = metadata.dictionary
    content.source = source ?? ""
    content.requestID = requestID ?? ""
    content.orderingKey = orderingKey ?? ""
    content.deliverAt = deliverAt?.time
    return content
  }
}

/// `KEY=VALUE`.
struct Pair: ExpressibleByArgument, Sendable {
  var key: String
  var value: String

  init?(argument: String) {
    guard let equals = argument.firstIndex(of: "="), equals != argument.startIndex else {
      return nil
    }
    key = String(argument[..<equals])
    value = String(argument[argument.index(after: equals)...])
  }
}

extension [Pair] {
  /// The last of equal keys counts.
  var dictionary: [String: String] {
    Dictionary(map { ($0.key, $0.value) }) { $1 }
  }
}

/// - Parameter path: `-` is stdin.
/// - Throws: what is wrong, in words; a file larger than a payload may be is not read to its end.
func readFile(_ path: String) throws -> [UInt8] {
  let file = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
  guard file >= 0 else { throw unreadable(path) }
  defer { if path != "-" { close(file) } }
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 64 << 10)
  while true {
    let count = read(file, &chunk, chunk.count)
    guard count >= 0 else { throw unreadable(path) }
    if count == 0 { return bytes }
    bytes += chunk[..<count]
    guard bytes.count <= Limits.payloadBytesMax else {
      throw ValidationError("\(path) is larger than \(Limits.payloadBytesMax) bytes")
    }
  }
}

private func unreadable(_ path: String) -> ValidationError {
  ValidationError("can't read \(path): \(String(cString: strerror(errno)))")
}
