internal import EventCore
internal import GRPC
internal import Messages
internal import NIOCore

/// One stream of WorkerService.Connect, from Hello until it ends.
struct WorkerStream {
  let state: WorkerState
  let requests: RequestWriter
  let responses: ResponseStream
  let act: @Sendable (Conversation.Action) -> Void

  /// Returns when the gateway ends it with OK.
  func run() async throws {
    let changes = state.changes()
    state.converse { $0.connect(at: .now) }
    defer { state.converse { $0.disconnect() } }
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await send(changes) }
      group.addTask { await endWhenSilent() }
      defer { group.cancelAll() }
      do {
        try await receive()
      } catch let error as RPCError where error.code == .cancelled && isSilent {
        throw RPCError(.unavailable, "nothing was heard from the gateway for too long")
      }
    }
  }

  /// An error here is the stream's end: its status is what `receive` throws.
  private func send(_ changes: AsyncStream<Void>) async {
    for await _ in changes {
      while let content = state.read({ $0.next() }) {
        var message = WorkerMessage()
        message.content = content
        do { try await requests.write(message.buffer) } catch { return }
      }
    }
  }

  private func receive() async throws {
    for try await bytes in responses {
      let message = try GatewayMessage(unpacking: bytes)
      for action in state.converse({ $0.receive(message, at: .now) }) { act(action) }
    }
  }

  private var isSilent: Bool { state.read { $0.silenceEnd } <= .now }

  private func endWhenSilent() async {
    while !isSilent {
      // Not until the end of the silence, which Welcome brings nearer.
      do { try await Task.sleep(for: WorkerLimits.silenceCheckInterval) } catch { return }
    }
    responses.cancel()
  }
}

extension WireMessage {
  fileprivate init(unpacking bytes: ByteBuffer) throws {
    self = try bytes.withUnsafeReadableBytes { try Self(unpacking: $0, from: .server) }
  }

  fileprivate var buffer: ByteBuffer { ByteBuffer(bytes: packed()) }
}
