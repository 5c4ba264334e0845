"""Back-pressure: past its bounds the gateway refuses, and accepts nothing of what it refuses."""

import grpc
import pytest

from harness.contract import pb
from harness.refusal import refused
from harness.waiting import eventually

PER_FUNCTION = 20
PER_ORGANIZATION = 50
IN_ALL = 70


@pytest.fixture
def gateway(start_gateway):
    return start_gateway(options=[
        "--backlog-per-function-max", str(PER_FUNCTION),
        "--backlog-per-organization-max", str(PER_ORGANIZATION), "--backlog-max", str(IN_ALL)])


@pytest.fixture
def slow(client, functions):
    """order.created, whose function is held, and order.paid, whose function is not."""
    held = functions.hold("/held")
    client.http_function("slow", held.url, flow=pb.FlowControl(max_concurrency=2))
    client.http_function("quick", functions.function("/quick"))
    client.define("order.created", function_id="slow")
    client.define("order.paid", function_id="quick")
    return held


def fill(client, count=PER_FUNCTION, event="order.created"):
    return [client.emit(event, b"%d" % number).trigger_id for number in range(count)]


def test_past_a_functions_bound_triggers_are_refused_and_nothing_is_accepted(client, slow):
    ids = fill(client)

    with refused("RESOURCE_EXHAUSTED", "QUEUE_FULL") as refusals:
        client.emit("order.created", b"too much", request_id="r-1")

    delay = refusals[0].details["google.rpc.RetryInfo"].retry_delay
    assert delay.ToNanoseconds() > 0
    assert "slow" in refusals[0].message
    assert [t.trigger_id for t in client.list_triggers()] == list(reversed(ids))
    slow.release()
    for trigger_id in ids:
        assert client.finished(trigger_id).state == pb.Trigger.STATE_SUCCEEDED
    assert not client.emit("order.created", b"too much", request_id="r-1").duplicate


def test_other_functions_go_on(client, slow):
    fill(client)

    for number in range(2 * PER_FUNCTION):
        trigger_id = client.emit("order.paid", b"%d" % number).trigger_id
        assert client.finished(trigger_id).state == pb.Trigger.STATE_SUCCEEDED
    slow.release()


def test_a_trigger_for_several_functions_is_accepted_for_all_or_none(client, functions, slow):
    client.subscribe("order.created", "quick", "quick")
    fill(client)
    eventually(lambda: len(functions.received("/quick")) == PER_FUNCTION)

    with refused("RESOURCE_EXHAUSTED", "QUEUE_FULL"):
        client.emit("order.created", b"too much")

    assert len(client.list_triggers()) == PER_FUNCTION
    assert len(functions.received("/quick")) == PER_FUNCTION
    slow.release()


def test_what_is_held_or_delayed_counts(client, functions, slow):
    client.pause("managed.order.created")
    fill(client)
    with refused("RESOURCE_EXHAUSTED", "QUEUE_FULL"):
        client.emit("order.created")
    client.resume("managed.order.created")
    slow.release()


def fill_all(client, functions):
    """Triggers three functions until it is refused; returns the refusal and how many were taken."""
    for number in range(3):
        client.http_function(f"slow-{number}", f"http://127.0.0.1:{functions.port}/held")
        client.define(f"event-{number}", function_id=f"slow-{number}")
    accepted = 0
    with refused("RESOURCE_EXHAUSTED", "QUEUE_FULL") as refusals:
        for number in range(3 * PER_FUNCTION):
            client.emit(f"event-{number % 3}", b"x")
            accepted += 1
    return refusals[0], accepted


def test_an_organization_has_a_bound_and_another_has_room(
    gateway, client, connect, functions, slow
):
    refusal, accepted = fill_all(client, functions)
    assert accepted == PER_ORGANIZATION
    assert "the organization" in refusal.message

    refusal, accepted = fill_all(connect(gateway, "another"), functions)
    assert accepted == IN_ALL - PER_ORGANIZATION
    assert "the gateway" in refusal.message
    slow.release()


def test_an_organization_has_half_of_the_backlog_by_default(start_gateway, connect, functions):
    gateway = start_gateway(options=["--backlog-max", "30"])
    held = functions.hold("/held")
    _, accepted = fill_all(connect(gateway), functions)
    assert accepted == 15
    held.release()


def test_a_stream_is_refused_as_a_unary_call_is(client, slow):
    fill(client)
    with refused("RESOURCE_EXHAUSTED", "QUEUE_FULL"):
        list(client.trigger("order.created"))
    answers = list(client.emit_each([pb.EmitEventsRequest(
        sequence=1, emit=pb.EmitEventRequest(event="order.created"))]))
    assert answers[0].error.code == grpc.StatusCode.RESOURCE_EXHAUSTED.value[0]
    slow.release()


def test_the_bound_survives_a_kill(gateway, client, connect, slow):
    fill(client)

    gateway.kill()
    gateway.start()

    with refused("RESOURCE_EXHAUSTED", "QUEUE_FULL"):
        connect(gateway, client.organization).emit("order.created")
    slow.release()


def test_a_repeated_request_is_answered_although_all_is_full(client, slow):
    first = client.emit("order.created", b"x", request_id="r-1")
    fill(client, PER_FUNCTION - 1)

    assert client.emit("order.created", b"x", request_id="r-1").trigger_id == first.trigger_id
    slow.release()


def test_a_cancelled_backlog_makes_room(client, slow):
    ids = fill(client)
    for trigger_id in ids[5:10]:
        client.cancel(trigger_id)

    fill(client, 5)
    with refused("RESOURCE_EXHAUSTED", "QUEUE_FULL"):
        client.emit("order.created")
    slow.release()
