/// Why a worker can't run: it is set up wrongly, or the gateway refuses it.
public struct WorkerError: Error, Hashable, Sendable, CustomStringConvertible {
  public let description: String

  init(_ description: String) {
    self.description = description
  }
}
