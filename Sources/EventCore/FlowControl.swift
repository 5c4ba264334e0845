/// How much of a function may run.
package struct FlowControl: Hashable, Codable, Sendable {
  /// Invocations at a time.
  package var maxConcurrency: Int32 = 64

  package init() {}
}
