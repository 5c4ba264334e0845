"""Priorities between the subscriptions that compete for a function."""

import pytest

from harness.contract import pb
from harness.function_server import Reply
from harness.refusal import refused

BACKLOG = 3_000
AGE_TURN = 16


@pytest.fixture
def order(client, functions):
    """A function of one at a time, held until its first call is released, and who called it."""
    gate = functions.hold("/gate")
    url = functions.function("/work", gate.answer)
    client.http_function("work", url, flow=pb.FlowControl(max_concurrency=1))
    for event in ("first", "low", "middle", "high"):
        client.define(event)
    client.subscribe("first", "work", "first")
    client.subscribe("low", "work", "low", priority=-100)
    client.subscribe("middle", "work", "middle")
    client.subscribe("high", "work", "high", priority=100)
    client.emit("first")
    functions.wait_for("/work")

    def finish(count):
        gate.release()
        received = functions.wait_for("/work", count + 1, within=60)
        return [request.attribute("dispatchsubscription") for request in received[1:]]
    return finish


def test_the_highest_goes_first_whatever_came_before(client, order):
    for event in ("low", "middle", "high", "low", "middle", "high"):
        client.emit(event)

    assert order(6) == ["high", "high", "middle", "middle", "low", "low"]


def test_a_backlog_of_a_low_priority_in_the_store_does_not_hold_up_a_high_one(client, order):
    emit = pb.EmitEventRequest(event="low")
    requests = (pb.EmitEventsRequest(sequence=number, emit=emit) for number in range(BACKLOG))
    answers = client.emit_each(requests, 60)
    assert sum(answer.HasField("accepted") for answer in answers) == BACKLOG
    for _ in range(3):
        client.emit("high")

    assert order(5) == ["high", "high", "high", "low", "low"]


def test_a_low_one_gets_its_turn_by_age_while_higher_ones_keep_coming(client, order):
    client.emit("low")
    for _ in range(2 * AGE_TURN):
        client.emit("high")

    subscriptions = order(2 * AGE_TURN + 1)

    assert "low" in subscriptions[:AGE_TURN + 1]
    assert subscriptions.count("high") == 2 * AGE_TURN


def test_a_priority_is_that_of_the_time_of_acceptance(client, order):
    client.emit("high")
    client.emit("middle")
    update = pb.Subscription(subscription_id="high", priority=-50)
    assert client.update_subscription(update, ["priority"]).priority == -50
    client.emit("middle")
    client.emit("high")

    assert order(4) == ["high", "middle", "middle", "high"]


def test_a_priority_survives_a_kill(start_gateway, connect, functions):
    gateway = start_gateway()
    client = connect(gateway)
    held = functions.hold("/gate")
    client.http_function("work", held.url, flow=pb.FlowControl(max_concurrency=1))
    client.define("low")
    client.define("high")
    client.subscribe("low", "work", "low", priority=-1)
    client.subscribe("high", "work", "high", priority=1)
    client.emit("low")
    functions.wait_for("/gate")
    for event in ("low", "low", "high"):
        client.emit(event)
    gateway.kill()
    functions.function("/gate", Reply())
    gateway.start()

    received = functions.wait_for("/gate", 5)

    assert [r.attribute("dispatchsubscription") for r in received] == ["low", "high"] + 3 * ["low"]


@pytest.mark.parametrize("priority", [-101, 101, 2**31 - 1, -2**31])
def test_a_priority_beyond_its_range_is_refused_by_name(client, priority):
    client.define("e")
    with refused("INVALID_ARGUMENT", "FIELD_INVALID", field="subscription.priority"):
        client.subscribe("e", "echo", priority=priority)
