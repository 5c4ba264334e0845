package import EventCore
package import Executors
package import GRPC
package import Matching
package import Workers

/// The gateway's services over its parts. The main program picks the store and the runtimes.
package struct Gateway: Sendable {
  package let health = Health()
  private let store: any EventStore
  private let catalog: Catalog
  private let pool: ExecutorPool
  private let runtime: any FunctionRuntime
  private let workers: WorkerHub
  private let drain: Duration

  /// - Parameters:
  ///   - catalog: observes `store`, and has seen what is there.
  ///   - pool: runs invocations of `store` through `runtime`.
  ///   - workers: part of `runtime`.
  ///   - drain: how long calls go on after the gateway began to shut down; workers are told.
  package init(
    store: any EventStore, catalog: Catalog, pool: ExecutorPool, runtime: any FunctionRuntime,
    workers: WorkerHub = WorkerHub(), drain: Duration = .zero
  ) {
    self.store = store
    self.catalog = catalog
    self.pool = pool
    self.runtime = runtime
    self.workers = workers
    self.drain = drain
    workers.whenFreed { [pool] in pool.placesFreed(in: $0) }
  }

  /// Every method that the gateway serves.
  package func router() -> Router {
    var router = Router()
    let definitions = Definitions(store: store, upkeepNeeded: { [pool] in pool.upkeepNeeded() })
    EventService(definitions: definitions, catalog: catalog).register(in: &router)
    SubscriptionService(definitions: definitions, catalog: catalog).register(in: &router)
    FunctionService(
      definitions: definitions, runtime: runtime, catalog: catalog, pool: pool,
      flowChanged: { [pool] in pool.flowChanged(in: $0) }
    ).register(in: &router)
    let intake = TriggerIntake(store: store, catalog: catalog, pool: pool)
    TriggerService(intake: intake, history: History(store: store, pool: pool), health: health)
      .register(in: &router)
    WorkerService(hub: workers, drain: drain).register(in: &router)
    HealthService(health: health, services: router.services).register(in: &router)
    ReflectionService(services: router.services).register(in: &router)
    return router
  }
}
