internal import EventCore

extension StoreError {
  /// Asks again, a few times, for what the store is too busy to do.
  static func retryingOverload<Answer: Sendable>(
    _ body: () async throws -> Answer
  ) async throws -> Answer {
    for attempt in 1... {
      do {
        return try await body()
      } catch StoreError.overloaded(let wait) where attempt < GatewayLimits.storeTriesMax {
        try await Task.sleep(for: wait)
      }
    }
    preconditionFailure("the last attempt returned or threw")
  }
}
