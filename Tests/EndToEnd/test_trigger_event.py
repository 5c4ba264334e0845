"""TriggerEvent: what the stream tells, and in which order."""

import os
import uuid

import grpc
import pytest

from harness.contract import pb
from harness.function_server import Reply
from harness.progress import LiveProgress
from harness.refusal import refused
from harness.waiting import eventually


@pytest.fixture(autouse=True)
def order_created(client):
    client.define("order.created")


@pytest.fixture
def echo(client, scripts):
    client.process_function("echo", scripts / "echo.sh")
    client.subscribe("order.created", "echo", "echo")


def test_the_stream_starts_with_accepted_and_ends_with_the_summary(client, echo):
    progress = client.run("order.created", b"payload")

    assert progress.kinds[0] == "accepted"
    assert progress.kinds[-1] == "summary"
    assert progress.states("echo") == ["RUNNING", "SUCCEEDED"]
    assert progress.outcome("echo").output.data == b"payload"


def test_accepted_describes_the_trigger_without_its_payload(client, echo):
    trigger = client.run(
        "order.created", b"payload", metadata={"a": "b"}, source="/shop").accepted.trigger

    assert uuid.UUID(trigger.trigger_id).version == 7
    assert trigger.event == "order.created"
    assert trigger.source == "/shop"
    assert trigger.state == pb.Trigger.STATE_ACCEPTED
    assert trigger.invocation_count == 1
    assert trigger.event_revision == 1
    assert trigger.received_at.seconds > 0
    assert (trigger.data, trigger.metadata) == (b"", {})


def test_output_and_logs_are_streamed_while_the_function_runs(client, scripts, tmp_path):
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    client.process_function("chatty", scripts / "chatty.sh", fifo)
    client.subscribe("order.created", "chatty", "chatty")
    live = LiveProgress(client.trigger("order.created"))

    # The function goes on only after what it wrote before has been seen.
    output, log = live.first("output"), live.first("log")
    assert (output.data, output.offset, output.attempt) == (b"first\n", 0, 1)
    assert (log.line.text, log.line.attempt) == ("looking", 1)
    fifo.write_text("word\n")

    updates = live.end().updates
    chunks = [u.output for u in updates if u.WhichOneof("update") == "output"]
    assert b"".join(chunk.data for chunk in chunks) == b"first\nsecond word\n"
    assert [u.log.line.text for u in updates if u.WhichOneof("update") == "log"] \
        == ["looking", "done"]
    assert {chunk.invocation_id for chunk in chunks} == {output.invocation_id, log.invocation_id}


def test_everything_of_an_attempt_comes_between_its_start_and_its_end(client, scripts, tmp_path):
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    client.process_function("chatty", scripts / "chatty.sh", fifo)
    client.subscribe("order.created", "chatty", "chatty")
    live = LiveProgress(client.trigger("order.created"))
    live.first("output")
    fifo.write_text("word\n")

    kinds = [update.WhichOneof("update") for update in live.end().updates]

    inner = {"output", "log"}
    running, terminal = [i for i, kind in enumerate(kinds) if kind == "invocation"]
    places = [index for index, kind in enumerate(kinds) if kind in inner]
    assert running < min(places) and max(places) < terminal
    assert kinds[0] == "accepted" and kinds[-1] == "summary"


def test_offsets_of_output_chunks_follow_each_other(client, scripts):
    client.process_function("flood", scripts / "flood.sh", 100_000)
    client.subscribe("order.created", "flood", "flood")

    progress = client.run("order.created")

    position = 0
    for chunk in progress.output_chunks():
        assert chunk.offset >= position, "a chunk came twice or out of order"
        position = chunk.offset + len(chunk.data)
    assert progress.outcome().output.data == b"x" * 100_000


def test_an_invocation_is_stored_before_its_end_is_told(client, echo):
    for update in client.trigger("order.created", b"payload"):
        told = update.invocation
        if told.state == pb.Invocation.STATE_SUCCEEDED:
            assert client.get_invocation(told.invocation_id) == told
            return
    raise AssertionError("no terminal invocation")


def test_every_subscription_has_its_own_invocation(client, echo, functions):
    client.http_function("mail", functions.function("/mail", Reply(500)))
    client.subscribe("order.created", "mail", "mail", max_attempts=1)
    client.subscribe("order.*", "echo", "pattern")

    progress = client.run("order.created", b"x")

    assert progress.accepted.trigger.invocation_count == 3
    assert progress.outcome("echo").state == pb.Invocation.STATE_SUCCEEDED
    assert progress.outcome("pattern").state == pb.Invocation.STATE_SUCCEEDED
    assert progress.outcome("mail").state == pb.Invocation.STATE_FAILED
    summary = progress.summary
    assert (summary.succeeded, summary.failed, summary.cancelled, summary.skipped) == (2, 1, 0, 0)
    assert summary.state == pb.Trigger.STATE_FAILED
    assert summary.trigger_id == progress.trigger_id


def test_a_function_that_fails_is_data_and_the_call_succeeds(client, scripts):
    client.process_function("fail", scripts / "exit.sh", 3)
    client.subscribe("order.created", "fail", "fail", max_attempts=1)
    stream = client.trigger("order.created")

    updates = list(stream)

    assert stream.code() == grpc.StatusCode.OK
    assert updates[-1].summary.failed == 1


def test_a_trigger_that_nobody_subscribed_to_succeeds_at_once(client):
    progress = client.run("order.created", b"x")

    assert progress.kinds == ["accepted", "summary"]
    assert progress.summary.state == pb.Trigger.STATE_SUCCEEDED
    assert client.get_trigger(progress.trigger_id).state == pb.Trigger.STATE_SUCCEEDED


def test_an_unknown_event_is_refused(client):
    with refused("NOT_FOUND", "EVENT_NOT_FOUND") as refusals:
        list(client.trigger("nope"))
    assert refusals[0].resource == ("Event", "nope")


def test_a_caller_that_goes_away_does_not_stop_the_functions(client, scripts, tmp_path):
    os.mkfifo(tmp_path / "gate")
    client.process_function("wait", scripts / "wait_for.sh", tmp_path)
    client.subscribe("order.created", "wait", "wait")
    stream = client.trigger("order.created")
    trigger_id = next(stream).accepted.trigger.trigger_id
    eventually(lambda: (tmp_path / "runs").exists())

    stream.cancel()
    (tmp_path / "gate").write_text("go\n")

    assert client.finished(trigger_id).state == pb.Trigger.STATE_SUCCEEDED


def test_a_deadline_ends_the_stream_and_not_the_functions(client, functions):
    held = functions.hold("/slow")
    client.http_function("slow", held.url)
    client.subscribe("order.created", "slow", "slow")
    request = pb.TriggerEventRequest(event="order.created")
    stream = client.triggers.TriggerEvent(request, timeout=1)

    trigger_id = next(stream).accepted.trigger.trigger_id
    with refused("DEADLINE_EXCEEDED"):
        list(stream)
    held.release()

    assert client.finished(trigger_id).state == pb.Trigger.STATE_SUCCEEDED


def test_a_request_id_that_comes_again_is_the_same_trigger(client, functions):
    client.http_function("mail", functions.function("/mail", Reply(body=b"sent")))
    client.subscribe("order.created", "mail", "mail")

    first = client.run("order.created", b"x", request_id="r-1")
    again = client.run("order.created", b"x", request_id="r-1")

    assert not first.accepted.duplicate and again.accepted.duplicate
    assert again.trigger_id == first.trigger_id
    assert again.outcome("mail").output.data == b"sent"
    assert again.summary == first.summary
    assert len(functions.received("/mail")) == 1


def test_a_duplicate_of_a_running_trigger_follows_it_to_its_end(client, functions):
    held = functions.hold("/held")
    client.http_function("held", held.url)
    client.subscribe("order.created", "held", "held")
    first = LiveProgress(client.trigger("order.created", b"x", request_id="r-1"))
    functions.wait_for("/held")

    second = LiveProgress(client.trigger("order.created", b"x", request_id="r-1"))
    assert second.first("accepted").duplicate
    held.release()

    assert first.end().updates[-1].summary.succeeded == 1
    assert second.end().updates[-1].summary.succeeded == 1
    assert len(functions.received("/held")) == 1


def test_a_request_id_that_came_with_another_payload_is_refused(client):
    client.run("order.created", b"x", request_id="r-1")

    with refused("ALREADY_EXISTS", "EVENT_ID_CONFLICT"):
        client.run("order.created", b"y", request_id="r-1")
