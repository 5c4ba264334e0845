internal import EventCore
internal import GRPC
internal import Messages

extension SubscriptionService {
  func createGroup(
    _ call: Call, _ request: CreateSubscriptionGroupRequest
  ) async throws -> SubscriptionGroup {
    let group = request.group
    var check = group.check("group")
    check.text(request.requestID, atMost: Limits.requestIDBytesMax, "request_id")
    try check.finish()
    let transaction = DefinitionTransaction(
      in: call.organization, [.create(.group(group))], requestID: request.requestID,
      validateOnly: request.validateOnly)
    return (try await definitions.commit(transaction) ?? group).withDefaults
  }

  func getGroup(
    _ call: Call, _ request: GetSubscriptionGroupRequest
  ) async throws -> SubscriptionGroup {
    let group: SubscriptionGroup = try await definitions.get(
      request.groupID, "group", in: call.organization)
    return group.withDefaults
  }

  func listGroups(
    _ call: Call, _ request: ListSubscriptionGroupsRequest
  ) async throws -> ListSubscriptionGroupsResponse {
    let event = request.event.isEmpty ? nil : Definition.Key(.event, request.event)
    let page: (resources: [SubscriptionGroup], nextPageToken: String) = try await definitions.list(
      request.page, in: call.organization, references: event)
    var response = ListSubscriptionGroupsResponse()
    response.groups = page.resources.map(\.withDefaults)
    response.nextPageToken = page.nextPageToken
    return response
  }

  func updateGroup(
    _ call: Call, _ request: UpdateSubscriptionGroupRequest
  ) async throws -> SubscriptionGroup {
    let update = request.group
    let updated = try await definitions.change(
      SubscriptionGroup.self, update.groupID, "group.group", etag: update.stamp.etag,
      in: call.organization, validateOnly: request.validateOnly
    ) { current in
      let merged = try current.merging(update, mask: request.updateMask)
      try merged.check("group").finish()
      return [.update(.group(merged), revision: current.stamp.revision)]
    }
    return (updated ?? update).withDefaults
  }

  func deleteGroup(
    _ call: Call, _ request: DeleteSubscriptionGroupRequest
  ) async throws -> Empty {
    try await definitions.change(
      SubscriptionGroup.self, request.groupID, "group", etag: request.etag, in: call.organization
    ) { group in
      [.delete(group.definition.key, revision: group.stamp.revision)]
    }
    return Empty()
  }
}

extension SubscriptionGroup {
  /// As clients see it: what happens after a failure is said, where the strategy leaves a choice.
  /// Not stored, so that another strategy brings its own default.
  var withDefaults: SubscriptionGroup {
    guard strategy == .parallel || strategy == .sequence else { return self }
    var shown = self
    shown.onFailure = effectiveOnFailure
    return shown
  }
}
