import ArgumentParser
import EventCore

/// An HTTP endpoint as a function.
struct HTTPTargetOptions: ParsableArguments {
  @Option(help: ArgumentHelp("An HTTP endpoint that takes CloudEvents.", valueName: "url"))
  var url: String?

  @Option(help: ArgumentHelp("A header for the endpoint; may be repeated.", valueName: "k=v"))
  var header: [Pair] = []

  func validate() throws {
    if url == nil, !header.isEmpty { throw ValidationError("--header needs --url") }
  }

  /// Nil without --url.
  var target: Function.Target? {
    guard let url else { return nil }
    var target = HTTPTarget()
    target.url = url
    target.headers = header.dictionary
    return .http(target)
  }
}
