import HTTP2
import NIOCore
import NIOEmbedded

@testable import GRPC

/// A client's connection without a socket or a second thread, to a server that says whatever a test
/// wants. The client is closed to new calls, so that none is made again elsewhere.
final class ClientWire {
  let connection: ClientConnection
  private(set) var calls: [ClientStream] = []

  private let channel = EmbeddedChannel()
  private let clientChannel: ClientChannel
  private let owner: Subchannel

  init() throws {
    let configuration = GRPCClient.Configuration(Endpoint(host: "127.0.0.1", port: 1))
    let loop = channel.eventLoop
    clientChannel = ClientChannel(configuration, loop: loop, logger: .silent)
    _ = clientChannel.shutDown(isImmediate: true)
    owner = Subchannel(configuration.endpoints[0], of: clientChannel)
    connection = ClientConnection(
      limits: configuration.limits, keepaliveTime: nil, owner: owner, loop: loop, logger: .silent)
    try channel.pipeline.syncOperations.addHandler(connection)
    channel.connect(to: try SocketAddress(ipAddress: "127.0.0.1", port: 1), promise: nil)
  }

  // An open channel and its handlers hold each other.
  deinit { _ = try? channel.finish() }

  var isOpen: Bool { channel.isActive }

  /// Begins a call: with one message, or with requests that are still to come.
  func call(_ message: ByteBuffer?) {
    let request = ClientRequest(
      path: "/test.Echo/Chat", metadata: [:], message: message, encoding: .identity,
      waitsForReady: false)
    let call = ClientStream(request, on: clientChannel)
    precondition(call.start(on: connection))
    calls.append(call)
  }

  /// Bytes of the server.
  func inject(_ bytes: [UInt8]) throws {
    try channel.writeInbound(ByteBuffer(bytes: bytes))
    channel.embeddedEventLoop.run()
  }

  /// What the client has written and nobody took.
  func takeOutput() throws -> [UInt8] {
    channel.embeddedEventLoop.run()
    var all: [UInt8] = []
    while let part = try channel.readOutbound(as: ByteBuffer.self) { all += part.readableBytesView }
    return all
  }

  /// The server disappears.
  func disconnect() {
    channel.close(promise: nil)
    channel.embeddedEventLoop.run()
  }
}
