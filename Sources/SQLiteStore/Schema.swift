/// The tables, as a list of steps from an empty file to the newest version.
///
/// `PRAGMA user_version` counts the steps that were taken. A step is never changed once it has been
/// released; what comes later is a new step.
enum Schema {
  /// Written into the file's header (https://www.sqlite.org/fileformat2.html#application_id), so
  /// that somebody else's database is not taken for ours: "DGEV".
  static let applicationID: Int64 = 0x4447_4556

  static let steps: [String] = [
    definitions + triggers, delivery + definitionDefaults, schemaChecks, cloudEvents,
    concurrencyKeys, httpTargets, priorities,
  ]

  /// Definitions are few and read at the start, so they are kept as legible JSON. `data` is an
  /// event's default payload, apart as bytes.
  ///
  /// `definition_references` answers who refers to something. `definition_counts` spares counting
  /// for the quota. `requests` holds what create requests with a request id were answered.
  private static let definitions = """
    CREATE TABLE definitions (
      organization TEXT NOT NULL,
      kind TEXT NOT NULL,
      id TEXT NOT NULL,
      body TEXT NOT NULL,
      data BLOB NOT NULL,
      PRIMARY KEY (organization, kind, id)
    ) STRICT;

    CREATE TABLE definition_references (
      organization TEXT NOT NULL,
      to_kind TEXT NOT NULL,
      to_id TEXT NOT NULL,
      kind TEXT NOT NULL,
      id TEXT NOT NULL,
      PRIMARY KEY (organization, to_kind, to_id, kind, id)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE definition_counts (
      organization TEXT NOT NULL,
      kind TEXT NOT NULL,
      count INTEGER NOT NULL,
      PRIMARY KEY (organization, kind)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE requests (
      organization TEXT NOT NULL,
      request_id TEXT NOT NULL,
      changes TEXT NOT NULL,
      answer TEXT NOT NULL,
      created_at INTEGER NOT NULL,
      PRIMARY KEY (organization, request_id)
    ) STRICT;
    CREATE INDEX requests_by_age ON requests (created_at);

    """

  /// Made for one short insert per trigger, one per invocation and one per outcome, all at the ends
  /// of their tables.
  ///
  /// - `names` gives organizations, events, functions and subscriptions their numbers: rows and
  ///   indexes then hold one to three bytes instead of the text. `received_at` is an event's.
  /// - `triggers.defaults` is `Trigger.Defaults`: the parts of the payload that came from the event.
  /// - `invocations.id` is `InvocationKey`: the trigger's `seq` and the ordinal in one number, so
  ///   that a trigger's invocations lie together and need no index.
  /// - An invocation is unfinished as long as it has a `due_at`. The index holds only those, so
  ///   finding work costs by what is to do, not by what was done.
  /// - `outcomes` is apart from `invocations` because a row that grows splits full pages; finishing
  ///   an invocation makes its row shorter in place and appends here.
  private static let triggers = """
    CREATE TABLE names (
      id INTEGER PRIMARY KEY,
      kind INTEGER NOT NULL,
      organization TEXT NOT NULL,
      name TEXT NOT NULL,
      received_at INTEGER,
      UNIQUE (kind, organization, name)
    ) STRICT;

    CREATE TABLE triggers (
      seq INTEGER PRIMARY KEY,
      organization INTEGER NOT NULL,
      event INTEGER NOT NULL,
      trigger_id BLOB NOT NULL,
      received_at INTEGER NOT NULL,
      event_revision INTEGER NOT NULL,
      source TEXT NOT NULL,
      request_id TEXT NOT NULL,
      data_type TEXT NOT NULL,
      defaults INTEGER NOT NULL,
      metadata BLOB NOT NULL,
      data BLOB NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX triggers_by_id ON triggers (trigger_id);
    CREATE INDEX triggers_by_organization ON triggers (organization);
    CREATE INDEX triggers_by_event ON triggers (event);
    CREATE UNIQUE INDEX triggers_by_request ON triggers (organization, request_id)
      WHERE request_id <> '';

    CREATE TABLE invocations (
      id INTEGER PRIMARY KEY,
      function INTEGER NOT NULL,
      subscription INTEGER NOT NULL,
      state INTEGER NOT NULL,
      due_at INTEGER
    ) STRICT;
    CREATE INDEX invocations_due ON invocations (function, due_at) WHERE due_at IS NOT NULL;
    CREATE INDEX invocations_failed ON invocations (id) WHERE state = 5;

    CREATE TABLE outcomes (
      id INTEGER PRIMARY KEY,
      outcome BLOB NOT NULL
    ) STRICT;

    """

  /// What an event's schema said of a trigger: `Trigger.schemaRevision`, `schemaViolationCount`.
  private static let schemaChecks = """
    ALTER TABLE triggers ADD COLUMN schema_revision INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE triggers ADD COLUMN schema_violations INTEGER NOT NULL DEFAULT 0;

    """

  /// What it was as a CloudEvent: `Trigger.cloudEventID`, `cloudEventTime`.
  private static let cloudEvents = """
    ALTER TABLE triggers ADD COLUMN cloud_event_id TEXT;
    ALTER TABLE triggers ADD COLUMN cloud_event_time INTEGER;

    """

  /// What `Holds.key` holds is found by function and key, the longest due first. What a pause holds is
  /// found by its bit, as it is not the highest any more.
  private static let concurrencyKeys = """
    ALTER TABLE invocations ADD COLUMN concurrency_key INTEGER;
    CREATE INDEX invocations_by_concurrency_key ON invocations (function, concurrency_key, due_at)
      WHERE hold & 8 <> 0;
    DROP INDEX invocations_parked;
    CREATE INDEX invocations_parked ON invocations (subscription) WHERE hold & 4 <> 0;

    """

  /// `invocations.rank` is `Invocation.priority` with the sign turned, so that the index of what is due
  /// has the highest priority first, and what waits of a lower one costs a higher one nothing. An
  /// ordinary 0 takes one byte in the row and one in the index.
  private static let priorities = """
    ALTER TABLE invocations ADD COLUMN rank INTEGER NOT NULL DEFAULT 0;
    DROP INDEX invocations_due;
    CREATE INDEX invocations_due ON invocations (function, rank, due_at)
      WHERE due_at IS NOT NULL AND hold = 0;

    """
}
