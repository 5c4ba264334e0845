internal import CEventProtos
package import EventCore

package struct WatchTriggerRequest: WireMessage {
  package var triggerID = ""
  package var resumeToken = ""

  package init() {}

  package static let coding = MessageCoding<WatchTriggerRequest>(
    dispatch__events__v1__watch_trigger_request__init
  ) {
    $2.string(&$0.triggerID, &$1.trigger_id)
    $2.string(&$0.resumeToken, &$1.resume_token)
  }
}

package struct WatchInvocationsRequest: WireMessage {
  package var resumeToken = ""
  package var event = ""
  package var subscriptionID = ""
  package var functionID = ""
  package var states: [Invocation.State] = []

  package init() {}

  package static let coding = MessageCoding<WatchInvocationsRequest>(
    dispatch__events__v1__watch_invocations_request__init
  ) {
    $2.string(&$0.resumeToken, &$1.resume_token)
    $2.string(&$0.event, &$1.event)
    $2.string(&$0.subscriptionID, &$1.subscription_id)
    $2.string(&$0.functionID, &$1.function_id)
    $2.enumerations(&$0.states, &$1.n_states, &$1.states, "states")
  }
}

package struct WatchInvocationsResponse: WireMessage {
  package var resumeToken = ""
  /// Nil: nothing new for a while, or the stream's beginning.
  package var invocation: Invocation?
  package var event = ""

  package init() {}

  package static let coding = MessageCoding<WatchInvocationsResponse>(
    dispatch__events__v1__watch_invocations_response__init
  ) {
    $2.string(&$0.resumeToken, &$1.resume_token)
    $2.message(&$0.invocation, &$1.invocation, "invocation")
    $2.string(&$0.event, &$1.event)
  }
}
