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
    $2.unserved($1.keep_alive != nil, "keep_alive")
  }
}
