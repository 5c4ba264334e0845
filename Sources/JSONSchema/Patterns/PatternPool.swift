/// The patterns of a schema, which share its memory. Equal ones are compiled once.
struct PatternPool {
  private struct Entry {
    var source: String
    var expression: String
    /// A JSON pointer to the keyword that was first to use it.
    var location: () -> String
  }

  private var entries: [Entry] = []
  private var indices: [String: Int32] = [:]

  /// - Parameter location: asked for only if it can't be compiled.
  /// - Throws: if it is no expression of ECMA-262, or one that RE2 can't have.
  mutating func index(
    of text: String, location: @escaping () -> String
  ) throws(PatternError) -> Int32 {
    if let known = indices[text] { return known }
    let expression = try ECMAPattern.translated(text)
    let index = Int32(entries.count)
    indices[text] = index
    entries.append(Entry(source: text, expression: expression, location: location))
    return index
  }

  /// Compiles them twice: to learn how much each takes, and then with its share of what is left for
  /// caching.
  func compiled() throws(SchemaError) -> [Pattern] {
    guard let last = entries.last else { return [] }
    guard entries.count <= SchemaLimits.patternsMax else {
      throw SchemaError(
        "has \(entries.count) patterns; at most \(SchemaLimits.patternsMax) are allowed",
        at: last.location())
    }
    var sizes: [Int] = []
    var left = SchemaLimits.patternBytesMax
    for entry in entries {
      // RE2 takes a pattern only if its program fits eight times into what it may have.
      let size = try compile(entry, bytesMax: SchemaLimits.patternBytesMax).programBytes * 8
      sizes.append(size)
      left -= size
      guard left > 0 else {
        throw SchemaError(
          "has patterns that take more than \(SchemaLimits.patternBytesMax) bytes, compiled",
          at: entry.location())
      }
    }
    let cache = min(left / entries.count, SchemaLimits.patternCacheBytesMax)
    var patterns: [Pattern] = []
    for (entry, size) in zip(entries, sizes) {
      patterns.append(try compile(entry, bytesMax: size + cache))
    }
    return patterns
  }

  private func compile(_ entry: Entry, bytesMax: Int) throws(SchemaError) -> Pattern {
    do throws(PatternError) {
      return try Pattern(
        source: entry.source, expression: entry.expression, bytesMax: bytesMax)
    } catch {
      throw SchemaError("'\(Cited.text(entry.source))' \(error.problem)", at: entry.location())
    }
  }
}
