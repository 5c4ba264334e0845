extension Schema {
  /// What holding, ordering, grouping, watching and pruning need.
  ///
  /// - `invocations.hold` is `Invocation.Holds`; what is held is in no `invocations_due`.
  /// - `invocations.ordering_key` is there as long as the invocation is unfinished, so the index of
  ///   keys holds what is to do. At most one of a subscription and key is without
  ///   `Holds.order`.
  /// - `invocations.place` is that of its newest row in `changes`: the earlier ones tell nothing
  ///   any more.
  /// - `forgotten` has the last place that `changes` no longer keeps, so that no place is given twice
  ///   and a reader learns that it comes too late.
  /// - `backlog` counts unfinished invocations; written once per function and transaction.
  /// - `finished` is what retention walks: triggers by event, class (`Retention.Class`) and time.
  ///   An entry counts only as long as `place` is the newest of its trigger's invocations; after a
  ///   redrive it is not, and another one takes its turn.
  /// - `blocks` bounds `received_at` by blocks of 1,024 triggers, for queries by time: replayed
  ///   triggers and clocks that step put it in no order.
  /// - `resumed` names subscriptions that are no longer paused and may have held invocations.
  static let delivery = """
    ALTER TABLE triggers ADD COLUMN ordering_key TEXT;
    ALTER TABLE triggers ADD COLUMN deliver_at INTEGER;
    ALTER TABLE triggers ADD COLUMN replay_time INTEGER;
    ALTER TABLE triggers ADD COLUMN hops INTEGER NOT NULL DEFAULT 0;

    ALTER TABLE invocations ADD COLUMN hold INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE invocations ADD COLUMN ordering_key TEXT;
    ALTER TABLE invocations ADD COLUMN grp INTEGER;
    ALTER TABLE invocations ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE invocations ADD COLUMN place INTEGER;
    DROP INDEX invocations_due;
    CREATE INDEX invocations_due ON invocations (function, due_at)
      WHERE due_at IS NOT NULL AND hold = 0;
    CREATE INDEX invocations_by_key ON invocations (subscription, ordering_key)
      WHERE ordering_key IS NOT NULL;
    CREATE INDEX invocations_parked ON invocations (subscription) WHERE hold >= 4;

    CREATE TABLE trigger_groups (
      seq INTEGER NOT NULL,
      number INTEGER NOT NULL,
      grp INTEGER NOT NULL,
      plan BLOB NOT NULL,
      deadline INTEGER,
      PRIMARY KEY (seq, number)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX trigger_groups_by_deadline ON trigger_groups (deadline)
      WHERE deadline IS NOT NULL;

    CREATE TABLE changes (
      place INTEGER PRIMARY KEY,
      organization INTEGER NOT NULL,
      invocation INTEGER NOT NULL,
      at INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE forgotten (
      id INTEGER PRIMARY KEY CHECK (id = 0),
      place INTEGER NOT NULL
    ) STRICT;
    INSERT INTO forgotten VALUES (0, 0);

    CREATE TABLE backlog (
      function INTEGER PRIMARY KEY,
      count INTEGER NOT NULL
    ) STRICT;
    INSERT INTO backlog
      SELECT function, count(*) FROM invocations WHERE due_at IS NOT NULL GROUP BY function;

    CREATE TABLE finished (
      event INTEGER NOT NULL,
      class INTEGER NOT NULL,
      finished_at INTEGER NOT NULL,
      seq INTEGER NOT NULL,
      place INTEGER NOT NULL,
      PRIMARY KEY (event, class, finished_at, seq)
    ) STRICT, WITHOUT ROWID;
    -- When they finished is not known any more: not after now.
    INSERT INTO finished
      SELECT t.event,
        EXISTS (SELECT 1 FROM invocations i
          WHERE i.id BETWEEN t.seq << 10 AND t.seq << 10 | 1023 AND i.state = 5),
        max(t.received_at, CAST(strftime('%s', 'now') AS INTEGER) * 1000000000), t.seq, 0
      FROM triggers t
      WHERE NOT EXISTS (SELECT 1 FROM invocations i
        WHERE i.id BETWEEN t.seq << 10 AND t.seq << 10 | 1023 AND i.due_at IS NOT NULL);

    CREATE TABLE blocks (
      block INTEGER PRIMARY KEY,
      received_min INTEGER NOT NULL,
      received_max INTEGER NOT NULL
    ) STRICT;
    INSERT INTO blocks
      SELECT seq >> 10, min(received_at), max(received_at) FROM triggers GROUP BY seq >> 10;

    CREATE TABLE resumed (subscription INTEGER PRIMARY KEY) STRICT;

    """

  /// The fields that definitions got, with what they had meant so far: 7 and 30 days of retention,
  /// no group, an hour for Retry-After.
  ///
  /// The answers of earlier requests go, as they and the requests are compared as text: a creation
  /// that is repeated across the migration is told that the definition exists.
  static let definitionDefaults = """
    UPDATE definitions SET body = json_insert(body,
      '$.retention', json('[32786,5048799358640717824]'),
      '$.deadLetterRetention', json('[140512,11096714923483332608]'))
    WHERE kind = 'event';
    UPDATE definitions SET body = json_insert(body,
      '$.groupID', '', '$.order', 0, '$.weight', 1, '$.isPaused', json('false'),
      '$.stateReason', '',
      '$.delivery.retryAfterMax', json('[195,2884905626637434880]'),
      '$.delivery.deadLetterEvent', '', '$.delivery.finalCodes', json('[]'),
      '$.delivery.finalClasses', json('[]'))
    WHERE kind = 'subscription';
    DELETE FROM requests;

    """
}
