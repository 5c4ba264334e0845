import NIOCore

@testable import GRPC

extension Router {
  /// `Unary`, `Collect`, `Repeat` (the message ten times) and `Chat` under `/test.Echo/`.
  static var echo: Router {
    var router = Router()
    router.unary("/test.Echo/Unary") { _, message in message }
    router.clientStreaming("/test.Echo/Collect") { _, requests in
      var all = ByteBuffer()
      for try await var message in requests { all.writeBuffer(&message) }
      return all
    }
    router.serverStreaming("/test.Echo/Repeat") { _, message, writer in
      for _ in 0..<10 { try await writer.write(message) }
    }
    router.bidirectional("/test.Echo/Chat") { _, requests, writer in
      for try await message in requests { try await writer.write(message) }
    }
    return router
  }
}

extension ByteBuffer {
  var text: String { String(buffer: self) }
}
