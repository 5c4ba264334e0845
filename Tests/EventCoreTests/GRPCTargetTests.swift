import EventCore
import Testing

/// Which addresses are taken, and which field is wrong, is tested by name in test_grpc_targets.py.
@Suite struct GRPCTargetTests {
  @Test func `a target has largest sizes`() {
    #expect(wrong { $0.address = addresses(Limits.grpcAddressesMax) } == [])
    #expect(wrong { $0.address = addresses(Limits.grpcAddressesMax + 1) } == ["f.grpc.address"])
    let path = "unix:/" + text(Limits.socketPathBytesMax - 1)
    #expect(wrong { $0.address = path } == [])
    #expect(wrong { $0.address = path + "x" } == ["f.grpc.address"])
    #expect(wrong { $0.authorities = text(Limits.authoritiesBytesMax) } == [])
    #expect(
      wrong { $0.authorities = text(Limits.authoritiesBytesMax + 1) } == ["f.grpc.ca_certificates"])
    #expect(wrong { $0.metadata = pairs(Limits.headersMax) } == [])
    #expect(wrong { $0.metadata = pairs(Limits.headersMax + 1) } == ["f.grpc.metadata"])
    #expect(wrong { $0.metadata = ["k": text(Limits.grpcMetadataBytesMax - 1)] } == [])
    #expect(
      wrong { $0.metadata = ["k": text(Limits.grpcMetadataBytesMax)] } == ["f.grpc.metadata"])
  }

  @Test func `a host is as long as DNS lets it be`() {
    let label = text(63)
    let host = "\(label).\(label).\(label).\(text(61))"
    #expect(host.utf8.count == 253)
    #expect(wrong { $0.address = "\(host):1" } == [])
    #expect(wrong { $0.address = "\(host)x:1" } == ["f.grpc.address"])
    #expect(wrong { $0.address = "\(label)x:1" } == ["f.grpc.address"])
  }

  @Test func `a wrong port is named`() {
    var target = GRPCTarget()
    target.address = "a:70000"
    var function = Function()
    (function.functionID, function.target) = ("f", .grpc(target))
    #expect(
      function.check("f").violations.map(\.problem) == [
        "has the port '70000'; it must be between 1 and 65535"
      ])
  }

  private func wrong(_ change: (inout GRPCTarget) -> Void) -> [String] {
    var target = GRPCTarget()
    (target.address, target.usesTLS) = ("a:1", true)
    change(&target)
    if target.address.hasPrefix("unix:") { target.usesTLS = false }
    var function = Function()
    (function.functionID, function.target) = ("f", .grpc(target))
    return function.check("f").violations.map(\.field)
  }

  private func addresses(_ count: Int) -> String {
    (1...count).map { "a:\($0)" }.joined(separator: ",")
  }

  private func pairs(_ count: Int) -> [String: String] {
    Dictionary(uniqueKeysWithValues: (1...count).map { ("k\($0)", "v") })
  }

  private func text(_ count: Int) -> String { String(repeating: "x", count: count) }
}
