import JSON

/// A program where checks read it: arrays at fixed addresses, so that reading them counts no
/// references and checks no bounds. The indices come from the compiler alone.
struct ProgramTables {
  let nodes: UnsafePointer<SchemaNode>
  let instructions: UnsafePointer<Instruction>
  let lists: UnsafePointer<NodeIndex>
  let bounds: UnsafePointer<Bound>
  let strings: UnsafePointer<StringPlan>
  let arrays: UnsafePointer<ArrayPlan>
  let objects: UnsafePointer<ObjectPlan>
  let properties: UnsafePointer<PropertySlot>
  let names: UnsafePointer<UInt8>
  let patternProperties: UnsafePointer<PatternProperty>
  let dependencies: UnsafePointer<Dependency>
  let enumerations: UnsafePointer<Enumeration>
  let dynamicReferences: UnsafePointer<DynamicReference>
  let patterns: UnsafePointer<Pattern>
  let root: NodeIndex
  let isDynamic: Bool

  /// The copy lives until `deallocate(_:)`.
  init(_ program: Program) {
    nodes = Self.copy(program.nodes)
    instructions = Self.copy(program.instructions)
    lists = Self.copy(program.lists)
    bounds = Self.copy(program.bounds)
    strings = Self.copy(program.strings)
    arrays = Self.copy(program.arrays)
    objects = Self.copy(program.objects)
    properties = Self.copy(program.properties)
    names = Self.copy(program.names)
    patternProperties = Self.copy(program.patternProperties)
    dependencies = Self.copy(program.dependencies)
    enumerations = Self.copy(program.enumerations)
    dynamicReferences = Self.copy(program.dynamicReferences)
    patterns = Self.copy(program.patterns)
    root = program.root
    isDynamic = program.isDynamic
  }

  private static func copy<Element>(_ elements: [Element]) -> UnsafePointer<Element> {
    let memory = UnsafeMutableBufferPointer<Element>.allocate(capacity: max(1, elements.count))
    _ = memory.initialize(from: elements)
    return UnsafePointer(memory.baseAddress!)
  }

  /// - Parameter program: that this is a copy of.
  func deallocate(_ program: Program) {
    Self.deallocate(nodes, program.nodes.count)
    Self.deallocate(instructions, program.instructions.count)
    Self.deallocate(lists, program.lists.count)
    Self.deallocate(bounds, program.bounds.count)
    Self.deallocate(strings, program.strings.count)
    Self.deallocate(arrays, program.arrays.count)
    Self.deallocate(objects, program.objects.count)
    Self.deallocate(properties, program.properties.count)
    Self.deallocate(names, program.names.count)
    Self.deallocate(patternProperties, program.patternProperties.count)
    Self.deallocate(dependencies, program.dependencies.count)
    Self.deallocate(enumerations, program.enumerations.count)
    Self.deallocate(dynamicReferences, program.dynamicReferences.count)
    Self.deallocate(patterns, program.patterns.count)
  }

  private static func deallocate<Element>(_ elements: UnsafePointer<Element>, _ count: Int) {
    let memory = UnsafeMutablePointer(mutating: elements)
    memory.deinitialize(count: count)
    memory.deallocate()
  }
}
