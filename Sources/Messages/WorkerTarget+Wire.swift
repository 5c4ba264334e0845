internal import CEventProtos
package import EventCore

extension WorkerTarget: WireMessage {
  package static let coding = MessageCoding<WorkerTarget>(
    dispatch__events__v1__worker_target__init
  ) {
    $2.duration(&$0.startTimeout, &$1.start_timeout, "start_timeout")
  }
}
