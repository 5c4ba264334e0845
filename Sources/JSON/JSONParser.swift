/// Makes nodes of a text, without recursion.
///
/// Each function takes the place where it begins and returns the place after what it read, or nil
/// once `failure` is set: places stay in registers. A zero after the text ends each of their loops,
/// as it is no part of any token.
struct JSONParser {
  typealias Place = UnsafeMutablePointer<UInt8>

  struct Failure {
    var problem: String
    var offset: Int
  }

  private(set) var memory: JSONMemory
  private(set) var count = 0
  let end: Place
  private var failure: Failure?
  private let depthMax: Int
  private var depth = 0
  /// The innermost array or object that is open.
  private var container = 0
  private var isInObject = false

  /// - Returns: what has read the whole text; its memory is the caller's.
  static func parse(
    _ source: UnsafeRawBufferPointer, _ limits: JSONLimits
  ) throws(JSONError) -> JSONParser {
    guard source.count <= limits.bytesMax else {
      throw JSONError(
        "is \(source.count) bytes; at most \(limits.bytesMax) are allowed", at: 0, in: source)
    }
    var parser = JSONParser(source, depthMax: limits.depthMax)
    parser.run()
    if let failure = parser.failure {
      parser.memory.deallocate()
      throw JSONError(failure.problem, at: failure.offset, in: source)
    }
    return parser
  }

  private init(_ source: UnsafeRawBufferPointer, depthMax: Int) {
    memory = JSONMemory(copying: source)
    end = memory.text + source.count
    self.depthMax = depthMax
  }

  /// Reads one JSON value, which is the whole text, or sets `failure`.
  private mutating func run() {
    var place = memory.text
    repeat {
      guard let valueEnd = value(place), let next = afterValue(valueEnd) else { return }
      place = next
    } while depth > 0
    place = skippingSpace(place)
    if place != end { _ = fail("expected nothing more", at: place) }
  }

  /// - Returns: nil, to be returned.
  mutating func fail(_ problem: String, at place: Place) -> Place? {
    failure = Failure(problem: problem, offset: place - memory.text)
    return nil
  }

  @inline(__always)
  mutating func add(
    _ kind: JSONValue.Kind, from start: Place, to stop: Place, span: UInt32 = 1,
    isIntegerLiteral: Bool = false, isTrue: Bool = false
  ) {
    if count == memory.capacity { memory.grow() }
    (memory.nodes + count).initialize(
      to: JSONNode(
        offset: UInt32(truncatingIfNeeded: start - memory.text),
        length: UInt32(truncatingIfNeeded: stop - start), span: span, kind: kind,
        isIntegerLiteral: isIntegerLiteral, isTrue: isTrue))
    count &+= 1
  }

  // MARK: Values

  /// Opens arrays and objects until there is a value without parts, and takes that.
  @inline(__always)
  private mutating func value(_ start: Place) -> Place? {
    var place = start
    while true {
      place = skippingSpace(place)
      switch place.pointee {
      case UInt8(ascii: "\""): return string(place)
      case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return number(place)
      case UInt8(ascii: "{"):
        guard open(.object, place) else { return nil }
        place = skippingSpace(place + 1)
        if place.pointee == UInt8(ascii: "}") { return close(place) }
        guard let next = name(place) else { return nil }
        place = next
      case UInt8(ascii: "["):
        guard open(.array, place) else { return nil }
        place = skippingSpace(place + 1)
        if place.pointee == UInt8(ascii: "]") { return close(place) }
        memory.nodes[container].length = 1
      default: return literal(place)
      }
    }
  }

  /// Closes arrays and objects until another value must follow, or all are closed.
  @inline(__always)
  private mutating func afterValue(_ start: Place) -> Place? {
    var place = start
    while depth > 0 {
      place = skippingSpace(place)
      if place.pointee == UInt8(ascii: ",") {
        if isInObject { return name(skippingSpace(place + 1)) }
        memory.nodes[container].length &+= 1
        return place + 1
      }
      guard place.pointee == UInt8(ascii: isInObject ? "}" : "]") else {
        return fail(isInObject ? "expected ',' or '}'" : "expected ',' or ']'", at: place)
      }
      if isInObject, let repeated = repeatedName(of: container) {
        return fail(repeated)
      }
      place = close(place)
    }
    return place
  }

  /// A member's name and its colon.
  @inline(__always)
  private mutating func name(_ start: Place) -> Place? {
    guard start.pointee == UInt8(ascii: "\"") else {
      return fail("expected a name in quotes", at: start)
    }
    guard let stop = string(start) else { return nil }
    memory.nodes[container].length &+= 1
    memory.nodes[count - 1].span = JSONName.hash(of: bytes(of: count - 1))
    let colon = skippingSpace(stop)
    guard colon.pointee == UInt8(ascii: ":") else { return fail("expected ':'", at: colon) }
    return colon + 1
  }

  private mutating func fail(_ repeated: JSONNode) -> Place? {
    let bytes = UnsafeBufferPointer(
      start: memory.text + Int(repeated.offset), count: min(64, Int(repeated.length)))
    let name = String(decoding: bytes, as: UTF8.self)
    return fail("has the name '\(name)' twice", at: memory.text + Int(repeated.offset) - 1)
  }

  func bytes(of node: Int) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(
      start: memory.text + Int(memory.nodes[node].offset), count: Int(memory.nodes[node].length))
  }

  // MARK: Arrays and objects

  /// - Returns: false if it is too deep.
  @inline(__always)
  private mutating func open(_ kind: JSONValue.Kind, _ place: Place) -> Bool {
    guard depth < depthMax else {
      _ = fail("is nested more than \(depthMax) deep", at: place)
      return false
    }
    depth &+= 1
    add(kind, from: place, to: place, span: UInt32(truncatingIfNeeded: container))
    container = count - 1
    isInObject = kind == .object
    return true
  }

  /// - Returns: the place after the bracket.
  @inline(__always)
  private mutating func close(_ place: Place) -> Place {
    depth &-= 1
    let around = Int(memory.nodes[container].span)
    memory.nodes[container].span = UInt32(truncatingIfNeeded: count - container)
    container = around
    isInObject = memory.nodes[around].kind == .object
    return place + 1
  }
}
