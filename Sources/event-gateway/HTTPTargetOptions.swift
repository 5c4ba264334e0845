import ArgumentParser
import EventCore

/// An HTTP endpoint as a function.
struct HTTPTargetOptions: ParsableArguments {
  @Option(help: ArgumentHelp("An HTTP endpoint that takes CloudEvents.", valueName: "url"))
  var url: String?

  @Option(help: ArgumentHelp("A header for the endpoint; may be repeated.", valueName: "k=v"))
  var header: [Pair] = []

  @Flag(help: "Sends the CloudEvent as one JSON document, attributes and all.")
  var structured = false

  @Option(help: ArgumentHelp("How long connecting may take, TLS included.", valueName: "time"))
  var connectTimeout: Span?

  @Option(
    help: ArgumentHelp("How long the endpoint may take to begin its answer.", valueName: "time"))
  var responseTimeout: Span?

  @Option(
    help: ArgumentHelp(
      "Signs requests: env:NAME or @FILE of a secret (whsec_...); twice while one is replaced;"
        + " 'keep' keeps those that there are.",
      valueName: "where"))
  var signingSecret: [SecretSource] = []

  @Option(
    name: .customLong("ca"),
    help: ArgumentHelp("Certificates (PEM) of the authorities to trust.", valueName: "file"))
  var authorities: String?

  func validate() throws {
    let areGiven =
      !header.isEmpty || structured || connectTimeout != nil || responseTimeout != nil
      || !signingSecret.isEmpty || authorities != nil
    if url == nil, areGiven {
      throw ValidationError(
        "--header, --structured, --connect-timeout, --response-timeout, --signing-secret and --ca"
          + " need --url")
    }
    if signingSecret.count > 1, signingSecret.contains(.kept) {
      throw ValidationError("--signing-secret keep can't be given with others")
    }
  }

  var isGiven: Bool { url != nil }

  /// Nil without --url. Reads the files that are named.
  func target() throws -> Function.Target? {
    guard let url else { return nil }
    var target = HTTPTarget()
    target.url = url
    target.headers = header.dictionary
    if structured { target.contentMode = .structured }
    if let connectTimeout { target.connectTimeout = connectTimeout.duration }
    target.responseTimeout = responseTimeout?.duration
    if !signingSecret.isEmpty {
      var signing = HTTPTarget.Signing()
      signing.secrets = try signingSecret.compactMap { try $0.secret() }
      target.signing = signing
    }
    if let authorities { target.caCertificates = try readText(authorities) }
    return .http(target)
  }
}
