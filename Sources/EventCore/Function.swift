/// Something that can be run.
package struct Function: Hashable, Codable, Sendable {
  package var functionID = ""
  package var target: Target?
  package var flow = FlowControl()
  package var metadata: [String: String] = [:]
  package var stamp = ResourceStamp()

  package init() {}

  package enum Target: Hashable, Codable, Sendable {
    case http(HTTPTarget)
    case process(ProcessTarget)
    case worker(WorkerTarget)
  }

  /// Whether it runs only where a worker has room for it (see `FunctionRuntime.takePlace`).
  package var needsPlaces: Bool { if case .worker = target { true } else { false } }

  package var concurrency: Int { Int(flow.maxConcurrency) }

  package func check(_ path: String) -> FieldCheck {
    var check = FieldCheck()
    check.name(functionID, .identifier, "\(path).function_id")
    check.metadata(metadata, "\(path).metadata")
    check.range(
      flow.maxConcurrency, 1...Int32(Limits.concurrencyPerFunctionMax),
      "\(path).flow.max_concurrency")
    switch target {
    case .http(let http): http.check(&check, "\(path).http")
    case .process(let process): process.check(&check, "\(path).process")
    case .worker(let worker): worker.check(&check, "\(path).worker")
    case nil: check.add("\(path).target", "is required: set one of http, process, worker")
    }
    return check
  }
}

/// How much of a function may run.
package struct FlowControl: Hashable, Codable, Sendable {
  /// Invocations at a time.
  package var maxConcurrency: Int32 = 64

  package init() {}
}

/// An HTTP endpoint that takes CloudEvents in binary mode by POST.
package struct HTTPTarget: Hashable, Codable, Sendable {
  package var url = ""
  /// Sent with every request, such as an API key; never `content-*`, `ce-*` or `host`.
  package var headers: [String: String] = [:]

  package init() {}

  func check(_ check: inout FieldCheck, _ path: String) {
    check.size(url.utf8.count, atMost: Limits.urlBytesMax, "\(path).url")
    if !url.hasPrefix("http://"), !url.hasPrefix("https://") {
      check.add("\(path).url", "must start with http:// or https://")
    } else if !url.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) {
      check.add("\(path).url", "must be percent-encoded ASCII without spaces")
    }
    if headers.count > Limits.headersMax {
      check.add("\(path).headers", "has more than \(Limits.headersMax) entries")
    }
    for (name, value) in headers { Self.check(name, value, &check, "\(path).headers") }
  }

  private static func check(
    _ name: String, _ value: String, _ check: inout FieldCheck, _ path: String
  ) {
    let isToken =
      !name.isEmpty
      && name.utf8.allSatisfy {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
          || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: "-")
      }
    let field = "\(path)[\(name.prefix(32))]"
    if !isToken { check.add(field, "must be a lower-case header name") }
    if ["host", "connection", "transfer-encoding"].contains(name) || name.hasPrefix("content-")
      || name.hasPrefix("ce-")
    {
      check.add(field, "is set by the gateway")
    }
    check.text(value, atMost: Limits.metadataValueBytesMax, field)
  }
}

/// A local command: payload on stdin, CloudEvents attributes as `CE_*` variables.
package struct ProcessTarget: Hashable, Codable, Sendable {
  /// An absolute path under a directory that the gateway was started with.
  package var command = ""
  package var arguments: [String] = []
  /// Added to the `CE_*` variables; the gateway's own environment is not passed on.
  package var environment: [String: String] = [:]

  package init() {}

  func check(_ check: inout FieldCheck, _ path: String) {
    check.text(command, atMost: Limits.commandArgumentBytesMax, "\(path).command")
    if !command.hasPrefix("/") { check.add("\(path).command", "must be an absolute path") }
    if arguments.count > Limits.commandArgumentsMax {
      check.add("\(path).arguments", "has more than \(Limits.commandArgumentsMax) entries")
    }
    for (index, argument) in arguments.enumerated() {
      check.size(
        argument.utf8.count, atMost: Limits.commandArgumentBytesMax, "\(path).arguments[\(index)]")
    }
    check.metadata(environment, "\(path).environment")
    for name in environment.keys where name.hasPrefix("CE_") || name.utf8.contains(0x3D) {
      check.add("\(path).environment[\(name.prefix(32))]", "must not be CE_* or contain '='")
    }
  }
}

/// Run by workers that connect to the gateway and say that they serve the function.
package struct WorkerTarget: Hashable, Codable, Sendable {
  /// How long an assignment may wait for its worker to start it.
  package var startTimeout = Duration.seconds(30)

  package init() {}

  func check(_ check: inout FieldCheck, _ path: String) {
    check.range(startTimeout, Limits.startTimeout, "\(path).start_timeout")
  }
}
