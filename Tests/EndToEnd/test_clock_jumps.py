"""Clocks that jump: what waits for its time is neither lost nor forgotten."""

import time

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from harness.contract import pb
from harness.function_server import Reply
from harness.shifted_clock import ShiftedClock
from harness.waiting import eventually

HOUR = 3600


@pytest.fixture
def clock(tmp_path):
    return ShiftedClock(tmp_path)


@pytest.fixture
def gateway(start_gateway, clock):
    return start_gateway(environment=clock.environment)


@pytest.fixture
def retried(client, functions):
    """A function that fails at its first attempt; its retry comes after 40 minutes or so."""
    client.define("order.created")
    client.http_function("f", functions.function(
        "/f", lambda r: Reply(503 if r.attribute("dispatchattempt") == "1" else 200)))
    client.subscribe("order.created", "f", "s", initial_backoff=2400, max_backoff=2400)


def in_seconds(seconds):
    return Timestamp(seconds=int(time.time() + seconds))


def state(client, trigger_id):
    return client.states(trigger_id)["s"]


def test_the_gateways_clock_is_the_shifted_one(client, clock):
    client.define("order.created")
    clock.set(HOUR)
    ahead = client.emit("order.created").received_at.seconds - time.time()
    assert HOUR - 30 < ahead < HOUR + 30


def test_a_jump_forward_makes_retries_and_delayed_triggers_due(client, functions, clock, retried):
    waiting = client.emit("order.created", b"retry").trigger_id
    eventually(lambda: state(client, waiting) == "RETRYING")
    delayed = client.emit("order.created", b"later", deliver_at=in_seconds(1800)).trigger_id

    clock.set(HOUR)
    # A new one makes the lane look at its clock at once; without it that takes the timer's while.
    client.emit("order.created", b"now")

    assert client.finished(waiting).state == pb.Trigger.STATE_SUCCEEDED
    eventually(lambda: state(client, delayed) in ("RETRYING", "SUCCEEDED"))


def test_a_jump_back_loses_nothing(client, functions, clock):
    client.define("order.created")
    client.http_function("f", functions.function(
        "/f", lambda r: Reply(503 if r.body == b"retry"
                              and r.attribute("dispatchattempt") == "1" else 200)))
    client.subscribe("order.created", "f", "s", initial_backoff=1)
    delayed = client.emit("order.created", b"later", deliver_at=in_seconds(2)).trigger_id
    waiting = client.emit("order.created", b"retry").trigger_id
    functions.wait_for("/f")

    clock.set(-HOUR)
    now = client.emit("order.created", b"now").trigger_id
    assert client.finished(now).state == pb.Trigger.STATE_SUCCEEDED
    assert state(client, delayed) == "PENDING"
    clock.set(5)
    client.emit("order.created", b"again")

    assert client.finished(delayed).state == pb.Trigger.STATE_SUCCEEDED
    assert client.finished(waiting).state == pb.Trigger.STATE_SUCCEEDED


@pytest.mark.parametrize("jump", [-HOUR, HOUR])
def test_a_jump_between_two_lives_loses_nothing(gateway, connect, functions, clock, jump):
    client = connect(gateway)
    client.define("order.created")
    client.http_function("f", functions.function("/f"))
    client.subscribe("order.created", "f", "s")
    delayed = client.emit("order.created", b"later", deliver_at=in_seconds(1800)).trigger_id

    gateway.kill()
    clock.set(jump)
    gateway.start()
    client = connect(gateway)
    for number in range(3):
        trigger_id = client.emit("order.created", b"%d" % number, ordering_key="k").trigger_id
    assert client.finished(trigger_id).state == pb.Trigger.STATE_SUCCEEDED
    if jump < 0:
        assert state(client, delayed) == "PENDING"
        clock.set(HOUR)
        client.emit("order.created", b"wake")

    assert client.finished(delayed).state == pb.Trigger.STATE_SUCCEEDED
    bodies = [r.body for r in functions.received("/f")]
    assert [b for b in bodies if b in (b"0", b"1", b"2")] == [b"0", b"1", b"2"]


def test_an_attempt_is_timed_by_a_clock_that_does_not_jump(client, functions, clock):
    client.define("order.created")
    held = functions.hold("/held")
    client.http_function("held", held.url)
    client.subscribe("order.created", "held", "s", attempt_timeout=600)
    trigger_id = client.emit("order.created").trigger_id
    functions.wait_for("/held")

    for jump in (HOUR, -HOUR, 0):
        clock.set(jump)
    held.release()

    assert client.finished(trigger_id).state == pb.Trigger.STATE_SUCCEEDED
    attempt = client.invocation_of(trigger_id, "s").attempts[0]
    assert attempt.end_time.ToNanoseconds() >= attempt.start_time.ToNanoseconds()
