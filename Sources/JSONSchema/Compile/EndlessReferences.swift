import JSON

extension Compiler {
  /// Refuses schemas that, by references and combinations, refer to themselves without going deeper
  /// into the value: checking them would never end. What depends on `$dynamicRef` shows only then.
  func refuseEndlessReferences() throws(SchemaError) {
    enum Mark { case new, open, done }
    var marks = Array(repeating: Mark.new, count: program.nodes.count)
    // Each with those that are still to be looked at.
    var way: [(node: NodeIndex, next: [NodeIndex])] = []
    for start in program.nodes.indices where marks[start] == .new {
      marks[start] = .open
      way.append((NodeIndex(start), applied(by: NodeIndex(start))))
      while case (let node, var next)? = way.popLast() {
        guard let target = next.popLast() else {
          marks[Int(node)] = .done
          continue
        }
        way.append((node, next))
        switch marks[Int(target)] {
        case .done: continue
        case .open: throw endless(target)
        case .new:
          marks[Int(target)] = .open
          way.append((target, applied(by: target)))
        }
      }
    }
  }

  private func endless(_ node: NodeIndex) -> SchemaError {
    let source = program.sources[Int(node)]
    for document in registry.documents.indices
    where registry.resource(of: LocatedValue(document: document, value: source)) != nil {
      let located = LocatedValue(document: document, value: source)
      return SchemaError("refers to itself without end", at: registry.pointer(to: located))
    }
    return SchemaError("refers to itself without end", at: "")
  }

  /// The schemas that a node applies to the same value.
  private func applied(by index: NodeIndex) -> [NodeIndex] {
    let node = program.nodes[Int(index)]
    var applied: [NodeIndex] = []
    for instruction in program.instructions[node.general.indices] {
      switch instruction.operation {
      case .reference, .not: applied.append(instruction.operand)
      case .allOf, .anyOf, .oneOf, .condition:
        applied += program.lists[instruction.list.indices]
      case .enumeration, .constant, .dynamicReference: break
      }
    }
    if node.object >= 0 {
      let dependencies = program.objects[Int(node.object)].dependencies
      applied += program.dependencies[dependencies.indices].map(\.schema)
    }
    return applied.filter { $0 != .none }
  }
}
