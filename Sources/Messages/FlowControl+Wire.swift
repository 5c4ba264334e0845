internal import CEventProtos
package import EventCore

extension FlowControl: WireMessage {
  package static let coding = MessageCoding<FlowControl>(dispatch__events__v1__flow_control__init) {
    $2.nonZero(&$0.maxConcurrency, &$1.max_concurrency)
    $2.unserved($1.concurrency_key.pointee != 0, "concurrency_key")
    $2.unserved($1.max_concurrency_per_key != 0, "max_concurrency_per_key")
    $2.unserved($1.rate_per_second != 0, "rate_per_second")
    $2.unserved($1.burst != 0, "burst")
    $2.unserved($1.circuit_breaker != nil, "circuit_breaker")
  }
}
