internal import CEventProtos
package import EventCore

extension SubscriptionGroup: WireMessage {
  package static let coding = MessageCoding<SubscriptionGroup>(
    dispatch__events__v1__subscription_group__init
  ) {
    $2.string(&$0.groupID, &$1.group)
    $2.string(&$0.event, &$1.event)
    $2.enumeration(&$0.strategy, &$1.strategy, "strategy")
    $2.enumeration(&$0.onFailure, &$1.on_failure, "on_failure")
    var completion = $0.shownCompletion
    $2.enumeration(&completion, &$1.completion, "completion")
    $0.completion = completion ?? .all
    $2.number(&$0.quorum, &$1.quorum)
    $2.duration(&$0.timeout, &$1.timeout, "timeout")
    $2.bool(&$0.pipesOutput, &$1.pipe_output)
    $2.pairs(
      &$0.metadata, &$1.n_metadata, &$1.metadata,
      dispatch__events__v1__subscription_group__metadata_entry__init)
    $2.stamp(
      &$0.stamp, uid: &$1.uid, revision: &$1.revision, etag: &$1.etag, created: &$1.create_time,
      updated: &$1.update_time)
  }
}

extension SubscriptionGroup {
  /// Strategies that need one success have no completion: it is UNSPECIFIED there, not ALL.
  fileprivate var shownCompletion: Completion? {
    let needsOne = strategy == .firstSuccess || strategy == .oneOf
    return needsOne && completion == .all ? nil : completion
  }
}
