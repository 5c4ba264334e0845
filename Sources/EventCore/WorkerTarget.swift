/// Run by workers that connect to the gateway and say that they serve the function.
package struct WorkerTarget: Hashable, Codable, Sendable {
  /// How long an assignment may wait for its worker to start it.
  package var startTimeout = Duration.seconds(30)

  package init() {}

  func check(_ check: inout FieldCheck, _ path: String) {
    check.range(startTimeout, Limits.startTimeout, "\(path).start_timeout")
  }
}
