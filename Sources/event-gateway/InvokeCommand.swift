import ArgumentParser
import EventCore
import EventGateway
import Messages

struct InvokeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "invoke",
    abstract: "Runs a function once, directly, and shows its output and logs.",
    discussion: """
      The output goes to stdout, logs and what came of it to stderr. Ends with 1 if the function \
      failed.
      """)

  @Argument(help: "The function's id.") var id: String
  @OptionGroup var payload: PayloadOptions

  @Option(help: ArgumentHelp("Metadata for the function; may be repeated.", valueName: "key=value"))
  var metadata: [Pair] = []

  @Option(help: ArgumentHelp("The CloudEvents type that it sees.", valueName: "name"))
  var event: String?

  @Option(
    help: ArgumentHelp("How long it may take, the wait for its turn included.", valueName: "time"))
  var runTimeout: Span?

  @OptionGroup var options: GatewayOptions

  func run() async throws {
    let request = try request()
    var result: FunctionResult?
    var shown = ShownOutput()
    try await options.run { client in
      try await client.stream("FunctionService/InvokeFunction", request) {
        (response: InvokeFunctionResponse) in
        if case .result(let last)? = response.update { result = last }
        switch options.output {
        case .json: options.show(response) { _ in [] }
        case .text: shown.show(response)
        }
      }
    }
    guard let result, result.error == nil else { throw ExitCode.failure }
  }

  func request() throws -> InvokeFunctionRequest {
    var request = InvokeFunctionRequest()
    request.functionID = id
    request.payload.data = try payload.payload() ?? []
    request.payload.dataType = payload.dataType ?? ""
    request.metadata = metadata.dictionary
    request.event = event ?? ""
    if let runTimeout { request.timeout = runTimeout.duration }
    return request
  }
}

/// A function's output on stdout, as it is unless somebody looks at it, and what else is told of it on
/// stderr.
private struct ShownOutput {
  private let isTerminal = isOutputTerminal
  /// Bytes that are out.
  private var count = 0
  /// For a terminal: what came after the last line end.
  private var line: [UInt8] = []

  mutating func show(_ response: InvokeFunctionResponse) {
    switch response.update {
    case .output(let chunk) where chunk.offset == UInt64(count): add(chunk.data)
    case .log(let line): printError("! \(line.text.printable)")
    case .result(let result):
      // What is missing of it, since it came faster than it could be read.
      if let output = result.output { add(Array(output.payload.data.dropFirst(count))) }
      if !line.isEmpty { add([UInt8(ascii: "\n")]) }
      printError(Self.outcome(result))
    case .started, .output, .keepAlive, nil: break
    }
  }

  private mutating func add(_ bytes: [UInt8]) {
    count += bytes.count
    guard isTerminal else { return writeOutput(bytes) }
    line += bytes
    guard let end = line.lastIndex(of: UInt8(ascii: "\n")) else { return }
    writeOutput(Array(String(decoding: line[...end], as: UTF8.self).printable.utf8))
    line.removeSubrange(...end)
  }

  private static func outcome(_ result: FunctionResult) -> String {
    let cut = result.output?.isTruncated == true ? "; the rest of the output was not kept" : ""
    guard let error = result.error else {
      return "succeeded in \(result.runTime.wholeNanoseconds / 1_000_000) ms\(cut)"
    }
    return "FAILED \("\(error.code): \(error.message)".printable)\(cut)"
  }
}
