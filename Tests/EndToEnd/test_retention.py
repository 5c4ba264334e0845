"""Retention: what has finished goes after its time, and nothing else does."""

import grpc
import pytest

from harness.contract import pb
from harness.function_server import Reply
from harness.measurements import note
from harness.refusal import refused
from harness.waiting import eventually

ROUNDS = 6
TRIGGERS_PER_ROUND = 1500
PAYLOAD_BYTES = 2000


def is_gone(client, trigger_id):
    try:
        client.get_trigger(trigger_id)
    except grpc.RpcError as error:
        assert error.code() == grpc.StatusCode.NOT_FOUND
        return True
    return False


@pytest.fixture
def short(client, functions):
    """An event whose finished triggers are kept for a second."""
    client.define("short", retention={"seconds": 1}, dead_letter_retention={"seconds": 600})
    client.http_function(
        "f", functions.function("/f", lambda r: Reply(400 if r.body == b"fail" else 200)))
    client.subscribe("short", "f", "s")


def test_what_has_finished_goes_with_all_that_belongs_to_it(client, short):
    outcome = client.run("short", b"x").outcome()

    eventually(lambda: is_gone(client, outcome.trigger_id))

    with refused("NOT_FOUND", "INVOCATION_NOT_FOUND"):
        client.get_invocation(outcome.invocation_id)
    assert client.list_triggers() == []
    assert client.invocations() == []


def test_what_is_not_old_enough_stays(client, functions, short):
    client.define("long")
    kept = client.run("long", b"x").trigger_id
    failed = client.run("short", b"fail").trigger_id
    with_id = client.run("short", b"x", request_id="r-1").trigger_id
    held = functions.hold("/held")
    client.http_function("held", held.url)
    client.define("slow", function_id="held", retention={"seconds": 1})
    running = client.emit("slow").trigger_id
    gone = client.run("short", b"x").trigger_id

    eventually(lambda: is_gone(client, gone))

    for trigger_id in (kept, failed, with_id, running):
        assert client.get_trigger(trigger_id).trigger_id == trigger_id
    assert client.emit("short", b"x", request_id="r-1").trigger_id == with_id
    held.release()


def test_a_trigger_for_which_nobody_subscribed_goes_too(client):
    client.define("short", retention={"seconds": 1})
    trigger_id = client.emit("short", b"x").trigger_id
    eventually(lambda: is_gone(client, trigger_id))


def test_dead_letters_have_a_time_of_their_own(client, functions):
    client.define(
        "short", retention={"seconds": 600}, dead_letter_retention={"seconds": 1})
    client.http_function("f", functions.function("/f", Reply(400)))
    client.subscribe("short", "f", "s")
    failed = client.run("short").trigger_id
    eventually(lambda: is_gone(client, failed))


def test_a_shorter_time_counts_for_what_is_there_already(client):
    client.define("order.created")
    trigger_id = client.emit("order.created").trigger_id

    client.update_event(
        pb.Event(event="order.created", retention={"seconds": 1}), mask=["retention"])

    eventually(lambda: is_gone(client, trigger_id))


def test_what_was_redriven_is_kept_until_it_has_finished_again(client, functions):
    client.define("short", retention={"seconds": 1}, dead_letter_retention={"seconds": 3})
    held = functions.hold("/f")
    reply = {"answer": lambda request: Reply(400)}
    client.http_function("f", functions.function("/f", lambda request: reply["answer"](request)))
    client.subscribe("short", "f", "s")
    outcome = client.run("short", b"x").outcome()
    reply["answer"] = held.answer
    client.retry(outcome.invocation_id)

    client.define("marker", retention={"seconds": 4})
    marker = client.emit("marker").trigger_id
    eventually(lambda: is_gone(client, marker))

    assert client.get_trigger(outcome.trigger_id).state == pb.Trigger.STATE_RUNNING
    held.release()
    eventually(lambda: is_gone(client, outcome.trigger_id))


def test_get_shows_the_defaults(client):
    event = client.define("order.created")
    assert (event.retention.seconds, event.dead_letter_retention.seconds) \
        == (7 * 86_400, 30 * 86_400)


@pytest.mark.parametrize("field", ["retention", "dead_letter_retention"])
@pytest.mark.parametrize("retention", [
    {"nanos": 999_999_999}, {"seconds": -1}, {"seconds": 3650 * 86_400 + 1}])
def test_a_time_beyond_its_limits_is_refused(client, field, retention):
    with refused("INVALID_ARGUMENT", "FIELD_INVALID", field=f"event.{field}"):
        client.define("order.created", **{field: retention})


def test_the_file_settles_under_steady_load(start_gateway, connect):
    gateway = start_gateway()
    client = connect(gateway)
    client.define("short", retention={"seconds": 1})
    sizes = []
    for _ in range(ROUNDS):
        requests = (
            pb.EmitEventsRequest(sequence=number, emit=pb.EmitEventRequest(
                event="short", data=bytes(PAYLOAD_BYTES)))
            for number in range(TRIGGERS_PER_ROUND))
        assert not any(answer.HasField("error") for answer in client.emit_each(requests))
        eventually(lambda: not client.triggers.ListTriggers(
            pb.ListTriggersRequest(page_size=1)).triggers, 30, "all is pruned")
        sizes.append(sum(file.stat().st_size for file in gateway.data.iterdir()))

    note(f"retention: the data directory after each round, in KiB: {[s >> 10 for s in sizes]}")
    # It grows until what is freed in a round is enough for the next, and no further.
    assert sizes[-1] <= sizes[ROUNDS // 2] * 1.1, sizes
