/// Every bound of compiling and checking schemas, with its reason.
package enum SchemaLimits {
  /// The text of a schema.
  package static let textBytesMax = 256 << 10
  /// Subschemas in each other, and references followed without going deeper into the value: checking
  /// recurses, on a stack of 512 KiB at worst.
  package static let depthMax = 128
  /// What all patterns of a schema may take, compiled.
  package static let patternBytesMax = 8 << 20
}
