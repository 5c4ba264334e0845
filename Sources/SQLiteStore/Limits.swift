import EventCore

/// Every bound of the embedded store, with its reason. A test may tighten them; a gateway runs with
/// the defaults.
package struct StoreLimits: Sendable {
  /// Writes that wait for the writer, of one organization that is alone half (see `Fairness.Share`):
  /// at 50,000 writes/s that is a third of a second of delay; who comes after is told to come again.
  package var queuedWritesMax = 32_768
  /// The memory that waiting writes may hold, shared in the same way: their payloads and outputs.
  package var queuedBytesMax = 128 << 20
  /// Rows that one transaction writes: bounds how long the first of its writes waits for the last, and
  /// so what an organization feels of another that floods; and how many a failed commit takes with it.
  package var batchRowsMax = 2_048
  /// Keeps a transaction's dirty pages near the size of the writer's page cache.
  package var batchBytesMax = 8 << 20

  /// Reads that wait for a connection, of one organization that is alone half.
  package var queuedReadsMax = 8_192
  /// Connections that read, each with a thread and a page cache of its own.
  package var readersMax = 2

  /// How long a caller that was turned away is asked to wait.
  package var retryAfter = Duration.milliseconds(200)
  /// How long to wait for a lock that another program (a backup, a shell) holds on the database.
  package var busyTimeout = Duration.seconds(2)

  /// The write-ahead log is copied back once it has so many pages of 4 KiB: 40 MiB. With SQLite's
  /// own 1,000 the copying shows in the 99th percentile of commits.
  package var checkpointPages = 10_000
  /// A burst may grow the log; it is cut back to this.
  package var journalBytesMax = 64 << 20
  package var writerCacheBytesMax = 16 << 20
  package var readerCacheBytesMax = 2 << 20

  /// Names (organizations, events, functions, subscriptions) whose numbers the writer remembers.
  package var rememberedNamesMax = 65_536
  /// Triggers that the writer knows by heart until they finish, a few hundred bytes each.
  package var recentTriggersMax = 16_384
  package var backlogPerFunctionMax = Limits.backlogPerFunctionMax
  package var backlogPerOrganizationMax = Limits.backlogMax / 2
  package var backlogMax = Limits.backlogMax
  package var groupMembersMax = Limits.groupMembersMax
  package var changesWindow = Limits.changesWindow
  /// Rows of the log of changes that one batch of upkeep removes. They lie side by side, so that a
  /// thousand cost what a few triggers cost.
  package var prunedChangesMax = 4_096
  /// Rows of the log of changes that one page looks at: a query that few of them match gives up its
  /// reader after so many, and goes on with the next page.
  package var examinedChangesMax = 20_000
  package var definitionsPerKindMax = Limits.definitionsPerKindMax
  package var requestIDWindow = Limits.requestIDWindow
  /// Request ids past their window that one transaction removes: more than one transaction adds, so
  /// that they run out, and few enough to cost nothing.
  package var prunedRequestsMax = 16
  /// What a refused deletion names of those that refer to the definition.
  package var namedReferrersMax = 10

  package init() {}
}
