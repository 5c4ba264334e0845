/// The fields of a trigger.
extension Trigger {
  struct Fields: Hashable, Sendable {
    var triggerID = UniqueID(high: 0, low: 0)
    var organization = Organization.default
    var event = ""
    var payload = Payload()
    var metadata: [String: String] = [:]
    var source = ""
    var requestID = ""
    var orderingKey = ""
    var receivedAt = Timestamp(nanoseconds: 0)
    var deliverAt: Timestamp?
    var replayTime: Timestamp?
    var deadLetterHops: Int32 = 0
    var eventRevision: UInt64 = 0
    var schemaRevision: UInt64 = 0
    var schemaViolationCount: Int32 = 0
    var cloudEventID = ""
    var cloudEventTime: Timestamp?
    var defaults = Defaults()
  }

  /// Never changed while more than one has it.
  final class Storage: Hashable, @unchecked Sendable {
    var fields: Fields

    init(_ fields: Fields = Fields()) { self.fields = fields }

    static func == (left: Storage, right: Storage) -> Bool {
      left === right || left.fields == right.fields
    }

    func hash(into hasher: inout Hasher) { hasher.combine(fields) }
  }

  package var triggerID: UniqueID {
    get { fields.triggerID }
    set { fields.triggerID = newValue }
  }
  package var organization: Organization {
    get { fields.organization }
    set { fields.organization = newValue }
  }
  package var event: String {
    get { fields.event }
    set { fields.event = newValue }
  }
  package var payload: Payload {
    get { fields.payload }
    set { fields.payload = newValue }
  }
  package var metadata: [String: String] {
    get { fields.metadata }
    set { fields.metadata = newValue }
  }
  /// The CloudEvents source; empty stands for `/organizations/ORG/events/EVENT`.
  package var source: String {
    get { fields.source }
    set { fields.source = newValue }
  }
  /// The client's idempotency key; empty for none.
  package var requestID: String {
    get { fields.requestID }
    set { fields.requestID = newValue }
  }
  /// Triggers with the same key run in order for each subscription; empty for none.
  package var orderingKey: String {
    get { fields.orderingKey }
    set { fields.orderingKey = newValue }
  }
  /// When it was accepted; of a replayed one, when the first was.
  package var receivedAt: Timestamp {
    get { fields.receivedAt }
    set { fields.receivedAt = newValue }
  }
  /// Not to be delivered before; nil for at once.
  package var deliverAt: Timestamp? {
    get { fields.deliverAt }
    set { fields.deliverAt = newValue }
  }
  /// When it was made as a copy of an earlier one.
  package var replayTime: Timestamp? {
    get { fields.replayTime }
    set { fields.replayTime = newValue }
  }
  /// How many dead letters led to it.
  package var deadLetterHops: Int32 {
    get { fields.deadLetterHops }
    set { fields.deadLetterHops = newValue }
  }
  /// The event's revision that it was accepted under.
  package var eventRevision: UInt64 {
    get { fields.eventRevision }
    set { fields.eventRevision = newValue }
  }
  /// The revision of the event's schema that the payload was checked against; 0 for none.
  package var schemaRevision: UInt64 {
    get { fields.schemaRevision }
    set { fields.schemaRevision = newValue }
  }
  /// How many violations there were; only if they are audited any.
  package var schemaViolationCount: Int32 {
    get { fields.schemaViolationCount }
    set { fields.schemaViolationCount = newValue }
  }
  /// The CloudEvents id that functions see; empty stands for the trigger's id.
  package var cloudEventID: String {
    get { fields.cloudEventID }
    set { fields.cloudEventID = newValue }
  }
  /// The CloudEvents time that functions see; nil stands for `receivedAt`.
  package var cloudEventTime: Timestamp? {
    get { fields.cloudEventTime }
    set { fields.cloudEventTime = newValue }
  }
  /// What of the payload is the event's, because the client left it out.
  package var defaults: Defaults {
    get { fields.defaults }
    set { fields.defaults = newValue }
  }
}
