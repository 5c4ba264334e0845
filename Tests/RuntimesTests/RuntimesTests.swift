import EventCore
import Logging
import NIOHTTP1
import NIOPosix
import Testing
import Workers

@testable import Runtimes

extension CommandTests {
  @Suite struct RuntimesTests {
    @Test func `a function runs by the kind of its target`() async throws {
      let directory = try ScriptDirectory()
      var process = ProcessTarget()
      process.command = try directory.script("echo process")
      let command = process
      try await HTTPFixture.with { _, responder in
        try await responder.respond(.ok, body: Array("http".utf8))
      } _: { fixture in
        let runtimes = Runtimes(
          http: fixture.runtime, grpc: .unused, process: try directory.runtime(),
          workers: WorkerHub())
        var http = HTTPTarget()
        http.url = fixture.server.url()
        for (target, output) in [
          (Function.Target.process(command), "process\n"), (.http(http), "http"),
        ] {
          let request = AttemptRequest.sample(target)
          let sink = RecordingSink()
          try runtimes.validate(request.function)
          #expect(await runtimes.run(request, into: sink) == AttemptResult(.succeeded))
          #expect(sink.text == output)
        }
      }
    }

    @Test func `a target that its runtime refuses is refused`() async throws {
      try await HTTPFixture.with { _, _ in
      } _: { fixture in
        let runtimes = Runtimes(
          http: fixture.runtime, grpc: .unused,
          process: try ProcessRuntime(
            allowedDirectories: [], group: MultiThreadedEventLoopGroup.singleton),
          workers: WorkerHub())
        var function = Function()
        #expect(throws: GatewayError.self) { try runtimes.validate(function) }
        function.target = .process(ProcessTarget())
        #expect(throws: GatewayError.self) { try runtimes.validate(function) }
        var http = HTTPTarget()
        http.url = "http://:80"
        function.target = .http(http)
        let error = #expect(throws: GatewayError.self) { try runtimes.validate(function) }
        #expect(error?.message == "function.http.url has no host")
      }
    }

    @Test func `a long line is cut, an empty one is a line, the rest is not lost`() {
      var splitter = LineSplitter()
      var lines: [String] = []
      let long = Array(repeating: UInt8(ascii: "x"), count: Limits.logLineBytesMax)
      splitter.add(long) { lines.append($0) }
      splitter.add([UInt8(ascii: "y")] + Array("\n\nab".utf8)) { lines.append($0) }
      #expect(lines == [String(decoding: long, as: UTF8.self), ""])
      #expect(splitter.hasRest)
      splitter.finish { lines.append($0) }
      #expect(lines.last == "ab" && !splitter.hasRest)
    }

    @Test func `metadata keeps every key, sorted, as JSON`() {
      #expect(MetadataText([:]).json == "{}")
      #expect(
        MetadataText(["b": "\u{1}\n", "a\"\\": "é"]).json
          == #"{"a\"\\":"é","b":"\u0001\u000a"}"#)
    }
  }
}

extension GRPCRuntime {
  fileprivate static var unused: GRPCRuntime {
    GRPCRuntime(group: MultiThreadedEventLoopGroup.singleton, logger: Logger(label: "test"))
  }
}
