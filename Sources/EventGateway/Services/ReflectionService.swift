internal import EventCore
internal import GRPC
internal import Messages

/// grpc.reflection.v1 and v1alpha, which are the same on the wire:
/// https://github.com/grpc/grpc/blob/master/doc/server-reflection.md
struct ReflectionService: Sendable {
  private let services: [String]
  private let index: DescriptorIndex
  private static let versions = ["grpc.reflection.v1", "grpc.reflection.v1alpha"]

  /// - Parameter services: the full names of the server's other services.
  init(services: [String]) {
    self.services = (services + Self.versions.map { "\($0).ServerReflection" }).sorted()
    index = DescriptorIndex(FileDescriptors.set)
  }

  func register(in router: inout Router) {
    for version in Self.versions {
      router.bidirectional("/\(version).ServerReflection/ServerReflectionInfo", answer)
    }
  }

  private func answer(
    _ request: ReflectionRequest, _ responses: Responses<ReflectionResponse>
  ) async throws {
    var response = ReflectionResponse()
    response.host = request.host
    response.request = request
    switch request.question {
    case .fileByName(let name):
      response.set(index.closure(ofFile: name), orNotFound: "file '\(name.prefix(128))'")
    case .fileContainingSymbol(let name):
      response.set(index.closure(ofSymbol: name), orNotFound: "symbol '\(name.prefix(128))'")
    case .services:
      response.services = ReflectionServices()
      response.services?.services = services.map(ReflectionServiceName.init)
    case .fileContainingExtension(let wanted):
      response.set(nil, orNotFound: "extension of '\(wanted.containingType.prefix(128))'")
    case .extensionNumbers(let type):
      response.set(nil, orNotFound: "extension of '\(type.prefix(128))'")
    case nil:
      throw GatewayError.invalid("message_request", "is required")
    }
    try await responses.write(response)
  }
}

extension ReflectionResponse {
  fileprivate mutating func set(_ descriptors: [[UInt8]]?, orNotFound what: String) {
    guard let descriptors else {
      error = ReflectionError(.notFound, "there is no \(what)")
      return
    }
    files = ReflectionFiles()
    files?.descriptors = descriptors
  }
}

extension ReflectionError {
  fileprivate init(_ code: StatusCode, _ message: String) {
    self.init()
    self.code = Int32(code.rawValue)
    self.message = message
  }
}
