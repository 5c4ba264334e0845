internal import CEventProtos
package import EventCore

extension FlowControl: WireMessage {
  package static let coding = MessageCoding<FlowControl>(dispatch__events__v1__flow_control__init) {
    $2.nonZero(&$0.maxConcurrency, &$1.max_concurrency)
    $2.string(&$0.concurrencyKey, &$1.concurrency_key)
    $2.number(&$0.maxConcurrencyPerKey, &$1.max_concurrency_per_key)
    $2.number(&$0.ratePerSecond, &$1.rate_per_second)
    $2.number(&$0.burst, &$1.burst)
    $2.message(&$0.circuitBreaker, &$1.circuit_breaker, "circuit_breaker")
  }
}

extension CircuitBreaker: WireMessage {
  package static let coding = MessageCoding<CircuitBreaker>(
    dispatch__events__v1__circuit_breaker__init
  ) {
    $2.nonZero(&$0.failureThreshold, &$1.failure_threshold)
    $2.duration(&$0.openDuration, &$1.open_duration, "open_duration")
    $2.nonZero(&$0.successThreshold, &$1.success_threshold)
  }
}

extension CircuitState: WireMessage {
  package static let coding = MessageCoding<CircuitState>(
    dispatch__events__v1__circuit_state__init
  ) {
    $2.enumeration(&$0.state, &$1.state, "state")
    $2.string(&$0.reason, &$1.reason)
    $2.time(&$0.changeTime, &$1.change_time, "change_time")
  }
}
