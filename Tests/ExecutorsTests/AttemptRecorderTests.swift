import EventCore
import Testing

@testable import Executors

struct AttemptRecorderTests {
  private let board = WatchBoard()
  private let trigger = Trigger()

  private func recorder(of invocation: Invocation = Invocation()) -> AttemptRecorder {
    AttemptRecorder(of: invocation, trigger, attempt: 2, clock: ManualClock(), board: board)
  }

  private func written(_ recorder: AttemptRecorder) -> Invocation {
    var invocation = Invocation()
    recorder.write(into: &invocation, dataType: "t/x")
    return invocation
  }

  @Test func `output at the limit is whole, one byte more is cut and marked`() {
    let recorder = recorder()
    recorder.output(Array(repeating: 1, count: Limits.outputBytesMax - 1))
    recorder.output([2])
    #expect(written(recorder).output?.payload.data.count == Limits.outputBytesMax)
    #expect(written(recorder).output?.isTruncated == false)
    recorder.output([3])
    #expect(written(recorder).output?.payload.data.count == Limits.outputBytesMax)
    #expect(written(recorder).output?.payload.data.last == 2)
    #expect(written(recorder).output?.isTruncated == true)
  }

  @Test func `watchers are told what is kept, with its offset`() {
    let buffer = board.open(trigger.triggerID)
    let recorder = recorder()
    recorder.output(Array(repeating: 1, count: Limits.outputBytesMax - 1))
    recorder.output([2, 3])
    recorder.output([4])
    guard case .progress(let progress) = buffer.take() else { Issue.record("nothing"); return }
    let id = Invocation().id
    #expect(progress.count == 2)
    #expect(
      progress.last
        == .output(id, attempt: 2, offset: Limits.outputBytesMax - 1, bytes: [2]))
  }

  @Test func `the latest lines of all attempts are kept`() {
    var invocation = Invocation()
    let old = LogLine(time: Timestamp(nanoseconds: 0), attempt: 1, text: "old")
    invocation.logs = Array(repeating: old, count: Limits.logLinesMax)
    let recorder = recorder(of: invocation)
    recorder.log("new")
    let logs = written(recorder).logs
    #expect(logs.count == Limits.logLinesMax)
    #expect(logs[0].text == "old" && logs.last?.text == "new" && logs.last?.attempt == 2)
  }

  @Test func `a long line is cut between characters`() {
    let recorder = recorder()
    recorder.log(String(repeating: "x", count: Limits.logLineBytesMax))
    recorder.log("x" + String(repeating: "é", count: Limits.logLineBytesMax))
    #expect(written(recorder).logs[0].text.utf8.count == Limits.logLineBytesMax)
    #expect(written(recorder).logs[1].text.utf8.count == Limits.logLineBytesMax - 1)
    #expect(written(recorder).logs[1].text.last == "é")
  }

  @Test func `a NUL does not hide the rest of its line`() {
    let recorder = recorder()
    recorder.log("ab\0cd")
    #expect(written(recorder).logs[0].text == "ab\u{FFFD}cd")
  }

  @Test func `an attempt that wrote nothing leaves no output, an empty one leaves it empty`() {
    let silent = recorder()
    #expect(written(silent).output == nil)
    silent.output([])
    #expect(written(silent).output?.payload == Payload(data: [], dataType: "t/x"))
  }
}
