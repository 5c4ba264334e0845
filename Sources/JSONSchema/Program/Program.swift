import CRE2
import JSON

/// A schema in flat arrays: what refers to each other does so by index, so that a recursive schema
/// is a cycle of numbers, and a check follows no reference counts.
struct Program {
  var nodes: [SchemaNode] = []
  /// Where each node comes from, for messages: a node has the value of its schema.
  var sources: [JSONValue] = []
  /// `sources` are places in them.
  var documents: [JSONDocument] = []
  var instructions: [Instruction] = []
  var lists: [NodeIndex] = []
  var bounds: [Bound] = []
  var strings: [StringPlan] = []
  var arrays: [ArrayPlan] = []
  var objects: [ObjectPlan] = []
  var properties: [PropertySlot] = []
  /// The bytes of all properties' names.
  var names: [UInt8] = []
  var patternProperties: [PatternProperty] = []
  var dependencies: [Dependency] = []
  var enumerations: [Enumeration] = []
  var dynamicReferences: [DynamicReference] = []
  var patterns: [Pattern] = []
  var root: NodeIndex = 0

  /// Whether a check must know through which resources it came.
  var isDynamic: Bool { !dynamicReferences.isEmpty }
}

/// `dependentRequired`, `dependentSchemas` and draft 7's `dependencies`: what follows from a
/// member's presence.
struct Dependency {
  var keyword: String
  var name: JSONName
  var required: [JSONName] = []
  var schema: NodeIndex = .none
}

/// `$dynamicRef`: leads to the outermost resource on the way that has the anchor.
struct DynamicReference {
  /// Where it leads without such a resource.
  var initial: NodeIndex
  /// By resource; none where a resource has no such anchor.
  var targets: [NodeIndex]
}
