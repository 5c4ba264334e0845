import EventCore
import Subprocess
import Synchronization
import SystemPackage

/// One command being run for one attempt.
struct Command: Sendable {
  private typealias Running = Execution<FileDescriptorInput, SequenceOutput, SequenceOutput>

  private let path: String
  private let target: ProcessTarget
  private let attempt: AttemptRequest
  private let grace: Duration

  /// - Parameter path: the real path of the target's command.
  init(path: String, _ target: ProcessTarget, _ attempt: AttemptRequest, grace: Duration) {
    self.path = path
    self.target = target
    self.attempt = attempt
    self.grace = grace
  }

  /// Returns when the command has exited and its process group is gone.
  func run(into sink: any OutputSink) async -> AttemptResult {
    guard !Task.isCancelled else { return .cancelled }
    do {
      let payload = try PayloadFile.open(attempt.payload.data)
      let ended = try await Subprocess.run(
        configuration, input: .fileDescriptor(payload, closeAfterSpawningProcess: true),
        output: .sequence, error: .sequence
      ) { running in
        await follow(running, into: sink)
      }
      return Task.isCancelled ? .cancelled : ended.terminationStatus.result
    } catch let error as SubprocessError {
      return Task.isCancelled ? .cancelled : error.result(for: path)
    } catch {
      return Task.isCancelled ? .cancelled : .spawnFailed(path, "\(error)", isFinal: false)
    }
  }

  private var configuration: Configuration {
    Configuration(
      target, at: path, variables: ProcessEnvironment(target, attempt).variables, grace: grace)
  }

  /// Reads the pipes until the command has exited, then kills what is left of its group.
  ///
  /// Unstructured tasks, as cancellation must not end them: what the command writes while it is
  /// being terminated is still its output, and the group has to be killed in any case.
  private func follow(_ running: Running, into sink: any OutputSink) async {
    let hasExited = ExitFlag()
    let output = Task { await read(running.standardOutput, hasExited) { sink.output($0) } }
    let logs = Task {
      var lines = LineSplitter()
      await read(running.standardError, hasExited) { lines.add($0) { sink.log($0) } }
      if lines.hasRest { lines.finish { sink.log($0) } }
    }
    await running.exited(within: RuntimeLimits.processLifeMax)
    hasExited.set()
    running.killGroup()
    await output.value
    await logs.value
  }

  private func read(
    _ pipe: SubprocessOutputSequence, _ hasExited: ExitFlag, _ body: ([UInt8]) -> Void
  ) async {
    var drained = 0
    var buffers = pipe.makeAsyncIterator()
    // It ends when every writer is gone, and at the exit of the command with what is in the pipe.
    while drained <= RuntimeLimits.drainBytesMax, let buffer = try? await buffers.next() {
      body(buffer.withUnsafeBytes { Array($0) })
      if hasExited.isSet { drained += buffer.count }
    }
  }
}

/// Set once the command has exited.
private final class ExitFlag: Sendable {
  private let flag = Atomic(false)

  var isSet: Bool { flag.load(ordering: .relaxed) }

  func set() { flag.store(true, ordering: .relaxed) }
}
