"""Judges a history. Every check returns what it found wrong, in words; nothing is right.

A check takes the functions' and the clients' word where it can, and the gateway's only for what
became of an invocation in the end.
"""

import collections

from crash.history import TERMINAL

# A request that was written before a pause or a cancellation was acknowledged may be read a little
# after it.
ON_ITS_WAY_SECONDS = 0.5
DEAD_LETTER_OF = "dead-letter-invocation-id"


def requests_are_one_trigger_each(judged):
    """The same request id is one trigger, and every acknowledged one is there, unchanged."""
    for sent in judged.history.sent:
        ids = {ack.trigger_id for ack in sent.acks}
        if not ids:
            yield f"{sent.request_id} never was acknowledged"
        elif len(ids) > 1:
            yield f"{sent.request_id} was acknowledged as {sorted(ids)}"
        else:
            yield from _kept(judged, sent)


def _kept(judged, sent):
    trigger = judged.history.triggers.get(sent.trigger_id)
    if trigger is None:
        yield f"{sent.trigger_id} was acknowledged and is not there"
    elif (trigger.event, trigger.request_id, trigger.digest) \
            != (sent.event, sent.request_id, sent.digest):
        yield f"{sent.trigger_id} is not what was sent"


def nothing_is_there_that_nobody_sent(judged):
    """Each stored trigger belongs to one request, or is a dead letter."""
    known = {sent.trigger_id for sent in judged.acked}
    letters = {s.dead_letter_event for s in judged.history.subscriptions.values()}
    for trigger in judged.history.triggers.values():
        if trigger.trigger_id not in known and trigger.event not in letters:
            yield f"{trigger.trigger_id} of {trigger.event} was never sent"
    for trigger_id, subscription_id in judged.runs:
        if (trigger_id, subscription_id) not in judged.invocations:
            yield f"{subscription_id} ran for {trigger_id}, which is not stored"


def every_subscription_reaches_an_end(judged):
    """One terminal invocation for each subscription that matched when it was accepted."""
    for sent in judged.acked:
        trigger = judged.history.triggers.get(sent.trigger_id)
        if trigger is None:
            continue
        members = sorted(i.subscription_id for i in trigger.invocations)
        if members not in [sorted(membership) for membership in sent.memberships]:
            yield f"{sent.trigger_id} of {sent.event} has invocations of {members}"
    for trigger in judged.history.triggers.values():
        for invocation in trigger.invocations:
            if invocation.state not in TERMINAL:
                yield f"{invocation.invocation_id} is {invocation.state}"


def success_means_that_the_function_said_so(judged):
    """SUCCEEDED: the function ran with the payload and answered well; FAILED: its last answer was
    bad."""
    processes = {(trigger_id, name) for trigger_id, name, _ in judged.history.process_runs}
    for (trigger_id, subscription_id), invocation in judged.invocations.items():
        subscription = judged.history.subscriptions[subscription_id]
        answered = [r for r in judged.runs_of(trigger_id, subscription_id) if not r.is_cut]
        if not subscription.is_timed:
            if invocation.state == "SUCCEEDED" and (trigger_id, subscription_id) not in processes:
                yield f"{subscription_id} never ran for {trigger_id}"
        elif invocation.state == "SUCCEEDED" and not any(run.succeeded for run in answered):
            yield f"{invocation.invocation_id} of {subscription_id} succeeded without an answer"
        elif invocation.state == "FAILED" and (not answered or answered[-1].succeeded):
            yield f"{invocation.invocation_id} of {subscription_id} failed although it did not"


def payloads_arrive_unchanged(judged):
    """Functions see what was sent; members of a piped group see the output before theirs."""
    seen = [(r.trigger_id, r.subscription_id, r.digest) for r in judged.history.runs]
    for trigger_id, subscription_id, digest in seen + judged.history.process_runs:
        trigger = judged.history.triggers.get(trigger_id)
        before = _member_before(judged.history, subscription_id)
        if before is None:
            expected = {trigger.digest} if trigger else set()
        else:
            expected = {run.output for run in judged.runs_of(trigger_id, before) if run.succeeded}
        if digest not in expected:
            yield f"{subscription_id} got another payload for {trigger_id}"


def _member_before(history, subscription_id):
    """The one whose output it gets."""
    group = history.groups.get(history.subscriptions[subscription_id].group)
    if group is None or not group.pipes:
        return None
    place = group.members.index(subscription_id)
    return group.members[place - 1] if place else None


def nothing_runs_again_without_reason(judged):
    """A run follows another one of its invocation only if that one failed, or a kill or somebody
    who took it up again came between them."""
    for (trigger_id, subscription_id), runs in judged.runs.items():
        invocation = judged.invocations.get((trigger_id, subscription_id))
        for before, after in zip(runs, runs[1:]):
            if before.epoch < after.epoch:
                continue
            if before.end > after.start and trigger_id not in judged.cancelled:
                yield f"{subscription_id} ran twice at once for {trigger_id}"
            if before.succeeded:
                yield f"{subscription_id} ran again for {trigger_id} although it had succeeded"
            elif before.attempt >= after.attempt:
                yield f"{subscription_id} got attempt {after.attempt} twice for {trigger_id}"
        codes = judged.history.subscriptions[subscription_id].final_codes
        for run in runs:
            if invocation and f"HTTP_{run.status}" in codes and not run.is_cut:
                limit = judged.taken_up(invocation)
                if any(run.end < r.start < limit and r.epoch == run.epoch for r in runs):
                    yield f"{subscription_id} ran again for {trigger_id} after a final error"


def what_was_told_stays(judged):
    """No run starts after its invocation's end was told, and no end is taken back."""
    for told in _all_told(judged.history):
        invocation = judged.by_id.get(told.invocation_id)
        if invocation is None:
            yield f"{told.invocation_id} was told of and is not there"
            continue
        if told.state not in TERMINAL:
            continue
        taken_up = judged.taken_up(invocation)
        if taken_up == float("inf") and invocation.change != told.change:
            yield f"{told.invocation_id} was told {told.change} and is {invocation.change}"
        trigger_id = told.invocation_id.rpartition(".")[0]
        for run in judged.runs_of(trigger_id, invocation.subscription_id):
            is_cancelled = told.state == "CANCELLED"
            if told.at < run.start < taken_up and not is_cancelled:
                yield f"{told.invocation_id} ran after {told.state} was told"


def _all_told(history):
    for stream in history.streams + history.follows:
        yield from stream.told


def keys_run_in_order(judged):
    """For each subscription, a trigger starts only after those of its key that were acknowledged
    before it was sent, or went before it through the same stream, had their last answer."""
    by_key = collections.defaultdict(list)
    for sent in judged.acked:
        if sent.ordering_key:
            by_key[sent.event, sent.ordering_key].append(sent)
    for sents in by_key.values():
        for subscription_id in {s for sent in sents for m in sent.memberships for s in m}:
            if judged.history.subscriptions[subscription_id].is_timed:
                yield from _in_order(judged, sents, subscription_id)
                yield from _one_at_a_time(judged, sents, subscription_id)


def _in_order(judged, sents, subscription_id):
    extents = [(sent, judged.extent(sent.trigger_id, subscription_id)) for sent in sents]
    for later in sents:
        runs = judged.runs_of(later.trigger_id, subscription_id)
        for earlier, extent in extents if runs else ():
            if earlier is later or earlier.trigger_id in judged.cancelled:
                continue
            if _precedes(earlier, later) and extent is not None and runs[0].start < extent:
                yield (f"{subscription_id} began {later.trigger_id} of the key "
                       f"{later.ordering_key} before {earlier.trigger_id} was done")


def _precedes(earlier, later):
    if earlier.first_acked < later.first_sent:
        return True
    streams = {ack.stream: ack.place for ack in later.acks if ack.stream}
    first = min(later.acks, key=lambda ack: ack.at)
    mine = min(earlier.acks, key=lambda ack: ack.at)
    # Sent again after a kill, it may have been accepted by an earlier stream than it was told by.
    is_first_sending = earlier.sendings == later.sendings == 1
    return is_first_sending and mine.stream in streams and mine.place < first.place


def _one_at_a_time(judged, sents, subscription_id):
    runs = sorted(
        (run for sent in sents if sent.trigger_id not in judged.cancelled
         for run in judged.runs_of(sent.trigger_id, subscription_id)), key=lambda run: run.start)
    for before, after in zip(runs, runs[1:]):
        if before.epoch == after.epoch and after.start < before.end:
            yield f"{subscription_id} ran two of one key at once: {after.trigger_id}"


def groups_follow_their_strategy(judged):
    """A sequence goes on only after a success, first success only after a failure; of ONE_OF one
    runs."""
    for group in judged.history.groups.values():
        for trigger_id in judged.history.triggers:
            if (trigger_id, group.members[0]) not in judged.invocations:
                continue
            if group.strategy == "ONE_OF":
                yield from _one_of(judged, group, trigger_id)
            elif trigger_id not in judged.cancelled:
                yield from _one_after_another(judged, group, trigger_id)


def _one_of(judged, group, trigger_id):
    ran = {member for member in group.members if judged.runs_of(trigger_id, member)}
    skipped = {member for member in group.members
               if judged.invocations[trigger_id, member].state == "SKIPPED"}
    if len(skipped) != len(group.members) - 1 or ran & skipped:
        yield f"{group.name} of {trigger_id} ran {sorted(ran)} and skipped {sorted(skipped)}"


def _one_after_another(judged, group, trigger_id):
    goes_on_after = group.strategy == "SEQUENCE"
    for before, after in zip(group.members, group.members[1:]):
        runs = judged.runs_of(trigger_id, after)
        first = judged.invocations[trigger_id, before]
        if not runs:
            continue
        done = [r for r in judged.runs_of(trigger_id, before) if not r.is_cut
                and r.end <= runs[0].start]
        if not done or done[-1].succeeded != goes_on_after:
            yield f"{group.name} of {trigger_id} began {after} before {before} had said so"
        late = [r for r in judged.runs_of(trigger_id, before) if r.start > runs[0].start]
        if late and judged.taken_up(first) > late[0].start:
            yield f"{group.name} of {trigger_id} ran {before} after {after} had begun"
    states = [judged.invocations[trigger_id, member].state for member in group.members]
    if not goes_on_after and states.count("SUCCEEDED") > 1:
        yield f"{group.name} of {trigger_id} has more than one success: {states}"
    if goes_on_after and any(
            after == "SUCCEEDED" and before != "SUCCEEDED"
            for before, after in zip(states, states[1:])):
        yield f"{group.name} of {trigger_id} went on after a failure: {states}"


def streams_have_no_gap_and_no_repeat(judged):
    """A trigger's stream, resumed as often as it was cut, tells each stored change at most once,
    each end exactly once, and one summary."""
    for stream in judged.history.streams:
        trigger = judged.history.triggers.get(stream.trigger_id)
        if trigger is None:
            yield f"{stream.trigger_id} was streamed and is not there"
            continue
        yield from _repeats(stream)
        if len(stream.summaries) != 1:
            yield f"the stream of {stream.trigger_id} had {len(stream.summaries)} summaries"
        ends = collections.Counter(
            told.invocation_id for told in stream.told
            if told.state in TERMINAL and not told.redriven)
        ended = {told.invocation_id for told in stream.told if told.state in TERMINAL}
        for invocation in trigger.invocations:
            if ends[invocation.invocation_id] > 1 or (
                    invocation.invocation_id not in ended
                    and not _ended_at_once(judged, invocation)):
                yield (f"the stream of {stream.trigger_id} told the end of "
                       f"{invocation.invocation_id} {ends[invocation.invocation_id]} times")


def follows_have_no_gap_and_no_repeat(judged):
    """WatchInvocations, resumed as often as it was cut, tells each final state exactly once."""
    for follow in judged.history.follows:
        yield from _repeats(follow)
        told = {(told.invocation_id, *told.change) for told in follow.told}
        for invocation in judged.by_id.values():
            if (invocation.invocation_id, *invocation.change) not in told \
                    and not _ended_at_once(judged, invocation):
                yield f"nobody was told that {invocation.invocation_id} is {invocation.change}"


def _repeats(stream):
    changes = collections.Counter((told.invocation_id, *told.change) for told in stream.told)
    yield from (f"told {count} times: {change}" for change, count in changes.items() if count > 1)
    newest = {}
    for told in stream.told:
        if told.attempts < newest.get(told.invocation_id, 0):
            yield f"{told.invocation_id} was told {told.change} after a later change"
        newest[told.invocation_id] = told.attempts


def _ended_at_once(judged, invocation):
    """What a group did not choose has never been anything but SKIPPED."""
    group = judged.history.groups.get(
        judged.history.subscriptions[invocation.subscription_id].group)
    return group is not None and group.strategy == "ONE_OF" and invocation.state == "SKIPPED"


def cancelled_never_starts_again(judged):
    """After a cancellation was acknowledged no further attempt starts, and it stays cancelled."""
    for cancel in judged.history.cancels:
        for invocation_id, attempts in cancel.attempts.items():
            invocation = judged.by_id.get(invocation_id)
            if invocation is None or judged.taken_up(invocation) < float("inf"):
                continue
            if invocation.state != "CANCELLED":
                yield f"{invocation_id} was cancelled and is {invocation.state}"
            for run in judged.runs_of(cancel.trigger_id, invocation.subscription_id):
                late = run.start - cancel.at
                if late > ON_ITS_WAY_SECONDS and run.attempt > attempts:
                    yield f"{invocation_id} started {late:.3f} s after its cancellation"


def paused_never_starts(judged):
    """Between the acknowledgement of a pause and its resumption nothing starts."""
    for pause in judged.history.pauses:
        for run in judged.history.runs:
            begins = pause.acked + ON_ITS_WAY_SECONDS
            if run.subscription_id == pause.subscription_id and begins < run.start < pause.until:
                yield f"{run.subscription_id} started {run.trigger_id} while it was paused"


def every_failure_has_one_dead_letter(judged):
    """A dead-letter event is triggered exactly once for each time an invocation fails for good."""
    letters = collections.Counter()
    for trigger in judged.history.triggers.values():
        if DEAD_LETTER_OF in trigger.metadata:
            letters[trigger.event, trigger.metadata[DEAD_LETTER_OF]] += 1
    for invocation in judged.by_id.values():
        subscription = judged.history.subscriptions[invocation.subscription_id]
        if not subscription.dead_letter_event:
            continue
        failures = sum(code in subscription.final_codes for _, code in invocation.attempts)
        found = letters.pop((subscription.dead_letter_event, invocation.invocation_id), 0)
        if found != failures:
            yield f"{invocation.invocation_id} failed {failures} times: {found} dead letters"
    yield from (f"a dead letter of {of}, which did not fail" for of in letters)


def delayed_never_start_early(judged):
    """Nothing starts before its deliver_at."""
    due = {sent.trigger_id: sent.deliver_at_wall for sent in judged.acked}
    for run in judged.history.runs:
        early = due.get(run.trigger_id, 0) - run.start_wall
        if early > 0:
            yield f"{run.subscription_id} started {run.trigger_id} {early:.3f} s too early"


def clients_saw_no_other_error(judged):
    """A gateway that is killed is unavailable, and that is all."""
    yield from map(str, judged.history.unexpected)


CHECKS = (
    clients_saw_no_other_error,
    requests_are_one_trigger_each,
    nothing_is_there_that_nobody_sent,
    every_subscription_reaches_an_end,
    success_means_that_the_function_said_so,
    payloads_arrive_unchanged,
    nothing_runs_again_without_reason,
    what_was_told_stays,
    keys_run_in_order,
    groups_follow_their_strategy,
    streams_have_no_gap_and_no_repeat,
    follows_have_no_gap_and_no_repeat,
    cancelled_never_starts_again,
    paused_never_starts,
    every_failure_has_one_dead_letter,
    delayed_never_start_early,
)
