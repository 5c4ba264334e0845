"""The crash suite's checker finds what is wrong: a good history passes, and one that is bad in one
way is found out by the check for it."""

import pytest

from crash.checker import CHECKS, DEAD_LETTER_OF
from crash.history import (
    Ack, Cancel, Follow, Group, History, Invocation, Pause, Redrive, Run, Sent, Stream,
    Subscription, Told, Trigger)
from crash.judgement import Judgement

DONE = [(1, "")]


def good():
    """Four requests: two of a key, one through a piped sequence, one that is a dead letter once."""
    history = History()
    for name, fields in {
        "plain": {}, "process": {"is_timed": False}, "first": {"group": "sequence"},
        "second": {"group": "sequence"}, "one": {"group": "choice"}, "other": {"group": "choice"},
        "backup-1": {"group": "backup"}, "backup-2": {"group": "backup"},
        "risky": {"dead_letter_event": "lost", "final_codes": frozenset({"HTTP_400"})},
        "undertaker": {},
    }.items():
        history.subscriptions[name] = Subscription(name, **fields)
    history.groups = {
        "sequence": Group("sequence", "SEQUENCE", ("first", "second"), pipes=True),
        "backup": Group("backup", "FIRST_SUCCESS", ("backup-1", "backup-2")),
        "choice": Group("choice", "ONE_OF", ("one", "other"))}
    history.follows = [Follow()]

    request(history, "a", 1, {"plain": DONE, "process": DONE}, key="k")
    history.process_runs = [("a", "process", "digest-a")]
    run(history, "a", "plain", 1, 2)
    request(history, "b", 3, {"plain": [(1, "HTTP_503"), (2, "")]}, key="k")
    run(history, "b", "plain", 3, 4, status=503)
    run(history, "b", "plain", 5, 6, attempt=2)
    request(history, "c", 7, {
        "first": DONE, "second": DONE, "one": DONE, "other": "SKIPPED",
        "backup-1": [(1, "HTTP_400")], "backup-2": DONE})
    run(history, "c", "first", 7, 8, output="piped")
    run(history, "c", "second", 9, 10, digest="piped")
    run(history, "c", "one", 7, 8)
    run(history, "c", "backup-1", 7, 8, status=400)
    run(history, "c", "backup-2", 8, 9)
    request(history, "d", 11, {"risky": [(1, "HTTP_400")]}, deliver_at_wall=1011)
    run(history, "d", "risky", 11, 12, status=400)
    stored(history, "letter", "lost", "", {"undertaker": DONE}, {DEAD_LETTER_OF: "d.0"})
    run(history, "letter", "undertaker", 13, 14)

    for trigger in history.triggers.values():
        stream = Stream(trigger.trigger_id, summaries=[trigger.state])
        for invocation in trigger.invocations:
            if invocation.subscription_id == "other":
                continue
            told = Told(invocation.invocation_id, *invocation.change, at=20)
            stream.told.append(told)
            history.follows[0].told.append(told)
        history.streams.append(stream)
    return history


def request(history, name, at, invocations, key="", deliver_at_wall=0):
    history.sent.append(Sent(
        f"request-{name}", f"event-{name}" if not key else "event-keyed", f"digest-{name}", at,
        key, deliver_at_wall, {frozenset(invocations)}, acks=[Ack(name, at + 0.5)]))
    stored(history, name, history.sent[-1].event, f"request-{name}", invocations)


def stored(history, name, event, request_id, invocations, metadata=None):
    trigger = Trigger(name, event, request_id, f"digest-{name}", "SUCCEEDED", metadata or {})
    for ordinal, (subscription_id, attempts) in enumerate(invocations.items()):
        if attempts == "SKIPPED":
            state, attempts = "SKIPPED", []
        else:
            state = "FAILED" if attempts[-1][1] else "SUCCEEDED"
        trigger.invocations.append(
            Invocation(f"{name}.{ordinal}", subscription_id, state, attempts))
    history.triggers[name] = trigger


def run(
    history, trigger_id, subscription_id, start, end, attempt=1, status=200, digest=None, epoch=0,
    output="", is_cut=False
):
    history.runs.append(Run(
        trigger_id, subscription_id, attempt, start, end, 1000 + start,
        digest or f"digest-{trigger_id}", output, status, epoch, is_cut))


def complaints(history):
    judged = Judgement(history)
    return {check.__name__: found for check in CHECKS if (found := list(check(judged)))}


def invocation_of(history, trigger_id, subscription_id):
    return next(i for i in history.triggers[trigger_id].invocations
                if i.subscription_id == subscription_id)


def runs_of(history, trigger_id, subscription_id):
    return [r for r in history.runs
            if (r.trigger_id, r.subscription_id) == (trigger_id, subscription_id)]


def sent_of(history, trigger_id):
    return next(sent for sent in history.sent if sent.trigger_id == trigger_id)


def stream_of(history, trigger_id):
    return next(stream for stream in history.streams if stream.trigger_id == trigger_id)


def test_a_good_history_passes():
    assert complaints(good()) == {}


def test_a_kill_allows_a_repeat_of_what_was_not_finished():
    history = good()
    runs_of(history, "b", "plain")[1].epoch = 1
    run(history, "b", "plain", 4.5, 4.8, attempt=2, is_cut=True)

    assert complaints(history) == {}


def test_a_redrive_allows_another_run_and_another_dead_letter():
    history = good()
    history.redrives.append(Redrive(25, subscription_id="risky"))
    run(history, "d", "risky", 26, 27, attempt=2, status=400)
    invocation = invocation_of(history, "d", "risky")
    invocation.attempts, invocation.redriven = [(1, "HTTP_400"), (2, "HTTP_400")], 5
    told = Told("d.0", "FAILED", 2, 5, at=28)
    history.follows[0].told.append(told)
    stored(history, "again", "lost", "", {"undertaker": DONE}, {DEAD_LETTER_OF: "d.0"})
    run(history, "again", "undertaker", 28, 29)
    history.follows[0].told.append(Told("again.0", "SUCCEEDED", 1, 0, at=30))

    assert complaints(history) == {}


BAD = {}


def bad(check):
    """Registers a change that makes the good history a bad one, for the check that must see it."""
    def register(change):
        BAD[change.__name__.replace("_", " ")] = (check, change)
        return change
    return register


@bad("clients_saw_no_other_error")
def a_client_got_an_internal_error(history):
    history.unexpected.append("INTERNAL")


@bad("requests_are_one_trigger_each")
def a_request_id_made_two_triggers(history):
    sent_of(history, "a").acks.append(Ack("another", 2))


@bad("requests_are_one_trigger_each")
def an_acknowledged_trigger_is_lost(history):
    del history.triggers["d"]


@bad("requests_are_one_trigger_each")
def a_payload_was_changed_in_the_store(history):
    history.triggers["a"].digest = "other"


@bad("nothing_is_there_that_nobody_sent")
def a_trigger_came_from_nowhere(history):
    stored(history, "ghost", "event-a", "request-ghost", {"plain": DONE})


@bad("nothing_is_there_that_nobody_sent")
def a_function_ran_for_what_is_not_stored(history):
    run(history, "ghost", "plain", 1, 2)


@bad("every_subscription_reaches_an_end")
def an_invocation_is_missing(history):
    history.triggers["a"].invocations.pop()


@bad("every_subscription_reaches_an_end")
def an_invocation_is_left_pending(history):
    invocation_of(history, "a", "plain").state = "PENDING"


@bad("success_means_that_the_function_said_so")
def an_invocation_succeeded_that_never_ran(history):
    history.runs.remove(runs_of(history, "a", "plain")[0])


@bad("success_means_that_the_function_said_so")
def a_process_never_ran(history):
    history.process_runs.clear()


@bad("success_means_that_the_function_said_so")
def an_invocation_failed_that_was_answered_well(history):
    invocation_of(history, "a", "plain").state = "FAILED"


@bad("payloads_arrive_unchanged")
def a_function_got_another_payload(history):
    runs_of(history, "a", "plain")[0].digest = "other"


@bad("payloads_arrive_unchanged")
def a_member_got_the_triggers_payload_and_not_the_output_before(history):
    runs_of(history, "c", "second")[0].digest = "digest-c"


@bad("nothing_runs_again_without_reason")
def a_success_was_repeated_without_a_kill(history):
    run(history, "a", "plain", 2.2, 2.4, attempt=2)


@bad("nothing_runs_again_without_reason")
def a_final_error_was_retried(history):
    run(history, "d", "risky", 12.5, 12.6, attempt=2, status=400)


@bad("nothing_runs_again_without_reason")
def an_invocation_ran_twice_at_once(history):
    run(history, "b", "plain", 3.5, 4.5, attempt=2, status=503)


@bad("what_was_told_stays")
def a_run_started_after_its_end_was_told(history):
    runs_of(history, "a", "plain")[0].epoch = -1
    run(history, "a", "plain", 21, 22)


@bad("what_was_told_stays")
def an_end_was_taken_back(history):
    invocation_of(history, "a", "plain").attempts = [(1, "HTTP_503"), (2, "")]


@bad("keys_run_in_order")
def a_later_one_of_a_key_overtook_a_retry(history):
    run(history, "a", "plain", 5.1, 5.2, attempt=2)


@bad("keys_run_in_order")
def two_of_a_key_ran_at_once(history):
    sent_of(history, "a").acks[0].at = 100
    run(history, "a", "plain", 3.5, 3.6, attempt=2)


@bad("keys_run_in_order")
def messages_of_a_stream_changed_places(history):
    for name, place in (("a", 2), ("b", 1)):
        sent = sent_of(history, name)
        sent.first_sent, sent.acks = 0, [Ack(name, 9, "stream", place)]


@bad("keys_run_in_order")
def a_later_one_of_a_key_went_ahead_after_a_kill(history):
    run(history, "a", "plain", 7, 8, epoch=1)


@bad("groups_follow_their_strategy")
def a_sequence_went_on_before_a_success(history):
    runs_of(history, "c", "second")[0].start = 7.5


@bad("groups_follow_their_strategy")
def a_sequence_went_on_after_a_failure(history):
    invocation_of(history, "c", "first").state = "FAILED"


@bad("groups_follow_their_strategy")
def failover_went_on_after_a_success(history):
    runs_of(history, "c", "backup-1")[0].status = 200


@bad("groups_follow_their_strategy")
def two_of_one_of_ran(history):
    run(history, "c", "other", 7, 8)


@bad("streams_have_no_gap_and_no_repeat")
def a_resumed_stream_left_out_an_end(history):
    stream_of(history, "a").told.pop()


@bad("streams_have_no_gap_and_no_repeat")
def a_resumed_stream_repeated_an_end(history):
    stream = stream_of(history, "a")
    stream.told.append(stream.told[0])


@bad("streams_have_no_gap_and_no_repeat")
def a_stream_went_back_in_time(history):
    stream_of(history, "b").told.append(Told("b.0", "RETRYING", 1, 0, at=21))


@bad("streams_have_no_gap_and_no_repeat")
def a_stream_had_no_summary(history):
    stream_of(history, "a").summaries.clear()


@bad("follows_have_no_gap_and_no_repeat")
def a_resumed_watch_left_out_a_change(history):
    history.follows[0].told.pop()


@bad("follows_have_no_gap_and_no_repeat")
def a_resumed_watch_repeated_a_change(history):
    history.follows[0].told.append(history.follows[0].told[0])


@bad("cancelled_never_starts_again")
def a_cancelled_invocation_started_again(history):
    invocation_of(history, "b", "plain").state = "CANCELLED"
    history.cancels.append(Cancel("b", 4.1, {"b.0": 1}))


@bad("cancelled_never_starts_again")
def a_cancellation_was_forgotten(history):
    history.cancels.append(Cancel("a", 2, {"a.0": 1}))


@bad("paused_never_starts")
def a_paused_subscription_started_something(history):
    history.pauses.append(Pause("plain", 1.5, until=4))


@bad("every_failure_has_one_dead_letter")
def a_dead_letter_is_missing(history):
    del history.triggers["letter"]


@bad("every_failure_has_one_dead_letter")
def a_dead_letter_came_twice(history):
    stored(history, "again", "lost", "", {"undertaker": DONE}, {DEAD_LETTER_OF: "d.0"})


@bad("every_failure_has_one_dead_letter")
def a_dead_letter_has_no_failure(history):
    history.triggers["letter"].metadata[DEAD_LETTER_OF] = "a.0"


@bad("delayed_never_start_early")
def a_delayed_trigger_started_early(history):
    sent_of(history, "d").deliver_at_wall = 1012


@pytest.mark.parametrize("name", BAD)
def test_the_checker_finds_that(name):
    check, change = BAD[name]
    history = good()
    change(history)

    assert check in complaints(history)


def test_every_check_is_shown_to_be_able_to_fail():
    assert {check.__name__ for check in CHECKS} == {check for check, _ in BAD.values()}
