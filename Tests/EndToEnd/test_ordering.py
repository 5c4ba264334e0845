"""Ordering keys: triggers of a key reach each subscription in order, and hold up nothing else."""

import collections
import os
import random

import pytest

from harness.contract import pb
from harness.function_server import Reply
from harness.measurements import note
from harness.refusal import refused
from harness.waiting import eventually

SEED = os.environ.get("ORDER_SEED") or os.urandom(4).hex()
KEYS = 1000
TRIGGERS_PER_KEY = 3
FAILING_PART = 0.2
HOLD_ORDER = pb.Invocation.HOLD_ORDER


@pytest.fixture(autouse=True)
def order_created(client):
    client.define("order.created")


@pytest.fixture
def held(client, functions):
    """A function that holds what its payload says and answers the rest at once."""
    gate = functions.hold("/gate")

    def reply(request):
        return gate.answer(request) if request.body.startswith(b"held") else Reply()

    client.http_function("f", functions.function("/f", reply))
    client.subscribe("order.created", "f", "s", max_attempts=5, initial_backoff=0.01)
    return gate


def state_and_holds(client, trigger_id, subscription_id="s"):
    listed = client.invocations(trigger_id=trigger_id, subscription_id=subscription_id)
    return pb.Invocation.State.Name(listed[0].state), list(listed[0].holds)


def test_thousands_of_triggers_with_failures_run_in_the_order_of_their_keys(client, functions):
    chance = random.Random(SEED)
    failures = {(key, number): chance.choice((1, 2))
                for key in range(KEYS) for number in range(TRIGGERS_PER_KEY)
                if chance.random() < FAILING_PART}

    def reply(request):
        place = tuple(map(int, request.body.split()))
        attempt = int(request.attribute("dispatchattempt"))
        return Reply(503 if attempt <= failures.get(place, 0) else 200)

    client.http_function("f", functions.function("/f", reply))
    client.subscribe("order.created", "f", "s", max_attempts=5, initial_backoff=0.02)
    sendings = [(key, number) for number in range(TRIGGERS_PER_KEY) for key in range(KEYS)]
    requests = (
        pb.EmitEventsRequest(sequence=sequence, emit=pb.EmitEventRequest(
            event="order.created", data=b"%d %d" % place, ordering_key=f"key-{place[0]}"))
        for sequence, place in enumerate(sendings))
    refusals = [a for a in client.emit_each(requests, seconds_max=60) if a.HasField("error")]
    expected = len(sendings) + sum(failures.values())
    received = functions.wait_for("/f", expected, within=60)

    assert refusals == [], f"ORDER_SEED={SEED}"
    by_key = collections.defaultdict(list)
    for request in received:
        key, number = map(int, request.body.split())
        by_key[key].append((number, int(request.attribute("dispatchattempt"))))
    assert by_key == {
        key: [(number, attempt) for number in range(TRIGGERS_PER_KEY)
              for attempt in range(1, 2 + failures.get((key, number), 0))]
        for key in range(KEYS)}, f"ORDER_SEED={SEED}"
    note(f"ordering: ORDER_SEED={SEED}, {KEYS} keys, {expected} attempts")


def test_a_blocked_key_holds_up_its_own_subscription_and_key_only(client, functions, held):
    client.http_function("other", functions.function("/other"))
    client.subscribe("order.created", "other", "other")
    first = client.emit("order.created", b"held", ordering_key="a").trigger_id
    functions.wait_for("/f")
    second = client.emit("order.created", b"x", ordering_key="a").trigger_id
    another_key = client.emit("order.created", b"x", ordering_key="b").trigger_id
    no_key = client.emit("order.created", b"x").trigger_id

    assert client.finished(another_key).state == pb.Trigger.STATE_SUCCEEDED
    assert client.finished(no_key).state == pb.Trigger.STATE_SUCCEEDED
    eventually(lambda: client.states(second)["other"] == "SUCCEEDED")
    assert state_and_holds(client, second) == ("STATE_PENDING", [HOLD_ORDER])
    assert state_and_holds(client, first) == ("STATE_RUNNING", [])

    held.release()
    assert client.finished(second).state == pb.Trigger.STATE_SUCCEEDED
    assert client.get_trigger(second).ordering_key == "a"


def test_keys_of_different_events_and_organizations_are_apart(client, connect, gateway, functions):
    held = functions.hold("/held")
    client.http_function("held", held.url)
    client.subscribe("order.created", "held", "s")
    client.emit("order.created", ordering_key="a")
    functions.wait_for("/held")
    other = connect(gateway, client.organization + "-other")
    other.define("order.created")
    other.http_function("f", functions.function("/f"))
    other.subscribe("order.created", "f", "s")

    trigger_id = other.emit("order.created", ordering_key="a").trigger_id

    assert other.finished(trigger_id).state == pb.Trigger.STATE_SUCCEEDED
    held.release()


def test_one_that_waits_for_its_retry_holds_up_the_next(client, functions):
    client.http_function("f", functions.function("/f", Reply(503)))
    client.subscribe("order.created", "f", "s", initial_backoff=600, max_backoff=600)
    first = client.emit("order.created", b"1", ordering_key="a").trigger_id
    eventually(lambda: client.states(first)["s"] == "RETRYING")
    second = client.emit("order.created", b"2", ordering_key="a").trigger_id

    assert state_and_holds(client, second) == ("STATE_PENDING", [HOLD_ORDER])
    assert len(functions.received("/f")) == 1


@pytest.mark.parametrize("end", ["cancel", "fail"])
def test_the_end_of_one_lets_the_next_run(client, functions, end):
    def reply(request):
        return Reply(400 if request.body == b"fail" else 503 if request.body == b"cancel" else 200)

    client.http_function("f", functions.function("/f", reply))
    client.subscribe("order.created", "f", "s", initial_backoff=600, max_backoff=600)
    first = client.emit("order.created", end.encode(), ordering_key="a").trigger_id
    eventually(lambda: client.states(first)["s"] in ("RETRYING", "FAILED"))
    second = client.emit("order.created", b"next", ordering_key="a").trigger_id
    if end == "cancel":
        client.cancel(first)

    assert client.finished(second).state == pb.Trigger.STATE_SUCCEEDED
    assert client.states(first)["s"] == {"cancel": "CANCELLED", "fail": "FAILED"}[end]


def test_the_order_survives_a_kill(start_gateway, connect, functions):
    gateway = start_gateway()
    client = connect(gateway)
    client.define("order.created")
    held = functions.hold("/held")
    client.http_function("f", held.url)
    client.subscribe("order.created", "f", "s")
    ids = [client.emit("order.created", b"%d" % number, ordering_key="a").trigger_id
           for number in range(5)]
    functions.wait_for("/held")

    gateway.kill()
    gateway.start()
    client = connect(gateway)
    functions.wait_for("/held", 2)
    held.release()

    client.finished(ids[-1])
    assert [r.body for r in functions.received("/held")] == [b"0", b"0", b"1", b"2", b"3", b"4"]


def test_a_redriven_one_runs_in_between(client, functions, held):
    reply = {"status": 400}
    client.http_function(
        "g", functions.function("/g", lambda request: Reply(reply["status"])))
    client.subscribe("order.created", "g", "g")
    failed = client.emit("order.created", b"x", ordering_key="a").trigger_id
    client.finished(failed)
    client.emit("order.created", b"held", ordering_key="a")
    reply["status"] = 200

    client.retry(client.invocation_of(failed, "g").invocation_id)

    eventually(lambda: client.states(failed)["g"] == "SUCCEEDED")
    held.release()


def test_a_key_of_the_largest_size_is_taken(client):
    trigger_id = client.emit("order.created", ordering_key="k" * 256).trigger_id
    assert client.get_trigger(trigger_id).ordering_key == "k" * 256


def test_a_key_that_is_too_long_is_refused(client):
    with refused("INVALID_ARGUMENT", "FIELD_INVALID", field="ordering_key"):
        client.emit("order.created", ordering_key="k" * 257)


def test_a_request_with_another_key_is_another_request(client):
    client.emit("order.created", request_id="r-1", ordering_key="a")
    with refused("ALREADY_EXISTS", "EVENT_ID_CONFLICT"):
        client.emit("order.created", request_id="r-1", ordering_key="b")
