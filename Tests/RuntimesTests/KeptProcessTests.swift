import EventCore
import Foundation
import Testing

@testable import Runtimes

extension CommandTests {
  @Suite struct KeptProcessTests {
    private let echo = "echo $$ >> pids; while read -r line; do answer $$; done"

    @Test func `a process takes one invocation after another`() async throws {
      try await KeptFixture.with { fixture in
        let function = try fixture.function(echo)
        let sink = RecordingSink()
        for _ in 0..<5 {
          #expect(
            await fixture.run(function, into: sink)
              == AttemptResult(.succeeded, dataType: "application/json"))
        }
        let pids = try fixture.pids()
        #expect(pids.count == 1)
        #expect(sink.text == String(repeating: "\"\(pids[0])\"", count: 5))
      }
    }

    @Test func `it gets a CloudEvent on one line, whatever the payload is`() async throws {
      try await KeptFixture.with { fixture in
        let function = try fixture.function(
          "while read -r line; do printf '%s\\n' \"$line\" >> lines; answer ok; done")
        let payload = Array("{\"text\": \"line\\nline\",\n \"n\": 1.50}\n".utf8)
        #expect(await fixture.run(function, data: payload).error == nil)
        let lines = try fixture.directory.contents("lines").split(separator: "\n")
        #expect(lines.count == 1)
        let parsed = try JSONSerialization.jsonObject(with: Data(lines[0].utf8)) as? [String: Any]
        let event = try #require(parsed)
        #expect(event["specversion"] as? String == "1.0")
        #expect(event["dispatchattempt"] as? String == "3")
        #expect(event["dispatchdeadline"] as? String == "2027-01-15T08:00:00Z")
        #expect((event["dispatchinvocation"] as? String)?.hasSuffix(".0") == true)
        #expect((event["data"] as? [String: Any])?["text"] as? String == "line\u{a}line")
      }
    }

    @Test func `its environment has the target's variables and none of an event`() async throws {
      try await KeptFixture.with { fixture in
        var function = try fixture.function("env > env; while read -r line; do answer ok; done")
        guard case .process(var target) = function.target else { return }
        target.environment = ["COLOR": "blue"]
        function.target = .process(target)
        #expect(await fixture.run(function).error == nil)
        let variables = try fixture.directory.contents("env")
        #expect(variables.contains("COLOR=blue\n") && !variables.contains("CE_"))
      }
    }

    @Test func `what it logs is of the invocation that runs, and of no other`() async throws {
      try await KeptFixture.with { fixture in
        let function = try fixture.function(
          """
          echo starting >&2
          while read -r line; do
            n=$((n + 1))
            i=0; while [ $i -lt 200 ]; do echo "$n log $i" >&2; i=$((i + 1)); done
            printf 'no end' >&2
            answer $n
          done
          """)
        for number in 1...3 {
          let sink = RecordingSink()
          #expect(await fixture.run(function, into: sink).error == nil)
          let expected =
            (number == 1 ? ["starting"] : []) + (0..<200).map { "\(number) log \($0)" } + ["no end"]
          #expect(sink.lines == expected)
        }
      }
    }

    @Test func `so many as it may have run at once, and no more are started than needed`()
      async throws
    {
      try await KeptFixture.with { fixture in
        let function = try fixture.function(
          "echo $$ >> pids; while read -r line; do mkfifo $$; read -r go < $$; answer $$; done"
        ) { $0.processesMax = 3 }
        let runs = (0..<3).map { _ in Task { await fixture.run(function) } }
        await fixture.directory.has("pids", lines: 3)
        for pid in try fixture.pids() {
          await fixture.directory.has(pid)
          try Data("go\n".utf8).write(to: URL(fileURLWithPath: fixture.directory.path + "/" + pid))
        }
        for run in runs { #expect(await run.value.error == nil) }
        #expect(try Set(fixture.pids()).count == 3)
      }
    }

    @Test(arguments: [
      ("exit 3", "exited with code 3"), ("exit 0", "exited with code 0"),
      ("kill -9 $$", "was ended by signal 9"), ("exec 1>&-; exit 4", "exited with code 4"),
      ("printf '{\"id\"'; exit 5", "exited with code 5"),
    ])
    func `one that dies is replaced`(death: String, message: String) async throws {
      try await KeptFixture.with { fixture in
        let function = try fixture.function(
          """
          echo $$ >> pids
          while read -r line; do
            [ -e died ] || { touch died; echo last words >&2; \(death); }
            answer ok
          done
          """)
        let sink = RecordingSink()
        let error = await fixture.run(function, into: sink).error
        #expect(error?.code == "PROCESS_DIED" && error?.errorClass == .function)
        #expect(error?.isFinal == false)
        #expect(error?.message == "the process \(message) before it answered")
        #expect(sink.lines == ["last words"])
        #expect(await fixture.run(function).error == nil)
        #expect(try fixture.pids().count == 2)
      }
    }

    @Test(arguments: [
      ("echo hello", "answered with what is not JSON (expected a value): 'hello'"),
      ("echo '{}'", "answered without an id"),
      ("echo '{\"id\":\"x\"}'", "answered for another invocation: 'x'"),
      ("exec 1>&-; sleep 1000", "closed its standard output"),
      ("exec 1>&-; trap '' TERM; while :; do sleep 1; done", "closed its standard output"),
      ("head -c 3000000 /dev/zero", "answered with a line longer than 2097152 bytes"),
      ("yes x", "answered with what is not JSON (expected a value): 'x'"),
    ])
    func `one that does not keep to the protocol is replaced`(
      answer: String, problem: String
    ) async throws {
      try await KeptFixture.with { fixture in
        let function = try fixture.function(
          """
          echo $$ >> pids
          while read -r line; do
            [ -e failed ] || { touch failed; \(answer); }
            answer ok
          done
          """)
        let error = await fixture.run(function).error
        #expect(error?.code == "PROCESS_PROTOCOL" && error?.errorClass == .function)
        #expect(error?.message == "the process \(problem)")
        await Kernel.isGone(try fixture.pids()[0])
        #expect(await fixture.run(function).error == nil)
        #expect(try fixture.pids().count == 2)
      }
    }

    @Test func `an answer counts although the process exits right after it`() async throws {
      try await KeptFixture.with { fixture in
        let function = try fixture.function("read -r line; echo log >&2; answer bye; exit 1")
        for _ in 0..<20 {
          let sink = RecordingSink()
          let result = await fixture.run(function, into: sink)
          #expect(result.error?.message == nil)
          #expect(sink.text == "\"bye\"" && sink.lines == ["log"])
        }
      }
    }

    @Test func `more than the answer ends the process, not the invocation`() async throws {
      try await KeptFixture.with { fixture in
        let function = try fixture.function(
          "echo $$ >> pids; while read -r line; do answer ok >out; echo extra >>out; cat out; done")
        for _ in 0..<3 { #expect(await fixture.run(function).error == nil) }
        #expect(try fixture.pids().count == 3)
      }
    }

    @Test func `one that dies while it is idle fails no invocation`() async throws {
      try await KeptFixture.with { fixture in
        let function = try fixture.function(echo)
        #expect(await fixture.run(function).error == nil)
        let pid = try #require(Int32(try fixture.pids()[0]))
        kill(pid, SIGKILL)
        await Kernel.isGone("\(pid)")
        let result = await fixture.run(function)
        #expect(result.error?.message == nil)
        #expect(try fixture.pids().count == 2)
      }
    }

    @Test func `cancellation kills it with its whole group, whatever it ignores`() async throws {
      try await KeptFixture.with { fixture in
        let function = try fixture.function(
          """
          trap '' TERM
          (trap '' TERM; while :; do sleep 1; done) &
          echo $$ >> pids; echo $! >> pids
          while read -r line; do
            [ -e hung ] || { touch hung; while :; do sleep 1; done; }
            answer ok
          done
          """)
        let run = Task { await fixture.run(function) }
        await fixture.directory.has("hung")
        run.cancel()
        #expect(await run.value.error?.errorClass == .cancelled)
        for pid in try fixture.pids() { await Kernel.isGone(pid) }
        #expect(await fixture.run(function).error == nil)
      }
    }

    @Test func `one that does not read holds up nobody`() async throws {
      try await KeptFixture.with { fixture in
        let deaf = try fixture.function("touch deaf; sleep 1000", id: "deaf")
        let payload = [UInt8](repeating: 7, count: Limits.payloadBytesMax)
        let run = Task { await fixture.run(deaf, data: payload) }
        await fixture.directory.has("deaf")
        let function = try fixture.function(echo)
        for _ in 0..<10 { #expect(await fixture.run(function).error == nil) }
        run.cancel()
        #expect(await run.value.error?.errorClass == .cancelled)
      }
    }

    @Test func `large payloads and outputs pass`() async throws {
      try await KeptFixture.with { fixture in
        let function = try fixture.function(
          """
          while read -r line; do
            id=${line#*'"dispatchinvocation":"'}
            data=${line#*'"data_base64":"'}
            printf '{"id":"%s","output_base64":"%.80000s"}\\n' "${id%%'"'*}" "$data"
          done
          """)
        let payload = [UInt8](repeating: 0xFF, count: Limits.payloadBytesMax)
        let sink = RecordingSink()
        #expect(await fixture.run(function, data: payload, into: sink).error == nil)
        #expect(sink.bytes == [UInt8](repeating: 0xFF, count: 60_000))
      }
    }

    @Test func `a new definition gets new processes, and the old ones end`() async throws {
      try await KeptFixture.with { fixture in
        var function = try fixture.function(echo)
        #expect(await fixture.run(function).error == nil)
        function.metadata = ["a": "b"]
        fixture.runtime.apply(.put(.function(function), .default))
        #expect(await fixture.run(function).error == nil)
        #expect(try fixture.pids().count == 1, "the metadata is nothing to it")
        guard case .process(var target) = function.target else { return }
        target.arguments = ["x"]
        function.target = .process(target)
        fixture.runtime.apply(.put(.function(function), .default))
        await Kernel.isGone(try fixture.pids()[0])
        #expect(await fixture.run(function).error == nil)
        fixture.runtime.apply(.deleted(.init(.function, "f"), .default))
        for pid in try fixture.pids() { await Kernel.isGone(pid) }
        #expect(try fixture.pids().count == 2)
      }
    }

    @Test func `an idle process ends in time, a used up one at once`() async throws {
      try await KeptFixture.with { fixture in
        let idle = try fixture.function(echo) { $0.idleTimeout = .milliseconds(50) }
        #expect(await fixture.run(idle).error == nil)
        await Kernel.isGone(try fixture.pids()[0])
        let single = try fixture.function(echo, id: "g") { $0.invocationsMax = 2 }
        for _ in 0..<4 { #expect(await fixture.run(single).error == nil) }
        #expect(try Set(fixture.pids()).count == 3)
      }
    }

    @Test func `functions take turns where there is not room for all`() async throws {
      try await KeptFixture.with(keptMax: 2) { fixture in
        let functions = try (0..<4).map { try fixture.function(echo, id: "f\($0)") }
        await withTaskGroup(of: Bool.self) { group in
          for number in 0..<40 {
            group.addTask { await fixture.run(functions[number % 4]).error == nil }
          }
          for await isRight in group { #expect(isRight) }
        }
      }
    }

    @Test func `a command that can't be started is a clear error`() async throws {
      try await KeptFixture.with { fixture in
        var function = try fixture.function(echo)
        guard case .process(var target) = function.target else { return }
        target.command = try fixture.directory.file("no program", name: "data", mode: 0o755)
        function.target = .process(target)
        let error = await fixture.run(function).error
        #expect(error?.code == "SPAWN_FAILED" && error?.errorClass == .system)
        #expect(error?.isFinal == true)
        try FileManager.default.removeItem(atPath: target.command)
        #expect(await fixture.run(function).error?.message.contains("does not exist") == true)
      }
    }

    @Test func `at the end input is closed before anything is killed`() async throws {
      let directory = try ScriptDirectory()
      try await KeptFixture.with { fixture in
        let polite = try fixture.function(
          "while read -r line; do answer ok; done; echo end > \(directory.path)/polite")
        let stubborn = try fixture.function(
          "trap 'echo asked > \(directory.path)/stubborn' TERM; echo $$ > \(directory.path)/pid\n"
            + "read -r line; answer ok; while :; do sleep 0.05; done", id: "stubborn")
        #expect(await fixture.run(polite).error == nil)
        #expect(await fixture.run(stubborn).error == nil)
      }
      #expect(try directory.contents("polite") == "end\n")
      #expect(try directory.contents("stubborn") == "asked\n")
      let pid = try directory.contents("pid").trimmingCharacters(in: .whitespacesAndNewlines)
      #expect(kill(try #require(Int32(pid)), 0) == -1, "killed and reaped")
    }

    @Test(
      .disabled(if: isThreadSanitized, "the sanitizer runs a symbolizer as a child, with pipes"))
    func `nothing stays open and nobody unreaped`() async throws {
      try await KeptFixture.with { _ = try await $0.run($0.function("read -r line; answer ok")) }
      let pipes = try Kernel.pipes()
      try await KeptFixture.with { fixture in
        for body in [
          "while read -r line; do answer ok; done", "read -r line; answer ok", "exit 1", "echo x",
          "sleep 1000 & read -r line; answer ok", "kill -9 $$", "exec 1>&- 2>&-; sleep 1000",
        ] {
          let function = try fixture.function(body, id: "f")
          for _ in 0..<3 { _ = await fixture.run(function) }
          fixture.runtime.apply(.deleted(.init(.function, "f"), .default))
        }
        var broken = try fixture.function("true", id: "broken")
        guard case .process(var target) = broken.target else { return }
        target.command = try fixture.directory.file("no program", name: "data", mode: 0o755)
        broken.target = .process(target)
        for _ in 0..<3 { _ = await fixture.run(broken) }
        let hung = try fixture.function("sleep 1000", id: "hung")
        let cancelled = Task { await fixture.run(hung) }
        cancelled.cancel()
        _ = await cancelled.value
      }
      #expect(try Kernel.pipes() == pipes)
      #expect(try Kernel.children() == [])
    }

    @Test(
      .disabled(if: isThreadSanitized, "the sanitizer runs a symbolizer as a child, with pipes"))
    func `thousands of invocations leave nothing behind`() async throws {
      try await KeptFixture.with { fixture in
        let function = try fixture.function(echo) { $0.processesMax = 4 }
        _ = await fixture.run(function)
        let count = 3_000
        let succeeded = await withTaskGroup(of: Int.self) { group in
          for _ in 0..<4 {
            group.addTask {
              var succeeded = 0
              for _ in 0..<(count / 4) where await fixture.run(function).error == nil {
                succeeded += 1
              }
              return succeeded
            }
          }
          return await group.reduce(0, +)
        }
        #expect(succeeded == count)
        #expect(try Set(fixture.pids()).count <= 4)
        #expect(try Kernel.children().count <= 4)
      }
      #expect(try Kernel.children() == [])
    }
  }
}
