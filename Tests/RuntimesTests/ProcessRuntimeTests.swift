import EventCore
import Foundation
import Testing

@testable import Runtimes

/// One after the other: some count the commands that run, and what is open in this process.
@Suite(.serialized, .timeLimit(.minutes(2))) struct CommandTests {}

extension CommandTests {
  @Suite struct ProcessRuntimeTests {
    private let directory: ScriptDirectory

    init() throws {
      directory = try ScriptDirectory()
    }

    @Test func `payload and output pass unchanged`() async throws {
      let payload = (0..<Limits.payloadBytesMax).map {
        UInt8(truncatingIfNeeded: $0 * 31 + $0 >> 8)
      }
      let (result, sink) = try await directory.run("cat", data: payload)
      #expect(result == AttemptResult(.succeeded))
      #expect(sink.bytes == payload)
    }

    @Test func `each line of standard error is a log line`() async throws {
      let (result, sink) = try await directory.run(
        #"printf 'one\n\ntwo\r\nb\377d\nlast' >&2; echo out"#)
      #expect(result == AttemptResult(.succeeded))
      #expect(sink.lines == ["one", "", "two", "b\u{FFFD}d", "last"])
      #expect(sink.text == "out\n")
    }

    @Test func `the environment is the event's and the target's, nothing else`() async throws {
      setenv("GATEWAY_SECRET", "x", 1)
      let metadata = ["kéy =\n": "a \"quoted\" \\ value", "tenant": "7"]
      let (_, sink) = try await directory.run(
        "/usr/bin/env -0", environment: ["COLOR": "blue"], metadata: metadata)
      let lines = sink.text.split(separator: "\0").map { $0.split(separator: "=", maxSplits: 1) }
      var variables = Dictionary(uniqueKeysWithValues: lines.map { ($0[0], String($0[1])) })
      // The shell's own.
      for name in ["PWD", "OLDPWD", "SHLVL", "_"] { variables[name[...]] = nil }
      let json = try #require(variables["CE_METADATA"])
      variables["CE_METADATA"] = nil
      #expect(
        try JSONDecoder().decode([String: String].self, from: Data(json.utf8)) == metadata)
      #expect(
        variables == [
          "PATH": "/usr/local/bin:/usr/bin:/bin", "COLOR": "blue", "CE_SPECVERSION": "1.0",
          "CE_ID": try #require(variables["CE_ID"]), "CE_TYPE": "order.created",
          "CE_SOURCE": "/organizations/default/events/order.created",
          "CE_TIME": "2023-11-14T22:13:20.123Z", "CE_DATACONTENTTYPE": "application/json",
          "CE_DISPATCHSUBSCRIPTION": "s", "CE_DISPATCHATTEMPT": "3", "CE_TENANT": "7",
        ])
    }

    @Test func `arguments arrive as they are and the command runs in its directory`() async throws {
      let (_, sink) = try await directory.run(
        #"for a in "$@"; do echo "[$a]"; done; pwd"#, arguments: ["a b", "", "$HOME", "*"])
      let path = try #require(realpath(directory.path, nil).map { String(cString: $0) })
      #expect(sink.text == "[a b]\n[]\n[$HOME]\n[*]\n\(path)\n")
    }

    @Test func `an exit code other than 0 is the function's failure`() async throws {
      let (result, sink) = try await directory.run("echo partly; exit 7")
      #expect(result.error?.errorClass == .function && result.error?.code == "EXIT_7")
      #expect(result.error?.message == "the command exited with code 7")
      #expect(result.error?.isFinal == false)
      #expect(sink.text == "partly\n")
    }

    @Test(arguments: [
      (64, InvocationError.Class.input, true), (65, .input, true), (126, .system, false),
      (127, .system, false), (1, .function, false), (66, .function, false), (75, .function, false),
      (255, .function, false),
    ])
    func `an exit code says whose fault it is`(
      code: Int, errorClass: InvocationError.Class, isFinal: Bool
    ) async throws {
      let (result, _) = try await directory.run("exit \(code)")
      #expect(result.error?.code == "EXIT_\(code)")
      #expect(result.error?.errorClass == errorClass && result.error?.isFinal == isFinal)
    }

    @Test func `an end by a signal is the function's failure`() async throws {
      let (result, _) = try await directory.run("kill -9 $$")
      #expect(result.error?.errorClass == .function && result.error?.code == "SIGNAL_9")
    }

    @Test(arguments: ["exit 0", "exec 0<&-; echo closed >&2", "head -c 1 >/dev/null", "true"])
    func `a command need not read its input`(body: String) async throws {
      let payload = [UInt8](repeating: 7, count: Limits.payloadBytesMax)
      let (result, _) = try await directory.run(body, data: payload)
      #expect(result == AttemptResult(.succeeded))
    }

    @Test func `a command that closes its outputs is still waited for`() async throws {
      let (result, _) = try await directory.run("exec 1>&- 2>&-; cat >/dev/null; sleep 0.2; exit 3")
      #expect(result.error?.code == "EXIT_3")
    }

    @Test func `output is passed on while the command runs`() async throws {
      let fifo = directory.path + "/go"
      #expect(mkfifo(fifo, 0o600) == 0)
      let sink = RecordingSink()
      async let ended = directory.run("echo ready; read line < go; echo $line", into: sink)
      await sink.has(bytes: 6)
      #expect(sink.text == "ready\n")
      try Data("steady\n".utf8).write(to: URL(fileURLWithPath: fifo))
      #expect(try await ended.result == AttemptResult(.succeeded))
      #expect(sink.text == "ready\nsteady\n")
    }

    @Test func `cancellation ends the whole group, whatever it ignores`() async throws {
      let sink = RecordingSink()
      let directory = directory
      let run = Task {
        try await directory.run(
          """
          trap 'echo asked' TERM
          (trap '' TERM; while :; do sleep 1; done) &
          echo $$ $! > pids
          sleep 1000 &
          echo $! >> pids
          echo ready
          while :; do wait; done
          """, into: sink)
      }
      await sink.has(bytes: 6)
      run.cancel()
      let result = try await run.value.result
      #expect(result.error?.errorClass == .cancelled)
      #expect(sink.text.contains("asked"), "the first signal was SIGTERM")
      for pid in try directory.contents("pids").split(whereSeparator: \.isWhitespace) {
        await Kernel.isGone(String(pid))
      }
    }

    @Test func `a child that holds the pipes of a command that has exited is killed`() async throws
    {
      let (result, sink) = try await directory.run(
        "sleep 1000 & echo $! > pid; echo done; exit 0")
      #expect(result == AttemptResult(.succeeded) && sink.text == "done\n")
      let pid = try directory.contents("pid").trimmingCharacters(in: .whitespacesAndNewlines)
      await Kernel.isGone(pid)
    }

    @Test func `a child that floods the pipes of a command that has exited is killed`() async throws
    {
      let (result, _) = try await directory.run("yes & exit 4")
      #expect(result.error?.code == "EXIT_4")
    }

    @Test func `a child that left the group does not hold up the outcome`() async throws {
      let (result, _) = try await directory.run(
        "setsid sh -c 'echo $$ > pid.new; mv pid.new pid; exec yes' & "
          + "while [ ! -e pid ]; do sleep 0.01; done; exit 5")
      #expect(result.error?.code == "EXIT_5")
      let pid = try directory.contents("pid").trimmingCharacters(in: .whitespacesAndNewlines)
      // Its pipe is closed, so it ends by itself; this is for the case that it does not.
      if let pid = Int32(pid) { kill(pid, SIGKILL) }
    }

    @Test(
      .disabled(if: isThreadSanitized, "the sanitizer runs a symbolizer as a child, with pipes"))
    func `nothing stays open and nobody unreaped`() async throws {
      _ = try await directory.run("true")
      let pipes = try Kernel.pipes()
      for body in ["cat", "exit 1", "sleep 1000 & exit 0", "kill -9 $$"] {
        for _ in 0..<5 { _ = try await directory.run(body, data: [1, 2, 3]) }
      }
      let directory = directory
      let cancelled = Task { try await directory.run("sleep 1000") }
      cancelled.cancel()
      _ = try await cancelled.value
      #expect(try Kernel.pipes() == pipes)
      #expect(try Kernel.children() == [])
    }

    @Test func `many commands run at once`() async throws {
      let runtime = try directory.runtime()
      var target = ProcessTarget()
      target.command = try directory.script("cat; echo log >&2")
      await withTaskGroup(of: Bool.self) { group in
        for number in 0..<50 {
          let data = Array("payload \(number)".utf8)
          let request = AttemptRequest.sample(.process(target), data: data)
          group.addTask {
            let sink = RecordingSink()
            let result = await runtime.run(request, into: sink)
            return result == AttemptResult(.succeeded) && sink.bytes == data
              && sink.lines == ["log"]
          }
        }
        for await isRight in group { #expect(isRight) }
      }
    }
  }
}
