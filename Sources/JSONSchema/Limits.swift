/// Every bound of compiling and checking schemas, with its reason.
package enum SchemaLimits {
  /// The text of a schema.
  package static let textBytesMax = 256 << 10
  /// How deep a check may recurse: subschemas in each other, and references followed without going
  /// deeper into the value. A stack of 512 KiB holds it, also in debug builds; and it is enough for
  /// any schema that `JSONLimits` allows to be checked by its meta-schema.
  package static let depthMax = 260
  /// Of `anyOf` and `oneOf`, how many alternatives are tried for an explanation.
  static let explainedAlternativesMax = 32
  /// Alternatives within alternatives that are explained.
  static let explainedNestingMax = 3
  /// What one check may do, in steps of some ten nanoseconds: a schema whose alternatives double
  /// at each level would otherwise take exponential time. A payload of 4 MiB takes far less.
  package static let stepsMax = 10_000_000
  /// The same for comparing two schemas, which happens when one is written.
  static let comparisonStepsMax = 500_000
  /// What all patterns of a schema may take, compiled and with what they cache.
  package static let patternBytesMax = 8 << 20
  /// Each pattern has a share of the bytes, which must not become too small to work with.
  package static let patternsMax = 1000
  /// What a pattern may cache at most, when there are few.
  static let patternCacheBytesMax = 512 << 10
  /// Of a value that a message cites, in Unicode scalars.
  static let citedScalarsMax = 60
  /// How many names, values or alternatives a message lists.
  static let listedMax = 8
  /// Notes of a change.
  static let notesMax = 20
  /// How many differences a comparison looks at: schemas that refer to each other may be compared
  /// along many ways.
  static let comparisonsMax = 20_000
}

/// How many bytes of a text a check looks at in one step: a payload of few values can be a large one.
enum StepCost {
  /// Counted, hashed or compared, several at a time.
  static let countedBytes = 32
  /// Searched for a pattern.
  static let searchedBytes = 16
  /// Read one by one: the digits of a number, a format.
  static let readBytes = 4
}
