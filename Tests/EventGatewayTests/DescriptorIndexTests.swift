import Messages
import Testing

@testable import EventGateway

@Suite struct DescriptorIndexTests {
  private let index = DescriptorIndex(FileDescriptors.set)

  @Test(arguments: [
    "dispatch.events.v1.EventService", "dispatch.events.v1.EventService.CreateEvent",
    "dispatch.events.v1.Event", "dispatch.events.v1.Event.metadata",
    "dispatch.events.v1.Event.MetadataEntry", "dispatch.events.v1.Function.target",
    "dispatch.events.v1.Invocation.State", "dispatch.events.v1.WorkerMessage.Hello.session",
    "grpc.health.v1.Health", "grpc.reflection.v1alpha.ServerReflection",
    "google.protobuf.Timestamp",
  ])
  func `every kind of symbol is found`(_ symbol: String) {
    #expect(index.closure(ofSymbol: symbol) != nil)
  }

  @Test func `a file comes first, with everything it imports once`() throws {
    let files = try #require(
      index.closure(ofFile: "dispatch/events/v1/subscription_service.proto"))
    let names = files.map { bytes in
      bytes.withUnsafeBytes { bytes -> String in
        var reader = WireReader(bytes)
        guard case .bytes(let name)? = try? reader.next()?.value else { return "" }
        return String(decoding: name, as: UTF8.self)
      }
    }
    #expect(names[0] == "dispatch/events/v1/subscription_service.proto")
    #expect(
      Set(names) == [
        "dispatch/events/v1/subscription_service.proto", "dispatch/events/v1/subscription.proto",
        "dispatch/events/v1/trigger.proto",
        "google/protobuf/duration.proto", "google/protobuf/timestamp.proto",
        "google/protobuf/empty.proto", "google/protobuf/field_mask.proto",
      ])
    #expect(names.count == Set(names).count)
  }

  @Test(arguments: ["nope.proto", "", "dispatch.events.v1.Event"])
  func `an unknown file is not found`(_ name: String) {
    #expect(index.closure(ofFile: name) == nil)
  }

  @Test(arguments: ["nope", "", "dispatch.events.v1", ".dispatch.events.v1.Event"])
  func `an unknown symbol is not found`(_ name: String) {
    #expect(index.closure(ofSymbol: name) == nil)
  }
}
