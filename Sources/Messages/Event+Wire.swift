internal import CEventProtos
package import EventCore

extension Event: WireMessage {
  package static let coding = MessageCoding<Event>(dispatch__events__v1__event__init) {
    $2.string(&$0.event, &$1.event)
    $2.string(&$0.functionID, &$1.function_id)
    $2.time(&$0.receivedAt, &$1.received_at, "received_at")
    $2.bytes(&$0.data, &$1.data)
    $2.string(&$0.dataType, &$1.data_type)
    $2.unserved($1.schema != nil, "schema")
    $2.number(&$0.schemaViolationCount, &$1.schema_violation_count)
    $2.pairs(
      &$0.metadata, &$1.n_metadata, &$1.metadata,
      dispatch__events__v1__event__metadata_entry__init)
    $2.duration(&$0.retention, &$1.retention, "retention")
    $2.duration(&$0.deadLetterRetention, &$1.dead_letter_retention, "dead_letter_retention")
    $2.stamp(
      &$0.stamp, uid: &$1.uid, revision: &$1.revision, etag: &$1.etag, created: &$1.create_time,
      updated: &$1.update_time)
  }
}
