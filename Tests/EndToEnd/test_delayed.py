"""Delayed triggers: not before their time, and not lost until then."""

import time

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from harness.contract import pb
from harness.function_server import Reply
from harness.refusal import refused
from harness.waiting import eventually

DAY_SECONDS = 86_400


def in_seconds(seconds):
    """Then, in whole microseconds, so that it is the same wherever it goes."""
    then = Timestamp()
    then.FromNanoseconds(int((time.time() + seconds) * 1e6) * 1000)
    return then


@pytest.fixture
def times(client, functions):
    """When the function was called, by payload, in nanoseconds of the system's clock."""
    times = {}

    def reply(request):
        times.setdefault(request.body, time.time_ns())
        return Reply()

    client.define("order.created")
    client.http_function("f", functions.function("/f", reply))
    client.subscribe("order.created", "f", "s")
    return times


def test_a_delayed_trigger_is_not_delivered_before_its_time(client, times):
    deliver_at = in_seconds(1)
    answer = client.emit("order.created", b"later", deliver_at=deliver_at)
    now = client.emit("order.created", b"now").trigger_id

    client.finished(now)
    waiting = client.invocations(trigger_id=answer.trigger_id)[0]
    assert waiting.state == pb.Invocation.STATE_PENDING
    assert waiting.next_attempt_time == deliver_at
    assert client.get_trigger(answer.trigger_id).deliver_at == deliver_at
    assert client.get_trigger(answer.trigger_id).state == pb.Trigger.STATE_ACCEPTED
    client.finished(answer.trigger_id)
    late = times[b"later"] - deliver_at.ToNanoseconds()
    assert 0 <= late < 5e9


def test_they_are_delivered_in_the_order_of_their_times(client, times):
    delays = [0.9, 0.3, 0.6, 1.2]
    ids = [client.emit("order.created", b"%.1f" % delay, deliver_at=in_seconds(delay)).trigger_id
           for delay in delays]

    for trigger_id in ids:
        client.finished(trigger_id)
    assert sorted(times, key=times.get) == [b"%.1f" % delay for delay in sorted(delays)]


def test_many_that_are_due_at_once_are_all_delivered(client, functions, times):
    deliver_at = in_seconds(1.5)
    for number in range(500):
        client.emit("order.created", b"%d" % number, deliver_at=deliver_at)

    functions.wait_for("/f", 500, within=30)
    assert min(times.values()) >= deliver_at.ToNanoseconds()


def test_a_time_that_has_passed_stands_for_now(client, times):
    trigger_id = client.emit(
        "order.created", b"x", deliver_at=Timestamp(seconds=1_000_000_000)).trigger_id
    assert client.finished(trigger_id).state == pb.Trigger.STATE_SUCCEEDED


def test_the_stream_of_a_delayed_trigger_waits_for_it(client, times):
    deliver_at = in_seconds(0.5)
    progress = client.run("order.created", b"x", deliver_at=deliver_at)
    assert progress.summary.succeeded == 1
    assert times[b"x"] >= deliver_at.ToNanoseconds()


@pytest.mark.parametrize("far", [False, True], ids=["due while it is down", "due later"])
def test_a_delayed_trigger_survives_a_kill(start_gateway, connect, functions, far):
    gateway = start_gateway()
    client = connect(gateway)
    client.define("order.created")
    client.http_function("f", functions.function("/f"))
    client.subscribe("order.created", "f", "s")
    deliver_at = in_seconds(3 if far else 0.3)
    trigger_id = client.emit("order.created", deliver_at=deliver_at).trigger_id

    gateway.kill()
    if not far:
        eventually(lambda: time.time_ns() > deliver_at.ToNanoseconds())
    gateway.start()

    client = connect(gateway)
    assert client.finished(trigger_id).state == pb.Trigger.STATE_SUCCEEDED
    start = client.invocation_of(trigger_id, "s").attempts[0].start_time
    assert start.ToNanoseconds() >= deliver_at.ToNanoseconds()


def test_a_delayed_trigger_can_be_cancelled(client, functions, times):
    trigger_id = client.emit("order.created", deliver_at=in_seconds(600)).trigger_id
    assert client.cancel(trigger_id).state == pb.Trigger.STATE_CANCELLED


def test_a_groups_first_member_waits_and_its_time_counts_from_then(client, functions):
    client.define("order.created")
    client.group("g", "order.created", "SEQUENCE", timeout=1)
    for order, member in enumerate(("m0", "m1")):
        client.http_function(member, functions.function(f"/{member}"))
        client.subscribe("order.created", member, member, group="g", order=order)

    progress = client.run("order.created", deliver_at=in_seconds(1.5))

    assert progress.summary.state == pb.Trigger.STATE_SUCCEEDED


def test_a_year_ahead_is_the_furthest(client, times):
    client.emit("order.created", deliver_at=in_seconds(365 * DAY_SECONDS))
    with refused("INVALID_ARGUMENT", "FIELD_INVALID", field="deliver_at"):
        client.emit("order.created", deliver_at=in_seconds(367 * DAY_SECONDS))


def test_a_delay_and_an_ordering_key_exclude_each_other(client, times):
    with refused("INVALID_ARGUMENT", "FIELD_INVALID", field="deliver_at"):
        client.emit("order.created", deliver_at=in_seconds(1), ordering_key="k")
