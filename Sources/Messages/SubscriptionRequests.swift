internal import CEventProtos
package import EventCore

package struct CreateSubscriptionRequest: WireMessage {
  package var subscription = Subscription()
  package var requestID = ""
  package var validateOnly = false

  package init() {}

  package static let coding = MessageCoding<CreateSubscriptionRequest>(
    dispatch__events__v1__create_subscription_request__init
  ) {
    $2.message(&$0.subscription, &$1.subscription, "subscription")
    $2.string(&$0.requestID, &$1.request_id)
    $2.bool(&$0.validateOnly, &$1.validate_only)
  }
}

package struct GetSubscriptionRequest: WireMessage {
  package var subscriptionID = ""

  package init() {}

  package static let coding = MessageCoding<GetSubscriptionRequest>(
    dispatch__events__v1__get_subscription_request__init
  ) {
    $2.string(&$0.subscriptionID, &$1.subscription_id)
  }
}

package struct ListSubscriptionsRequest: WireMessage {
  package var page = PageRequest()
  package var event = ""
  package var functionID = ""

  package init() {}

  package static let coding = MessageCoding<ListSubscriptionsRequest>(
    dispatch__events__v1__list_subscriptions_request__init
  ) {
    $2.page(&$0.page, &$1.page_size, &$1.page_token)
    $2.string(&$0.event, &$1.event)
    $2.string(&$0.functionID, &$1.function_id)
  }
}

package struct ListSubscriptionsResponse: WireMessage {
  package var subscriptions = [Subscription]()
  package var nextPageToken = ""

  package init() {}

  package static let coding = MessageCoding<ListSubscriptionsResponse>(
    dispatch__events__v1__list_subscriptions_response__init
  ) {
    $2.list(&$0.subscriptions, &$1.n_subscriptions, &$1.subscriptions, "subscriptions")
    $2.string(&$0.nextPageToken, &$1.next_page_token)
  }
}

package struct UpdateSubscriptionRequest: WireMessage {
  package var subscription = Subscription()
  package var updateMask: FieldMask?
  package var validateOnly = false

  package init() {}

  package static let coding = MessageCoding<UpdateSubscriptionRequest>(
    dispatch__events__v1__update_subscription_request__init
  ) {
    $2.message(&$0.subscription, &$1.subscription, "subscription")
    $2.message(&$0.updateMask, &$1.update_mask, "update_mask")
    $2.bool(&$0.validateOnly, &$1.validate_only)
  }
}

package struct DeleteSubscriptionRequest: WireMessage {
  package var subscriptionID = ""
  package var etag = ""

  package init() {}

  package static let coding = MessageCoding<DeleteSubscriptionRequest>(
    dispatch__events__v1__delete_subscription_request__init
  ) {
    $2.string(&$0.subscriptionID, &$1.subscription_id)
    $2.string(&$0.etag, &$1.etag)
  }
}

package struct PauseSubscriptionRequest: WireMessage {
  package var subscriptionID = ""
  package var reason = ""
  package var etag = ""

  package init() {}

  package static let coding = MessageCoding<PauseSubscriptionRequest>(
    dispatch__events__v1__pause_subscription_request__init
  ) {
    $2.string(&$0.subscriptionID, &$1.subscription_id)
    $2.string(&$0.reason, &$1.reason)
    $2.string(&$0.etag, &$1.etag)
  }
}

package struct ResumeSubscriptionRequest: WireMessage {
  package var subscriptionID = ""
  package var etag = ""

  package init() {}

  package static let coding = MessageCoding<ResumeSubscriptionRequest>(
    dispatch__events__v1__resume_subscription_request__init
  ) {
    $2.string(&$0.subscriptionID, &$1.subscription_id)
    $2.string(&$0.etag, &$1.etag)
  }
}
