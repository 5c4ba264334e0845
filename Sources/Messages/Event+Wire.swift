internal import CEventProtos
package import EventCore

extension Event: WireMessage {
  package static let coding = MessageCoding<Event>(dispatch__events__v1__event__init) {
    $2.string(&$0.event, &$1.event)
    $2.string(&$0.functionID, &$1.function_id)
    $2.time(&$0.receivedAt, &$1.received_at, "received_at")
    $2.bytes(&$0.data, &$1.data)
    $2.string(&$0.dataType, &$1.data_type)
    $2.message(&$0.schema, &$1.schema, "schema")
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

extension PayloadSchema: WireMessage {
  package static let coding = MessageCoding<PayloadSchema>(dispatch__events__v1__schema__init) {
    $2.text(&$0.definition, &$1.definition, "definition")
    $2.enumeration(&$0.enforcement, &$1.enforcement, "enforcement")
    $2.bool(&$0.assertsFormat, &$1.format_assertion)
    $2.enumeration(&$0.compatibility, &$1.compatibility, "compatibility")
    $2.number(&$0.revision, &$1.revision)
    $2.enumeration(&$0.change, &$1.change, "change")
    $2.strings(&$0.changeNotes, &$1.n_change_notes, &$1.change_notes)
  }
}

extension SchemaRevision: WireMessage {
  package static let coding = MessageCoding<SchemaRevision>(
    dispatch__events__v1__event_schema__init
  ) {
    $2.string(&$0.event, &$1.event)
    $2.message(&$0.schema, &$1.schema, "schema")
    $2.time(&$0.stamp.createTime, &$1.create_time, "create_time")
  }
}
