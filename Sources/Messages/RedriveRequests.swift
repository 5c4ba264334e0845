internal import CEventProtos

package struct RedriveDeadLettersRequest: WireMessage {
  package var event = ""
  package var subscriptionID = ""
  package var functionID = ""
  package var errorCode = ""
  package var received: TimeRange?
  package var limit: Int32 = 0
  package var dryRun = false

  package init() {}

  package static let coding = MessageCoding<RedriveDeadLettersRequest>(
    dispatch__events__v1__redrive_dead_letters_request__init
  ) {
    $2.string(&$0.event, &$1.event)
    $2.string(&$0.subscriptionID, &$1.subscription_id)
    $2.string(&$0.functionID, &$1.function_id)
    $2.string(&$0.errorCode, &$1.error_code)
    $2.message(&$0.received, &$1.received, "received")
    $2.number(&$0.limit, &$1.limit)
    $2.bool(&$0.dryRun, &$1.dry_run)
  }
}

package struct RedriveDeadLettersResponse: WireMessage, Hashable {
  package var count: Int32 = 0
  package var hasMore = false

  package init() {}

  package static let coding = MessageCoding<RedriveDeadLettersResponse>(
    dispatch__events__v1__redrive_dead_letters_response__init
  ) {
    $2.number(&$0.count, &$1.count)
    $2.bool(&$0.hasMore, &$1.has_more)
  }
}

package struct ReplayTriggersRequest: WireMessage {
  package var event = ""
  package var received: TimeRange?
  package var subscriptionID = ""
  package var requestID = ""
  package var limit: Int32 = 0
  package var dryRun = false
  package var pageToken = ""

  package init() {}

  package static let coding = MessageCoding<ReplayTriggersRequest>(
    dispatch__events__v1__replay_triggers_request__init
  ) {
    $2.string(&$0.event, &$1.event)
    $2.message(&$0.received, &$1.received, "received")
    $2.string(&$0.subscriptionID, &$1.subscription_id)
    $2.string(&$0.requestID, &$1.request_id)
    $2.number(&$0.limit, &$1.limit)
    $2.bool(&$0.dryRun, &$1.dry_run)
    $2.string(&$0.pageToken, &$1.page_token)
  }
}

package struct ReplayTriggersResponse: WireMessage, Hashable {
  package var count: Int32 = 0
  package var nextPageToken = ""

  package init() {}

  package static let coding = MessageCoding<ReplayTriggersResponse>(
    dispatch__events__v1__replay_triggers_response__init
  ) {
    $2.number(&$0.count, &$1.count)
    $2.string(&$0.nextPageToken, &$1.next_page_token)
  }
}
