import EventCore

/// Every bound of the executor pool, with its reason.
package enum ExecutorLimits {
  /// Attempts that run at once in the whole pool. Twice what one organization may run at once when it
  /// is alone (see `Fairness.Share`), and that is twice what one function may: so no function alone can
  /// hold up its organization's others, and no organization the others.
  package static let runningMax = 4 * Limits.concurrencyPerFunctionMax

  /// Invocations of one function that wait in memory; the rest waits in the store. Also the page in
  /// which a lane reads from the store.
  package static let laneQueueMax = 512

  /// Of so many starts of a function one is of what is due for longest, whatever its priority: a low
  /// one gets a sixteenth of what the function can do, however many higher ones come.
  package static let ageTurn = 16

  /// What waits in the memory of all lanes together, in bytes of triggers; of one organization at most
  /// half. A lane may go over it by one invocation, so that each one moves.
  package static let queuedBytesMax = 128 << 20

  /// Organizations whose horizon is remembered: 30 bytes each.
  package static let horizonsMax = 1_024

  /// Concurrency keys of one lane of which it is remembered that the store holds some: 16 bytes each.
  package static let heldKeysMax = 1_024

  /// A lane that may start nothing for longer leaves what it has queued to the store: the room is
  /// others'.
  package static let queueKeepTime = Duration.seconds(1)

  /// Callers of one function (InvokeFunction) that wait for their turn.
  package static let laneCallersMax = 64

  /// What all callers hold, waiting and running, in bytes of payload and `callerBytes` for each: a run
  /// that is nobody's invocation has no store to wait in.
  package static let callersBytesMax = 64 << 20
  package static let callerBytes = 64 << 10

  /// The longest sleep of a lane's timer: a step of the wall clock is noticed within it.
  package static let timerMax = Duration.seconds(60)

  /// Waits between tries to reach a store that has failed: the first one, doubled up to the last.
  package static let storeBackoffMin = Duration.milliseconds(50)
  package static let storeBackoffMax = Duration.seconds(5)

  /// How long a shutdown waits for attempts after it has cancelled them. Longer than a runtime
  /// takes to kill a process that ignores the first signal.
  package static let cancelGrace = Duration.seconds(10)

  /// Output and log lines that wait for one slow watcher, in bytes; beyond it they are dropped.
  package static let watchChunkBytesMax = 1 << 20

  /// Changed invocations that wait for one slow watcher, in bytes; beyond it only their ids wait.
  package static let watchChangeBytesMax = 1 << 20

  /// Invocations that a slow watcher's batch reads back from the store.
  package static let watchRereadMax = 16

  /// How long a watch of the log of changes lets changes come together, once it has read all.
  package static let changeGatherTime = Duration.milliseconds(20)

  /// How often it looks into the log without having been woken.
  package static let changePollInterval = Duration.seconds(1)

  /// Each chore of the upkeep is done at least so often, whatever the hints say.
  package static let upkeepInterval = Duration.seconds(60)

  /// Invocations that one batch releases.
  package static let unparkBatchMax = 256

  /// Groups that one batch ends: each has up to `Limits.groupMembersMax` invocations.
  package static let expireBatchMax = 32

  /// Triggers that one batch removes: some milliseconds of the store's writer, which others wait
  /// for. When batches are full the next one comes after a pause as long as the last one took, at
  /// least `prunePause`: so far more than a gateway accepts can be removed, and half of the writer's
  /// time is left to others. Else one a `pruneInterval`.
  package static let pruneBatchMax = 256
  package static let prunePause = Duration.milliseconds(5)
  package static let pruneInterval = Duration.seconds(1)

  /// Tries to pause a subscription that others write at the same time.
  package static let pauseTriesMax = 8

  /// Events for which a dead letter that could not be sent is logged; once each.
  package static let deadLetterNoticesMax = 1_000
}
