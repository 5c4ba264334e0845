import JSON

/// Collects what a schema says of members by name, and lays it out for look-ups by hash.
struct PropertyTable {
  struct Property {
    var schema: NodeIndex = .none
    var isRequired = false
  }

  private var properties: [(name: JSONName, property: Property)] = []
  private var places: [JSONName: Int] = [:]

  subscript(_ name: JSONName) -> Property {
    get { places[name].map { properties[$0].property } ?? Property() }
    set {
      if let place = places[name] {
        properties[place].property = newValue
      } else {
        places[name] = properties.count
        properties.append((name, newValue))
      }
    }
  }

  var requiredCount: Int { properties.count { $0.property.isRequired } }

  /// - Returns: the places it took, of which at least half are free: a search ends soon.
  func append(to program: inout Program) -> Span {
    guard !properties.isEmpty else { return Span() }
    var capacity = 2
    while capacity < properties.count * 2 { capacity *= 2 }
    var slots = Array(repeating: PropertySlot(), count: capacity)
    for (name, property) in properties {
      var place = Int(name.hash) & (capacity - 1)
      while slots[place].length >= 0 { place = (place + 1) & (capacity - 1) }
      slots[place] = PropertySlot(
        hash: name.hash, start: Int32(program.names.count), length: Int32(name.bytes.count),
        isRequired: property.isRequired, schema: property.schema)
      program.names += name.bytes
    }
    defer { program.properties += slots }
    return Span(start: Int32(program.properties.count), count: Int32(capacity))
  }
}
