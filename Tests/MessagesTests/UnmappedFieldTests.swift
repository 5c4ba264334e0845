import EventCore
import Messages
import Testing

struct UnmappedFieldTests {
  @Test(arguments: FieldSite.all(in: Contract.refused))
  func `a field that is not served is refused by its path`(site: FieldSite) throws {
    let error = try #require(throws: GatewayError.self) {
      try site.request.repack(site.bytes, .client)
    }
    #expect(error.reason == .fieldInvalid)
    #expect(error.violations.map(\.field) == [site.path])
  }

  @Test(arguments: FieldSite.all(in: Contract.silent))
  func `an output-only field from a client is ignored`(site: FieldSite) throws {
    let without = try site.request.repack(site.emptyBytes, .client)
    #expect(try site.request.repack(site.bytes, .client) == without)
  }

  @Test(arguments: FieldSite.all(in: Contract.unmapped))
  func `a field that is not mapped is dropped when a server sends it`(site: FieldSite) throws {
    let without = try site.request.repack(site.emptyBytes, .server)
    #expect(try site.request.repack(site.bytes, .server) == without)
  }

  @Test func `every field of the lists is in a tested message`() {
    let known = MessageType.all.flatMap { type in type.shape.fields.map(type.shape.key) }
    #expect(Contract.unmapped.subtracting(known) == [])
  }

  @Test func `every refused field can be reached from a request`() {
    #expect(
      Contract.refused.subtracting(FieldSite.all(in: Contract.refused).map(\.key)) == [])
  }
}

/// A field somewhere in a request of the API.
struct FieldSite: Sendable, CustomTestStringConvertible {
  let request: MessageType
  /// The fields that lead to the message it is in.
  let parents: [FieldShape]
  let shape: MessageShape
  let field: FieldShape

  var key: String { shape.key(field) }
  var path: String { (parents + [field]).map(\.name).joined(separator: ".") }
  var testDescription: String { "\(path) of \(request.shape.name)" }

  /// The request with this field alone.
  var bytes: [UInt8] { enclosed(SampleMessage.bytes(of: field, in: shape)) }
  /// The request with the message that the field is missing from.
  var emptyBytes: [UInt8] { enclosed([]) }

  private func enclosed(_ bytes: [UInt8]) -> [UInt8] {
    parents.reversed().reduce(bytes) { inner, parent in .field(parent.number, bytes: inner) }
  }

  static func all(in keys: Set<String>) -> [FieldSite] {
    let clientTypes = (try? EmbeddedContract().clientTypes) ?? []
    return MessageType.all.filter { clientTypes.contains($0.shape.name) }
      .flatMap { sites($0, [], $0.shape) }
      .filter { keys.contains($0.key) }
  }

  private static func sites(
    _ request: MessageType, _ parents: [FieldShape], _ shape: MessageShape
  ) -> [FieldSite] {
    shape.fields.flatMap { field in
      let here = FieldSite(request: request, parents: parents, shape: shape, field: field)
      guard let part = field.message else { return [here] }
      return [here] + sites(request, parents + [field], part)
    }
  }
}
