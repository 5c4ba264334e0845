import EventCore
import Messages
import Testing

@testable import DispatchWorker

struct ConversationTests {
  @Test func `says hello first, and nothing more until it is welcome`() {
    var worker = WorkerFixture(concurrency: 3)
    worker.conversation.connect(at: worker.now)
    #expect(worker.said() == ["hello s f,g"])
    #expect(!worker.conversation.isWelcomed)
    worker.welcome()
    #expect(worker.said() == ["credit 3"])
    #expect(worker.conversation.isWelcomed)
  }

  @Test func `asks for as much work as it has room for, never for more`() {
    var worker = WorkerFixture(concurrency: 2)
    worker.begin()
    #expect(worker.said() == ["credit 2"])
    #expect(worker.assign(1) == ["start 1"])
    #expect(worker.assign(2) == ["start 2"])
    #expect(worker.said() == ["started 1", "started 2"])
    worker.finish(1)
    #expect(worker.said() == ["result 1", "credit 1"])
    worker.acknowledge(1)
    #expect(worker.said() == [])
  }

  @Test func `a result is told until it is acknowledged`() {
    var worker = WorkerFixture(concurrency: 1)
    worker.begin()
    _ = worker.said()
    worker.assign(1)
    worker.finish(1)
    #expect(worker.said() == ["result 1", "credit 1"])
    worker.reconnect(leases: [])
    #expect(worker.said() == ["result 1", "credit 1"])
    worker.acknowledge(1)
    worker.reconnect(leases: [])
    #expect(worker.said() == ["credit 1"])
  }

  @Test func `a function that is done at once says no start`() {
    var worker = WorkerFixture(concurrency: 1)
    worker.begin()
    _ = worker.said()
    worker.assign(1)
    worker.finish(1, .success(.text("x")))
    #expect(worker.said().first == "result 1 x text/plain; charset=utf-8")
  }

  @Test func `output is told with its offsets, and the rest of it with the result`() {
    var worker = WorkerFixture(concurrency: 1)
    worker.begin()
    _ = worker.said()
    worker.assign(1)
    worker.conversation.write(Array("ab".utf8), for: 1)
    worker.conversation.log("one", for: 1)
    #expect(worker.said() == ["started 1", "progress 1 0 ab [one]"])
    worker.conversation.write(Array("c".utf8), for: 1)
    worker.conversation.write(Array("d".utf8), for: 1)
    #expect(worker.said() == ["progress 1 2 cd []"])
    worker.conversation.write(Array("e".utf8), for: 1)
    worker.finish(1, .success(.json("{}")))
    #expect(worker.said().first == "result 1 e{} application/json")
  }

  @Test func `after a reconnect all output is told again, and logs are not`() {
    var worker = WorkerFixture(concurrency: 2)
    worker.begin()
    _ = worker.said()
    worker.assign(1)
    worker.assign(2)
    worker.conversation.write(Array("abc".utf8), for: 1)
    worker.conversation.log("one", for: 1)
    worker.conversation.write(Array("xyz".utf8), for: 2)
    worker.finish(2)
    _ = worker.said()
    worker.conversation.disconnect()
    worker.conversation.write(Array("d".utf8), for: 1)
    #expect(worker.said() == [])
    worker.reconnect(leases: [1, 2])
    #expect(
      Set(worker.said())
        == ["started 1", "progress 1 0 abcd []", "result 2 xyz ", "credit 1"])
  }

  @Test func `what Progress has told is never told by a result`() {
    var worker = WorkerFixture(concurrency: 1)
    worker.begin()
    worker.assign(1)
    worker.conversation.write(Array("ab".utf8), for: 1)
    _ = worker.said()
    worker.conversation.disconnect()
    worker.finish(1, .success(.text("c")))
    for _ in 0..<2 {
      worker.reconnect(leases: [1])
      #expect(
        worker.said() == ["progress 1 0 abc []", "result 1  text/plain; charset=utf-8", "credit 1"])
    }
  }

  @Test func `a large output is told in pieces, in turn with that of others`() {
    var worker = WorkerFixture(concurrency: 2)
    worker.begin()
    _ = worker.said()
    worker.assign(1)
    worker.assign(2)
    worker.conversation.write(Array(repeating: 0x61, count: 2 * WorkerLimits.chunkBytesMax), for: 1)
    worker.conversation.write(Array("x".utf8), for: 2)
    let lengths = worker.contents().compactMap { content -> String? in
      guard case .progress(let progress) = content else { return nil }
      return "\(progress.lease) \(progress.offset) \(progress.output.count)"
    }
    #expect(lengths == ["1 0 65536", "2 0 1", "1 65536 65536"])
  }

  @Test func `leases that were lost meanwhile are given up, and take room until they end`() {
    var worker = WorkerFixture(concurrency: 2)
    worker.begin()
    _ = worker.said()
    worker.assign(1)
    worker.assign(2)
    _ = worker.said()
    #expect(worker.reconnect(leases: [2]) == ["stop 1"])
    #expect(worker.said() == ["started 2"])
    worker.finish(1)
    #expect(worker.said() == ["credit 1"])
  }

  @Test func `an assignment that was lost with its stream comes again, without credit`() {
    var worker = WorkerFixture(concurrency: 3)
    worker.begin()
    _ = worker.said()
    worker.assign(1)
    worker.reconnect(leases: [1, 2])
    #expect(worker.said() == ["started 1", "credit 1"])
    #expect(worker.assign(1) == [], "it has that one")
    #expect(worker.assign(2) == ["start 2"])
    #expect(worker.said() == ["started 2"])
    worker.reconnect(leases: [1, 2, 3])
    #expect(Set(worker.said()) == ["started 1", "started 2"])
    worker.cancel(3)
    #expect(worker.said() == ["credit 1"])
  }

  @Test func `what is cancelled is stopped, and its result goes nowhere`() {
    var worker = WorkerFixture(concurrency: 1)
    worker.begin()
    _ = worker.said()
    worker.assign(1)
    _ = worker.said()
    #expect(worker.cancel(1) == ["stop 1"])
    #expect(worker.cancel(1) == [])
    worker.conversation.write(Array("x".utf8), for: 1)
    worker.conversation.log("x", for: 1)
    #expect(worker.said() == [])
    worker.finish(1)
    #expect(worker.said() == ["credit 1"])
    #expect(worker.cancel(7) == [])
  }

  @Test func `a result that was cancelled is not told again`() {
    var worker = WorkerFixture(concurrency: 1)
    worker.begin()
    _ = worker.said()
    worker.assign(1)
    worker.finish(1)
    _ = worker.said()
    #expect(worker.cancel(1) == [])
    worker.reconnect(leases: [])
    #expect(worker.said() == ["credit 1"])
  }

  @Test func `a drain asks for no more, and is over when all is acknowledged`() {
    var worker = WorkerFixture(concurrency: 2)
    worker.begin()
    _ = worker.said()
    worker.assign(1)
    _ = worker.said()
    worker.conversation.drain()
    #expect(worker.said() == ["drain"])
    worker.finish(1)
    #expect(worker.said() == ["result 1"])
    #expect(!worker.conversation.isOver)
    worker.reconnect(leases: [])
    #expect(worker.said() == ["result 1", "drain"])
    worker.acknowledge(1)
    #expect(worker.conversation.isOver)
  }

  @Test func `a drain waits for a function whose result nobody wants`() {
    var worker = WorkerFixture(concurrency: 1)
    worker.begin()
    _ = worker.said()
    worker.assign(1)
    worker.conversation.drain()
    worker.cancel(1)
    #expect(!worker.conversation.isOver)
    worker.finish(1)
    #expect(worker.conversation.isOver)
  }

  @Test func `a ping is answered, and an answer is not`() {
    var worker = WorkerFixture(concurrency: 1)
    worker.begin()
    _ = worker.said()
    worker.receive(.ping(WorkerPing(7)))
    #expect(worker.said() == ["pong 7"])
    worker.receive(.ping(WorkerPing(8, isAnswer: true)))
    #expect(worker.said() == [])
  }

  @Test func `a stream is dead when nothing was heard for two ping intervals`() {
    var worker = WorkerFixture(concurrency: 1)
    worker.conversation.connect(at: worker.now)
    #expect(worker.conversation.silenceEnd == worker.now + WorkerLimits.welcomeTimeout)
    worker.now += .seconds(1)
    worker.welcome(pingInterval: .seconds(3))
    #expect(worker.conversation.silenceEnd == worker.now + .seconds(6))
    worker.now += .seconds(5)
    worker.receive(.ping(WorkerPing(1)))
    #expect(worker.conversation.silenceEnd == worker.now + .seconds(6))
  }

  @Test func `an error has its class, its code and when to try again`() {
    var worker = WorkerFixture(concurrency: 1)
    worker.begin()
    _ = worker.said()
    worker.assign(1)
    worker.finish(
      1,
      .failure(
        FunctionError(.input, code: "NO", message: "m", isFinal: true, retryAfter: .seconds(3))))
    let result = worker.contents().compactMap { content -> WorkerResult? in
      if case .result(let result) = content { result } else { nil }
    }
    let error = result.first?.error
    #expect(
      error
        == InvocationError(
          .input, code: "NO", message: "m", isFinal: true, retryAfter: .seconds(3)))
    #expect(result.first?.output == nil)
  }
}
