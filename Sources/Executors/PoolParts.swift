import EventCore
import Matching

/// What the lanes of a pool share.
struct PoolParts: Sendable {
  let store: any EventStore
  let catalog: Catalog
  let runner: AttemptRunner
  let relay: ConsequenceRelay
  let agenda: UpkeepAgenda
  let permits: RunPermits
  let budget: QueueBudget
  let limits: ExecutorPool.Configuration
  let clock: any PoolClock
  let outage: StoreOutage
  let retry: StoreRetry
  let circuitLog: CircuitLog
  /// Where lanes and attempts run; nil for anywhere.
  let executor: (any TaskExecutor)?
}
