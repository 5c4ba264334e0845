internal import CEventProtos
package import EventCore

package struct GetInvocationRequest: WireMessage {
  package var invocationID = ""

  package init() {}

  package static let coding = MessageCoding<GetInvocationRequest>(
    dispatch__events__v1__get_invocation_request__init
  ) {
    $2.string(&$0.invocationID, &$1.invocation_id)
  }
}

package struct ListInvocationsRequest: WireMessage {
  package var page = PageRequest()
  package var triggerID = ""
  package var subscriptionID = ""
  package var functionID = ""
  package var states: [Invocation.State] = []
  package var event = ""
  package var received: TimeRange?

  package init() {}

  package static let coding = MessageCoding<ListInvocationsRequest>(
    dispatch__events__v1__list_invocations_request__init
  ) {
    $2.page(&$0.page, &$1.page_size, &$1.page_token)
    $2.string(&$0.triggerID, &$1.trigger_id)
    $2.string(&$0.subscriptionID, &$1.subscription_id)
    $2.string(&$0.functionID, &$1.function_id)
    $2.enumerations(&$0.states, &$1.n_states, &$1.states, "states")
    $2.string(&$0.event, &$1.event)
    $2.message(&$0.received, &$1.received, "received")
  }
}

package struct ListInvocationsResponse: WireMessage {
  package var invocations: [Invocation] = []
  package var nextPageToken = ""

  package init() {}

  package static let coding = MessageCoding<ListInvocationsResponse>(
    dispatch__events__v1__list_invocations_response__init
  ) {
    $2.list(&$0.invocations, &$1.n_invocations, &$1.invocations, "invocations")
    $2.string(&$0.nextPageToken, &$1.next_page_token)
  }
}

package struct CancelInvocationRequest: WireMessage {
  package var invocationID = ""
  package var reason = ""

  package init() {}

  package static let coding = MessageCoding<CancelInvocationRequest>(
    dispatch__events__v1__cancel_invocation_request__init
  ) {
    $2.string(&$0.invocationID, &$1.invocation_id)
    $2.string(&$0.reason, &$1.reason)
  }
}

package struct RetryInvocationRequest: WireMessage {
  package var invocationID = ""

  package init() {}

  package static let coding = MessageCoding<RetryInvocationRequest>(
    dispatch__events__v1__retry_invocation_request__init
  ) {
    $2.string(&$0.invocationID, &$1.invocation_id)
  }
}
