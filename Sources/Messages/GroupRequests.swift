internal import CEventProtos
package import EventCore

package struct CreateSubscriptionGroupRequest: WireMessage {
  package var group = SubscriptionGroup()
  package var requestID = ""
  package var validateOnly = false

  package init() {}

  package static let coding = MessageCoding<CreateSubscriptionGroupRequest>(
    dispatch__events__v1__create_subscription_group_request__init
  ) {
    $2.message(&$0.group, &$1.group, "group")
    $2.string(&$0.requestID, &$1.request_id)
    $2.bool(&$0.validateOnly, &$1.validate_only)
  }
}

package struct GetSubscriptionGroupRequest: WireMessage {
  package var groupID = ""

  package init() {}

  package static let coding = MessageCoding<GetSubscriptionGroupRequest>(
    dispatch__events__v1__get_subscription_group_request__init
  ) {
    $2.string(&$0.groupID, &$1.group)
  }
}

package struct ListSubscriptionGroupsRequest: WireMessage {
  package var page = PageRequest()
  package var event = ""

  package init() {}

  package static let coding = MessageCoding<ListSubscriptionGroupsRequest>(
    dispatch__events__v1__list_subscription_groups_request__init
  ) {
    $2.page(&$0.page, &$1.page_size, &$1.page_token)
    $2.string(&$0.event, &$1.event)
  }
}

package struct ListSubscriptionGroupsResponse: WireMessage {
  package var groups = [SubscriptionGroup]()
  package var nextPageToken = ""

  package init() {}

  package static let coding = MessageCoding<ListSubscriptionGroupsResponse>(
    dispatch__events__v1__list_subscription_groups_response__init
  ) {
    $2.list(&$0.groups, &$1.n_groups, &$1.groups, "groups")
    $2.string(&$0.nextPageToken, &$1.next_page_token)
  }
}

package struct UpdateSubscriptionGroupRequest: WireMessage {
  package var group = SubscriptionGroup()
  package var updateMask: FieldMask?
  package var validateOnly = false

  package init() {}

  package static let coding = MessageCoding<UpdateSubscriptionGroupRequest>(
    dispatch__events__v1__update_subscription_group_request__init
  ) {
    $2.message(&$0.group, &$1.group, "group")
    $2.message(&$0.updateMask, &$1.update_mask, "update_mask")
    $2.bool(&$0.validateOnly, &$1.validate_only)
  }
}

package struct DeleteSubscriptionGroupRequest: WireMessage {
  package var groupID = ""
  package var etag = ""

  package init() {}

  package static let coding = MessageCoding<DeleteSubscriptionGroupRequest>(
    dispatch__events__v1__delete_subscription_group_request__init
  ) {
    $2.string(&$0.groupID, &$1.group)
    $2.string(&$0.etag, &$1.etag)
  }
}
