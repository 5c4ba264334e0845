import EventCore
import Messages
import Testing

@testable import DispatchWorker

/// Each bound, at it and one past it.
struct LimitsTests {
  @Test func `output over what the gateway keeps is cut one byte after`() {
    for (written, told) in [
      (Limits.outputBytesMax, Limits.outputBytesMax),
      (WorkerLimits.outputBytesMax, WorkerLimits.outputBytesMax),
      (WorkerLimits.outputBytesMax + 1, WorkerLimits.outputBytesMax),
    ] {
      var worker = WorkerFixture(concurrency: 1)
      worker.begin()
      _ = worker.said()
      worker.assign(1)
      worker.conversation.write(Array(repeating: 0, count: written), for: 1)
      worker.conversation.write([], for: 1)
      #expect(outputs(worker.contents()).reduce(0, +) == told)
    }
  }

  @Test func `a message has a chunk of output at most`() {
    for (written, chunks) in [
      (WorkerLimits.chunkBytesMax, [WorkerLimits.chunkBytesMax]),
      (WorkerLimits.chunkBytesMax + 1, [WorkerLimits.chunkBytesMax, 1]),
    ] {
      var worker = WorkerFixture(concurrency: 1)
      worker.begin()
      _ = worker.said()
      worker.assign(1)
      worker.conversation.write(Array(repeating: 0, count: written), for: 1)
      #expect(outputs(worker.contents()) == chunks)
      worker.reconnect(leases: [1])
      worker.finish(1)
      #expect(outputs(worker.contents()) == chunks, "also that of a result")
    }
  }

  @Test func `of the lines that wait the latest are told, cut to their length`() {
    var worker = WorkerFixture(concurrency: 1)
    worker.begin()
    _ = worker.said()
    worker.assign(1)
    for number in 0...WorkerLimits.logLinesMax { worker.conversation.log("\(number)", for: 1) }
    let lines = logs(worker.contents())
    #expect(lines.count == WorkerLimits.logLinesMax)
    #expect(lines.first == "1")
    for length in [Limits.logLineBytesMax, Limits.logLineBytesMax + 1] {
      worker.conversation.log(String(repeating: "l", count: length), for: 1)
      #expect(logs(worker.contents()).map(\.utf8.count) == [Limits.logLineBytesMax])
    }
    worker.conversation.log("a\0b", for: 1)
    #expect(logs(worker.contents()) == ["a\u{FFFD}b"])
  }

  @Test func `no more work is asked for while too many results are not acknowledged`() {
    var worker = WorkerFixture(concurrency: 1)
    worker.begin()
    #expect(worker.said() == ["credit 1"])
    for lease in 1...UInt64(WorkerLimits.unacknowledgedMax) {
      worker.assign(lease)
      worker.finish(lease)
      let isAtLimit = lease == WorkerLimits.unacknowledgedMax
      #expect(worker.said() == (isAtLimit ? ["result \(lease)"] : ["result \(lease)", "credit 1"]))
    }
    worker.acknowledge(1)
    #expect(worker.said() == ["credit 1"])
  }

  @Test func `an error's texts are cut to what the gateway keeps`() {
    let long = String(repeating: "x", count: Limits.errorMessageBytesMax + 1)
    var worker = WorkerFixture(concurrency: 1)
    worker.begin()
    _ = worker.said()
    worker.assign(1)
    worker.finish(
      1, .failure(FunctionError(code: long, message: long, retryAfter: .seconds(1 << 40))))
    let error = worker.contents().lazy.compactMap { content -> InvocationError? in
      if case .result(let result) = content { result.error } else { nil }
    }.first
    #expect(error?.code.utf8.count == Limits.finalCodeBytesMax)
    #expect(error?.message.utf8.count == Limits.errorMessageBytesMax)
    #expect(error?.retryAfter == Limits.ageMax)
  }

  @Test func `pauses grow up to a bound, and begin again`() {
    var pause = ReconnectPause()
    var pauses = (0..<20).map { _ in pause.next(chance: 0) }
    #expect(pauses[0] == ReconnectPause.first)
    #expect(pauses[1] == ReconnectPause.first * ReconnectPause.factor)
    #expect(pauses.last == ReconnectPause.longest)
    pauses = [pause.next(chance: -1), pause.next(chance: 1)]
    #expect(pauses == [.seconds(8), .seconds(12)])
    pause.reset()
    #expect(pause.next(chance: 0) == ReconnectPause.first)
  }

  private func outputs(_ contents: [WorkerMessage.Content]) -> [Int] {
    contents.compactMap { content in
      switch content {
      case .progress(let progress): progress.output.count
      case .result(let result): result.output.map(\.payload.data.count)
      default: nil
      }
    }.filter { $0 > 0 }
  }

  private func logs(_ contents: [WorkerMessage.Content]) -> [String] {
    contents.flatMap { content -> [String] in
      if case .progress(let progress) = content { progress.logs.map(\.text) } else { [] }
    }
  }
}
