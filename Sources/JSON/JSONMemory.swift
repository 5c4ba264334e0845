/// The nodes and the text of a document, in one allocation as long as the guess of how many nodes
/// there are holds.
struct JSONMemory {
  private(set) var nodes: UnsafeMutablePointer<JSONNode>
  /// Ends with `padding` zeros. Strings that had escapes lie decoded where they were.
  let text: UnsafeMutablePointer<UInt8>
  /// How many nodes fit.
  private(set) var capacity: Int
  /// The first nodes, and the text after them.
  private let block: UnsafeMutableRawPointer

  /// Eight bytes can be read from any place of the text, and from its end.
  private static let padding = 8

  init(copying source: UnsafeRawBufferPointer) {
    // Names and values of real documents take about this much; a denser one moves its nodes.
    capacity = source.count / 8 + 8
    let nodeBytes = capacity * MemoryLayout<JSONNode>.stride
    block = .allocate(byteCount: nodeBytes + source.count + Self.padding, alignment: 16)
    nodes = block.bindMemory(to: JSONNode.self, capacity: capacity)
    text = (block + nodeBytes).bindMemory(to: UInt8.self, capacity: source.count + Self.padding)
    if let start = source.baseAddress {
      UnsafeMutableRawPointer(text).copyMemory(from: start, byteCount: source.count)
    }
    (text + source.count).initialize(repeating: 0, count: Self.padding)
  }

  func deallocate() {
    if UnsafeMutableRawPointer(nodes) != block { nodes.deallocate() }
    block.deallocate()
  }

  /// Doubles the room for nodes, all of which are in use.
  mutating func grow() {
    let larger = UnsafeMutablePointer<JSONNode>.allocate(capacity: capacity * 2)
    larger.moveInitialize(from: nodes, count: capacity)
    if UnsafeMutableRawPointer(nodes) != block { nodes.deallocate() }
    nodes = larger
    capacity *= 2
  }
}
