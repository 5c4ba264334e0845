internal import Expressions
internal import JSON

/// Looks a trigger up in a table of anchors. Each value of it is visited at most once for each place,
/// and the subscriptions of one condition are taken once, however many values meet it.
struct AnchorWalk {
  private let table: AnchorTable
  private let trigger: TriggerView
  /// Of the trigger's attributes, in their order.
  private let labels: [UInt32]
  /// The keys that were found.
  private var seen: Set<AnchorKey> = []
  private var found: [CompiledSubscription] = []

  private typealias Node = AnchorTable.Node

  /// Few events find more than so many: room that is made at once.
  static let usualCount = 16

  init(_ table: AnchorTable, _ trigger: TriggerView) {
    self.table = table
    self.trigger = trigger
    labels = trigger.attributes.attributes.map { AnchorTable.label($0.name) }
    seen.reserveCapacity(Self.usualCount)
    found.reserveCapacity(Self.usualCount)
  }

  /// Appends each once, in no particular order.
  mutating func appendFound(to all: inout [CompiledSubscription]) {
    // One that has several anchors may have been found by each.
    if found.count > 1 { found.sort { ObjectIdentifier($0) < ObjectIdentifier($1) } }
    var last: CompiledSubscription?
    for next in found where next !== last {
      all.append(next)
      last = next
    }
  }

  mutating func visit(_ place: UInt64) {
    for (label, attribute) in zip(labels, trigger.attributes.attributes) {
      if let node = table.node(label, at: place) { visit(attribute.value, node) }
    }
    if let node = table.node(Self.metadata, at: place), node.childCount > 0 {
      for (name, value) in trigger.attributes.metadata {
        guard let node = table.node(AnchorTable.label(name), below: node) else { continue }
        visit(.string(value), node)
      }
    }
    if let node = table.node(Self.data, at: place) {
      switch trigger.withData.data {
      case .json(let document): document.read { visit($0, node) }
      case .text(let text): visit(.string(text), node)
      case .binary, .none: break
      }
    }
  }

  private static let metadata = AnchorTable.label(EventView.Member.metadata)
  private static let data = AnchorTable.label(EventView.Member.data)

  private mutating func visit(_ value: AttributeValue, _ node: Node) {
    switch value {
    case .string(var text): text.withUTF8 { look(upText: $0, node) }
    case .integer(let number):
      var digits = String(number)
      digits.withUTF8 { look(upNumber: $0, node) }
    case .boolean(let flag): look(up: flag ? .true : .false, node)
    }
  }

  /// Arrays are as their elements. Recurses as deep as the payload nests.
  private mutating func visit(_ value: JSONValue, _ node: Node) {
    switch value.kind {
    case .array: for element in value.elements { visit(element, node) }
    case .object:
      guard node.childCount > 0 else { return }
      let only = node.onlyMark
      for member in value.members {
        // Most often one member is asked for: then the others are passed by without a look-up.
        if let only, member.name.hash != only { continue }
        guard let next = table.node(member.name.hash, below: node) else { continue }
        visit(member.value, next)
      }
    case .string: look(upText: value.utf8, node)
    case .number: look(upNumber: value.utf8, node)
    case .boolean: look(up: value.boolean == true ? .true : .false, node)
    case .null: look(up: .null, node)
    }
  }

  // MARK: Conditions

  private mutating func look(upText text: UnsafeBufferPointer<UInt8>, _ node: Node) {
    // No filter has a longer one.
    if node.content.textCount > 0, text.count <= ExpressionLimits.textBytesMax {
      var key = AnchorKey(.text, at: node.number)
      key.append(text)
      take(key)
    }
    var lengths = node.content.prefixLengths
    guard lengths != 0 else { return }
    var key = AnchorKey(.prefix, at: node.number)
    for byte in text {
      key.append(byte)
      if lengths & 1 != 0 { take(key) }
      lengths >>= 1
      if lengths == 0 { return }
    }
  }

  private mutating func look(upNumber digits: UnsafeBufferPointer<UInt8>, _ node: Node) {
    guard node.content.numberCount > 0 else { return }
    var key = AnchorKey(.number, at: node.number)
    key.appendNumber(digits)
    take(key)
  }

  private mutating func look(up constant: AnchorKey.Constant, _ node: Node) {
    guard node.content.constantCount > 0 else { return }
    take(AnchorKey(constant, at: node.number))
  }

  private mutating func take(_ key: AnchorKey) {
    guard let subscribers = table[key], seen.insert(key).inserted else { return }
    subscribers.forEach { found.append($0) }
  }
}
