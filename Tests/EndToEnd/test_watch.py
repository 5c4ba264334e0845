"""WatchTrigger and WatchInvocations: from a token on, without gap and without repeat."""

import collections
import uuid

import grpc
import pytest

from harness.contract import pb
from harness.function_server import Reply
from harness.progress import TERMINAL, LiveProgress
from harness.refusal import refused
from harness.waiting import eventually

STATE = pb.Invocation.State.Name


@pytest.fixture
def orders(client, functions):
    """order.created with a function that answers at once and one that is held."""
    client.define("order.created")
    client.http_function("quick", functions.function("/quick"))
    client.subscribe("order.created", "quick", "quick")
    held = functions.hold("/held")
    client.http_function("held", held.url)
    client.subscribe("order.created", "held", "held")
    return held


def until(stream, subscription_id, state):
    """Reads until that is told; what was read, and the last token."""
    told, token = [], ""
    for update in stream:
        told.append(update)
        token = update.resume_token or token
        if update.HasField("invocation") \
                and (update.invocation.subscription_id, STATE(update.invocation.state)) \
                == (subscription_id, f"STATE_{state}"):
            return told, token
    raise AssertionError(f"{subscription_id} never was {state}: {told}")


def stored(updates):
    """The invocations' stored states that were told."""
    return [(u.invocation.subscription_id, STATE(u.invocation.state).removeprefix("STATE_"))
            for u in updates if u.HasField("invocation") and u.resume_token]


# WatchTrigger

def test_a_watch_without_a_token_tells_everything_from_its_state_now(client, orders):
    trigger_id = client.emit("order.created", b"x").trigger_id
    eventually(lambda: client.states(trigger_id)["quick"] == "SUCCEEDED")
    live = LiveProgress(client.watch(trigger_id))
    eventually(lambda: ("quick", "SUCCEEDED") in stored(live.updates))

    orders.release()
    updates = live.end().updates

    assert ("held", "SUCCEEDED") in stored(updates)
    assert updates[-1].summary.succeeded == 2


def test_a_watch_of_what_has_finished_tells_it_and_ends(client, orders):
    orders.release()
    first = client.run("order.created", b"x")

    updates = list(client.watch(first.trigger_id))

    ends = {u.invocation.subscription_id: u.invocation for u in updates
            if u.HasField("invocation")}
    assert ends == {name: first.outcome(name) for name in ("quick", "held")}
    assert updates[-1].summary == first.summary


def test_a_stream_that_was_cut_is_resumed_without_gap_and_repeat(client, orders):
    stream = client.trigger("order.created", b"x")
    told, token = until(stream, "quick", "SUCCEEDED")
    stream.cancel()
    orders.release()

    rest = list(client.watch(told[0].accepted.trigger.trigger_id, token))

    assert ("quick", "SUCCEEDED") not in stored(rest)
    assert collections.Counter(stored(told + rest)) \
        == {("quick", "SUCCEEDED"): 1, ("held", "SUCCEEDED"): 1}
    assert rest[-1].summary.succeeded == 2


def test_a_token_of_the_end_leaves_the_summary(client, orders):
    orders.release()
    updates = client.run("order.created").updates
    trigger_id = updates[0].accepted.trigger.trigger_id
    before_summary = [u.resume_token for u in updates[:-1] if u.resume_token][-1]

    rest = list(client.watch(trigger_id, before_summary))

    assert [u.WhichOneof("update") for u in rest if not u.HasField("accepted")] == ["summary"]


def test_tokens_are_good_after_a_kill(start_gateway, connect, functions):
    gateway = start_gateway()
    client = connect(gateway)
    client.define("order.created")
    held = functions.hold("/held")
    for name, url in (("quick", functions.function("/quick")), ("held", held.url)):
        client.http_function(name, url)
        client.subscribe("order.created", name, name)
    told, token = until(client.trigger("order.created", b"x"), "quick", "SUCCEEDED")
    trigger_id = told[0].accepted.trigger.trigger_id

    gateway.kill()
    gateway.start()
    client = connect(gateway)
    live = LiveProgress(client.watch(trigger_id, token))
    held.release()

    rest = live.end().updates
    assert stored(rest) == [("held", "SUCCEEDED")]
    assert rest[-1].summary.succeeded == 2


def test_retries_are_told_once_over_a_resumption(client, functions):
    client.define("order.created")
    client.http_function("f", functions.function(
        "/f", lambda r: Reply(503 if int(r.attribute("dispatchattempt")) < 4 else 200)))
    client.subscribe("order.created", "f", "s", initial_backoff=0.1, max_backoff=0.1)
    told, token = until(client.trigger("order.created"), "s", "RETRYING")

    rest = list(client.watch(told[0].accepted.trigger.trigger_id, token))

    changes = [(STATE(u.invocation.state), len(u.invocation.attempts)) for u in told + rest
               if u.HasField("invocation") and u.resume_token]
    assert len(changes) == len(set(changes)), changes
    assert changes[0] == ("STATE_RETRYING", 1) and changes[-1] == ("STATE_SUCCEEDED", 4)
    assert [count for _, count in changes] == sorted(count for _, count in changes)


def test_a_redrive_is_news(client, functions):
    client.define("order.created")
    reply = {"status": 400}
    client.http_function("f", functions.function("/f", lambda r: Reply(reply["status"])))
    client.subscribe("order.created", "f", "s")
    updates = client.run("order.created").updates
    token = [u.resume_token for u in updates if u.resume_token][-1]
    reply["status"] = 200
    outcome = next(u.invocation for u in updates
                   if u.HasField("invocation") and u.invocation.state in TERMINAL)
    client.retry(outcome.invocation_id)

    rest = list(client.watch(outcome.trigger_id, token))

    assert stored(rest)[-1] == ("s", "SUCCEEDED")
    assert rest[-1].summary.state == pb.Trigger.STATE_SUCCEEDED


def test_updates_that_are_not_stored_have_no_token(client, scripts):
    client.define("order.created")
    client.process_function("fail", scripts / "exit.sh", 0)
    client.subscribe("order.created", "fail", "s")

    for update in client.run("order.created").updates:
        kind = update.WhichOneof("update")
        is_stored = kind in ("accepted", "summary") or (
            kind == "invocation" and update.invocation.state != pb.Invocation.STATE_RUNNING)
        if kind != "summary":
            assert bool(update.resume_token) == is_stored, update


def flipped(token):
    return token[:-1] + ("0" if token[-1] != "0" else "1")


def some_token(client):
    client.define("order.created")
    progress = client.run("order.created")
    return progress.trigger_id, progress.updates[0].resume_token


def test_a_token_that_was_tampered_with_is_refused(client):
    trigger_id, token = some_token(client)
    for bad in (flipped(token), "nonsense", token[:-2], "f" * 100_000):
        with refused("INVALID_ARGUMENT", "RESUME_TOKEN_INVALID"):
            list(client.watch(trigger_id, bad))


def test_a_token_of_another_trigger_is_refused(client):
    _, token = some_token(client)
    other = client.emit("order.created").trigger_id
    with refused("INVALID_ARGUMENT", "RESUME_TOKEN_INVALID"):
        list(client.watch(other, token))


def test_a_token_whose_trigger_is_gone_is_out_of_range(client):
    client.define("short", retention={"seconds": 1})
    progress = client.run("short")
    token = progress.updates[0].resume_token
    eventually(lambda: client.list_triggers(event="short") == [])

    with refused("OUT_OF_RANGE", "RESUME_TOKEN_EXPIRED"):
        list(client.watch(progress.trigger_id, token))
    with refused("NOT_FOUND", "TRIGGER_NOT_FOUND"):
        list(client.watch(progress.trigger_id))


def test_an_unknown_trigger_is_not_found(client):
    with refused("NOT_FOUND", "TRIGGER_NOT_FOUND"):
        list(client.watch(str(uuid.uuid4())))


# WatchInvocations

class Watch(LiveProgress):
    """A WatchInvocations stream that has begun."""

    def __init__(self, stream):
        super().__init__(stream)
        eventually(lambda: self.updates or self.error, what="the first answer")
        assert self.error is None, self.error
        assert self.updates[0].resume_token

    def told(self):
        return [(u.event, u.invocation.subscription_id,
                 STATE(u.invocation.state).removeprefix("STATE_"))
                for u in list(self.updates) if u.HasField("invocation")]

    def wait_for(self, count):
        eventually(lambda: len(self.told()) >= count, what=f"{count} changes in {self.told()}")
        return self.told()

    def stop(self):
        self.stream.cancel()
        self.end()
        return self.updates[-1].resume_token


def test_every_change_of_every_trigger_is_told(client, orders):
    orders.release()
    client.define("order.paid")
    client.subscribe("order.paid", "quick", "paid")
    watch = Watch(client.watch_invocations())
    client.run("order.created")
    client.run("order.paid")

    assert sorted(watch.wait_for(3)) == [
        ("order.created", "held", "SUCCEEDED"), ("order.created", "quick", "SUCCEEDED"),
        ("order.paid", "paid", "SUCCEEDED")]
    change = next(u for u in watch.updates if u.HasField("invocation"))
    assert not change.invocation.HasField("output")
    assert change.invocation.attempts and change.resume_token
    watch.stop()


def test_what_was_before_is_not_told(client, orders):
    orders.release()
    client.run("order.created", b"before")
    watch = Watch(client.watch_invocations(subscription_id="quick"))
    after = client.run("order.created", b"after").trigger_id

    watch.wait_for(1)
    assert [u.invocation.trigger_id for u in watch.updates if u.HasField("invocation")] == [after]
    watch.stop()


@pytest.mark.parametrize("filters, expected", [
    ({"event": "order.paid"}, {("order.paid", "paid", "SUCCEEDED")}),
    ({"subscription_id": "quick"}, {("order.created", "quick", "SUCCEEDED")}),
    ({"function_id": "held"}, {("order.created", "held", "FAILED")}),
    ({"states": [pb.Invocation.STATE_FAILED]}, {("order.created", "held", "FAILED")}),
])
def test_changes_are_filtered(client, functions, orders, filters, expected):
    functions.function("/held", Reply(400))
    client.define("order.paid")
    client.subscribe("order.paid", "quick", "paid")
    watch = Watch(client.watch_invocations(**filters))
    everything = Watch(client.watch_invocations())
    client.run("order.created")
    client.run("order.paid")
    everything.wait_for(3)

    assert set(watch.wait_for(1)) == expected
    watch.stop()
    everything.stop()


def test_a_watch_is_resumed_without_gap_and_repeat_over_a_kill(start_gateway, connect, functions):
    gateway = start_gateway()
    client = connect(gateway)
    client.define("order.created")
    client.http_function("f", functions.function("/f"))
    client.subscribe("order.created", "f", "s")
    watch = Watch(client.watch_invocations())
    first = [client.run("order.created").trigger_id for _ in range(20)]
    watch.wait_for(5)
    token = watch.stop()
    told = [u.invocation.trigger_id for u in watch.updates if u.HasField("invocation")]
    missed = [client.run("order.created").trigger_id for _ in range(20)]

    gateway.kill()
    gateway.start()
    client = connect(gateway)
    again = Watch(client.watch_invocations(resume_token=token))
    last = client.run("order.created").trigger_id
    again.wait_for(41 - len(told))
    again.stop()

    told += [u.invocation.trigger_id for u in again.updates if u.HasField("invocation")]
    assert told == first + missed + [last]


def test_a_redriven_invocation_is_told_as_pending_and_then_with_its_new_end(client, functions):
    client.define("order.created")
    reply = {"status": 400}
    client.http_function("f", functions.function("/f", lambda r: Reply(reply["status"])))
    client.subscribe("order.created", "f", "s")
    failed = client.run("order.created").outcome()
    watch = Watch(client.watch_invocations())
    reply["status"] = 200

    client.retry(failed.invocation_id)

    eventually(lambda: ("order.created", "s", "SUCCEEDED") in watch.told())
    assert watch.told() in (
        [("order.created", "s", "PENDING"), ("order.created", "s", "SUCCEEDED")],
        [("order.created", "s", "SUCCEEDED")])
    watch.stop()


def test_organizations_do_not_see_each_other(client, connect, gateway, orders):
    orders.release()
    other = connect(gateway, client.organization + "-other")
    theirs = Watch(other.watch_invocations())
    mine = Watch(client.watch_invocations())
    client.run("order.created")
    mine.wait_for(2)
    other.define("order.created")
    other.http_function("f", "http://127.0.0.1:1/")
    other.subscribe("order.created", "f", "theirs", max_attempts=1)
    other.run("order.created")

    assert theirs.wait_for(1) == [("order.created", "theirs", "FAILED")]
    mine.stop()
    theirs.stop()


def test_a_token_for_other_filters_or_a_wrong_one_is_refused(client):
    watch = Watch(client.watch_invocations())
    token = watch.stop()
    for request in ({"resume_token": token, "event": "order.created"},
                    {"resume_token": flipped(token)}, {"resume_token": "nonsense"}):
        with refused("INVALID_ARGUMENT", "RESUME_TOKEN_INVALID"):
            list(client.watch_invocations(**request))


def test_a_watch_ends_when_the_gateway_does(start_gateway, connect):
    gateway = start_gateway(options=["--drain-seconds", "1"])
    watch = Watch(connect(gateway).watch_invocations())

    assert gateway.terminate() == 0

    assert watch.end().error.code() == grpc.StatusCode.UNAVAILABLE
