import Messages
import Testing

struct RoundTripTests {
  @Test(arguments: MessageType.all)
  func `every mapped field comes back byte for byte`(type: MessageType) throws {
    for alternative in 0..<type.shape.alternatives {
      let sample = SampleMessage.bytes(of: type.shape, alternative: alternative)
      #expect(try type.repack(sample, .server) == sample, "alternative \(alternative)")
    }
  }

  @Test(arguments: MessageType.all)
  func `a message without any field is valid`(type: MessageType) throws {
    let defaults = try type.repack([], .client)
    #expect(try type.repack(defaults, .server) == defaults)
  }

  @Test func `every message that a method or an error uses is tested`() throws {
    let contract = try EmbeddedContract()
    let tested = Set(MessageType.all.map(\.shape.name))
    let used = contract.methodTypes.union(contract.errorTypes).map(nameOnTheWire)
    #expect(tested.count == MessageType.all.count)
    #expect(used.filter { !tested.contains($0) } == [])
  }

  @Test func `every message that is part of a tested one is tested`() {
    let tested = Set(MessageType.all.map(\.shape.name)).union(Contract.parts)
    var missing: [String] = []
    for type in MessageType.all {
      for field in type.shape.fields where !Contract.unmapped.contains(type.shape.key(field)) {
        guard let part = field.message, !part.isMapEntry else { continue }
        if !tested.contains(part.name) { missing.append(type.shape.key(field)) }
      }
    }
    #expect(missing == [])
  }

  private func nameOnTheWire(_ name: String) -> String {
    for (prefix, same) in Contract.sameOnTheWire where name.hasPrefix(prefix) {
      return same + name.dropFirst(prefix.count)
    }
    return name
  }
}

extension MessageShape {
  fileprivate var isMapEntry: Bool {
    name.hasSuffix("Entry") && fields.map(\.name) == ["key", "value"]
  }
}
