internal import CEventProtos
package import EventCore

extension ProcessTarget: WireMessage {
  package static let coding = MessageCoding<ProcessTarget>(
    dispatch__events__v1__process_target__init
  ) {
    $2.string(&$0.command, &$1.command)
    $2.strings(&$0.arguments, &$1.n_arguments, &$1.arguments)
    $2.pairs(
      &$0.environment, &$1.n_environment, &$1.environment,
      dispatch__events__v1__process_target__environment_entry__init, "environment")
    $2.message(&$0.keepAlive, &$1.keep_alive, "keep_alive")
  }
}

extension ProcessTarget.KeepAlive: WireMessage {
  package static let coding = MessageCoding<ProcessTarget.KeepAlive>(
    dispatch__events__v1__process_target__keep_alive__init
  ) {
    $2.nonZero(&$0.processesMax, &$1.processes_max)
    $2.number(&$0.invocationsMax, &$1.invocations_max)
    $2.duration(&$0.idleTimeout, &$1.idle_timeout, "idle_timeout")
  }
}
