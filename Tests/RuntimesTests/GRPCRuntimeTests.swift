import EventCore
import GRPC
import Messages
import NIOCore
import Synchronization
import Testing

@testable import Runtimes

@Suite(.timeLimit(.minutes(1)))
struct GRPCRuntimeTests {
  @Test func `a service gets the attempt, and its words come as it says them`() async throws {
    let received = Mutex<InvokeRequest?>(nil)
    let metadata = Mutex<String?>(nil)
    let sink = RecordingSink()
    try await GRPCFixture.with { call, request, speaker in
      received.withLock { $0 = request }
      metadata.withLock { $0 = call.metadata["authorization"] }
      try await speaker.say(.output([1, 2]))
      // Answered before the call is over, or this would wait for ever.
      await sink.has(bytes: 2)
      try await speaker.say(.log("half way"))
      try await speaker.say(.dataType("a/b"))
      try await speaker.say(.output([3]))
    } _: { fixture in
      let deadline = Timestamp.now() + .seconds(30)
      let result = await fixture.run(
        data: [7], metadata: ["authorization": "Bearer x"], deadline: deadline, into: sink)
      #expect(result == AttemptResult(.succeeded, dataType: "a/b"))
      #expect(received.withLock { $0?.deadline } == deadline)
    }
    #expect(sink.bytes == [1, 2, 3] && sink.lines == ["half way"])
    let request = try #require(received.withLock { $0 })
    let trigger = try #require(request.trigger)
    let id = InvocationID(triggerID: trigger.trigger.triggerID, ordinal: 0)
    #expect(request.invocationID == "\(id)")
    #expect((request.functionID, request.subscriptionID, request.attempt) == ("f", "s", 3))
    #expect(request.organization == "default" && trigger.trigger.payload.data == [7])
    #expect(trigger.state == .running)
    #expect(metadata.withLock { $0 } == "Bearer x")
  }

  @Test func `a function that is run directly is of no invocation`() async throws {
    let received = Mutex<InvokeRequest?>(nil)
    try await GRPCFixture.with { _, request, _ in
      received.withLock { $0 = request }
    } _: { fixture in
      var target = GRPCTarget()
      target.address = fixture.address
      var request = AttemptRequest.sample(.grpc(target))
      request.subscriptionID = ""
      #expect(
        await fixture.runtime.run(request, into: RecordingSink()) == AttemptResult(.succeeded))
    }
    #expect(received.withLock { $0?.invocationID } == "")
    #expect(received.withLock { $0?.trigger?.trigger.triggerID } != nil)
  }

  @Test func `a failure in the function's own words is the last word`() async throws {
    var said = InvocationError(.timeout, code: "", message: "no", retryAfter: .seconds(-1))
    try await GRPCFixture.with { [said] call, _, speaker in
      try await speaker.say(.output([1]))
      try await speaker.say(.failure(said))
      try await withUntilCancelled {}
    } _: { fixture in
      let sink = RecordingSink()
      let result = await fixture.run(into: sink)
      #expect(sink.bytes == [1])
      (said.errorClass, said.code, said.retryAfter) = (.function, "FAILED", .zero)
      #expect(result == AttemptResult(.failed(said)))
    }
  }

  @Test func `a type that is too long is none`() async throws {
    let long = "a/" + String(repeating: "b", count: Limits.dataTypeBytesMax - 2)
    try await GRPCFixture.with { _, request, speaker in
      try await speaker.say(
        .dataType(request.trigger!.trigger.payload.data == [] ? long : long + "b"))
    } _: { fixture in
      #expect(await fixture.run().dataType == long)
      #expect(await fixture.run(data: [1]).dataType == "")
    }
  }

  @Test func `the deadline is the call's, and over it the attempt is`() async throws {
    let hasDeadline = Mutex(false)
    let hasEnded = Mutex(false)
    try await GRPCFixture.with { call, request, _ in
      guard request.deadline != nil else { return }
      hasDeadline.withLock { $0 = call.deadline != nil }
      try await withUntilCancelled { hasEnded.withLock { $0 = true } }
    } _: { fixture in
      // Connects, so that the time is the call's alone.
      #expect(await fixture.run().error == nil)
      let result = await fixture.run(deadline: .now() + .seconds(1))
      #expect(result.error?.errorClass == .timeout && result.error?.code == "ATTEMPT_TIMEOUT")
      #expect(hasDeadline.withLock { $0 })
      while !hasEnded.withLock({ $0 || !hasDeadline.withLock { $0 } }) { await Task.yield() }
    }
  }

  @Test func `cancellation resets the call`() async throws {
    let sink = RecordingSink()
    let hasEnded = Mutex(false)
    try await GRPCFixture.with { _, _, speaker in
      try await speaker.say(.output([1]))
      try await withUntilCancelled { hasEnded.withLock { $0 = true } }
    } _: { fixture in
      let run = Task { await fixture.run(into: sink) }
      await sink.has(bytes: 1)
      run.cancel()
      #expect(await run.value.error?.errorClass == .cancelled)
      while !hasEnded.withLock({ $0 }) { await Task.yield() }
    }
  }

  @Test func `what is no response is the function's fault`() async throws {
    try await GRPCFixture.with { _, _, speaker in
      try await speaker.writer.write(ByteBuffer(bytes: [0xFF]))
    } _: { fixture in
      let error = await fixture.run().error
      #expect(error?.errorClass == .function && error?.code == "RESPONSE_INVALID")
      #expect(error?.isFinal == false)
    }
  }

  @Test func `nobody there is an error of the system, and soon tried again`() async throws {
    try await GRPCFixture.with { _, _, _ in
    } _: { fixture in
      let error = await fixture.run(at: "127.0.0.1:1").error
      #expect(error?.errorClass == .system && error?.code == "GRPC_UNAVAILABLE")
      #expect(error?.isFinal == false)
      #expect(
        error?.message == "the call to 127.0.0.1:1 failed:"
          + " cannot connect to 127.0.0.1:1: Connection refused")
      #expect(await fixture.run(at: "127.0.0.1:1,\(fixture.address)").error == nil)
    }
  }

  @Test func `authorities that are none are refused as the function is written`() async throws {
    try await GRPCFixture.with { _, _, _ in
    } _: { fixture in
      var target = GRPCTarget()
      (target.address, target.usesTLS) = ("a:1", true)
      #expect(throws: Never.self) { try fixture.runtime.validate(target) }
      target.authorities = "no PEM"
      let error = #expect(throws: GatewayError.self) { try fixture.runtime.validate(target) }
      #expect(error?.violations.map(\.field) == ["function.grpc.ca_certificates"])
    }
  }
}

extension GRPCRuntime {
  fileprivate func validate(_ target: GRPCTarget) throws {
    try validate(AttemptRequest.sample(.grpc(target)).function)
  }
}

/// Waits until the task is cancelled, says so, and ends as cancelled.
private func withUntilCancelled(_ body: () -> Void) async throws {
  let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
  for await _ in stream {}
  continuation.finish()
  body()
  try Task.checkCancellation()
}
