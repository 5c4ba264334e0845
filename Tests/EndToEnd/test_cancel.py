"""Cancelling: what waits never starts, and what runs really stops."""

import socket
import threading

import pytest

from harness.contract import pb
from harness.function_server import Reply
from harness.progress import LiveProgress
from harness.refusal import refused
from harness.waiting import eventually
from test_process_functions import wait_until_gone

CANCELLED = pb.Invocation.STATE_CANCELLED


@pytest.fixture(autouse=True)
def order_created(client):
    client.define("order.created")


@pytest.fixture
def hanging(client, scripts, tmp_path):
    """A process that never ends by itself; tmp_path/pids has its process ids."""
    client.process_function("hang", scripts / "hang.sh", tmp_path)
    client.subscribe("order.created", "hang", "s", max_attempts=3, initial_backoff=0.01)


def started(tmp_path):
    eventually(lambda: (tmp_path / "pids").exists(), what="the process runs")


def test_a_cancelled_process_is_gone(client, hanging, tmp_path):
    trigger_id = client.emit("order.created").trigger_id
    started(tmp_path)

    trigger = client.cancel(trigger_id, "not needed any more")

    assert trigger.state == pb.Trigger.STATE_CANCELLED
    wait_until_gone(tmp_path)
    invocation = client.invocation_of(trigger_id, "s")
    assert invocation.state == CANCELLED
    assert (invocation.error.error_class, invocation.error.code, invocation.error.message) == (
        pb.InvocationError.ERROR_CLASS_CANCELLED, "CANCELLED_BY_REQUEST", "not needed any more")
    assert [attempt.error.code for attempt in invocation.attempts] == ["CANCELLED_BY_REQUEST"]
    assert invocation.attempts[0].HasField("end_time")


def test_a_cancelled_call_of_an_http_function_is_cut(client):
    closed = threading.Event()
    called = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        def serve():
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                called.set()
                if connection.recv(65536) == b"":
                    closed.set()

        threading.Thread(target=serve, daemon=True).start()
        client.http_function("f", f"http://127.0.0.1:{listener.getsockname()[1]}/")
        client.subscribe("order.created", "f", "s")
        trigger_id = client.emit("order.created").trigger_id
        assert called.wait(15)

        client.cancel(trigger_id)

        assert closed.wait(15), "the connection is still open"


def test_the_stream_tells_the_end(client, hanging, tmp_path):
    live = LiveProgress(client.trigger("order.created"))
    trigger_id = live.first("accepted").trigger.trigger_id
    started(tmp_path)

    client.cancel(trigger_id)

    summary = live.end().updates[-1].summary
    assert (summary.state, summary.cancelled) == (pb.Trigger.STATE_CANCELLED, 1)


def test_what_waits_is_cancelled_and_never_runs(client, functions):
    held = functions.hold("/held")
    client.http_function("held", held.url, flow=pb.FlowControl(max_concurrency=1))
    client.subscribe("order.created", "held", "s")
    first = client.emit("order.created", b"first").trigger_id
    functions.wait_for("/held")
    second = client.emit("order.created", b"second").trigger_id
    third = client.emit("order.created", b"third").trigger_id

    client.cancel(second)
    held.release()

    client.finished(first)
    client.finished(third)
    assert client.states(second) == {"s": "CANCELLED"}
    assert [r.body for r in functions.received("/held")] == [b"first", b"third"]


def test_one_of_a_triggers_invocations_is_cancelled(client, functions, hanging, tmp_path):
    client.http_function("f", functions.function("/f"))
    client.subscribe("order.created", "f", "other")
    trigger_id = client.emit("order.created").trigger_id
    started(tmp_path)
    invocation_id = client.invocation_of(trigger_id, "s").invocation_id

    invocation = client.cancel_invocation(invocation_id, "enough")

    assert (invocation.state, invocation.error.message) == (CANCELLED, "enough")
    eventually(lambda: client.states(trigger_id) == {"s": "CANCELLED", "other": "SUCCEEDED"})
    wait_until_gone(tmp_path)


def test_what_has_finished_stays_as_it_is(client, functions):
    client.http_function("f", functions.function("/f"))
    client.subscribe("order.created", "f", "s")
    outcome = client.run("order.created").outcome("s")

    assert client.cancel(outcome.trigger_id).state == pb.Trigger.STATE_SUCCEEDED
    assert client.cancel_invocation(outcome.invocation_id) == outcome


def test_one_that_waits_for_its_retry_is_cancelled(client, functions):
    client.http_function("f", functions.function("/f", Reply(503)))
    client.subscribe("order.created", "f", "s", initial_backoff=600, max_backoff=600)
    trigger_id = client.emit("order.created").trigger_id
    eventually(lambda: client.states(trigger_id)["s"] == "RETRYING")

    client.cancel(trigger_id)

    invocation = client.invocation_of(trigger_id, "s")
    assert invocation.state == CANCELLED
    assert not invocation.HasField("next_attempt_time")
    assert len(functions.received("/f")) == 1


def test_a_cancelled_sequence_goes_no_further(client, functions):
    client.group("g", "order.created", "SEQUENCE")
    held = functions.hold("/m0")
    for order, member in enumerate(("m0", "m1")):
        client.http_function(member, f"http://127.0.0.1:{functions.port}/{member}")
        client.subscribe("order.created", member, member, group="g", order=order)
    trigger_id = client.emit("order.created").trigger_id
    functions.wait_for("/m0")

    trigger = client.cancel(trigger_id)

    assert trigger.state == pb.Trigger.STATE_CANCELLED
    assert client.states(trigger_id) == {"m0": "CANCELLED", "m1": "CANCELLED"}
    held.release()
    assert functions.received("/m1") == []


def test_a_cancellation_survives_a_kill(start_gateway, connect, functions):
    gateway = start_gateway()
    client = connect(gateway)
    client.define("order.created")
    held = functions.hold("/held")
    client.http_function("held", held.url)
    client.subscribe("order.created", "held", "s")
    trigger_id = client.emit("order.created").trigger_id
    functions.wait_for("/held")
    client.cancel(trigger_id)

    gateway.kill()
    gateway.start()
    client = connect(gateway)

    assert client.states(trigger_id) == {"s": "CANCELLED"}
    marker = client.emit("order.created", b"marker").trigger_id
    held.release()
    client.finished(marker)
    assert len(functions.received("/held")) == 2


def test_a_disconnect_cancels_if_the_caller_says_so(client, hanging, tmp_path):
    stream = client.trigger("order.created", cancel_on_disconnect=True)
    trigger_id = next(stream).accepted.trigger.trigger_id
    started(tmp_path)

    stream.cancel()

    assert client.finished(trigger_id).state == pb.Trigger.STATE_CANCELLED
    assert client.invocation_of(trigger_id, "s").error.code == "CLIENT_DISCONNECTED"
    wait_until_gone(tmp_path)


def test_a_stream_that_is_read_to_its_end_cancels_nothing(client, functions):
    client.http_function("f", functions.function("/f"))
    client.subscribe("order.created", "f", "s")

    progress = client.run("order.created", cancel_on_disconnect=True)

    assert progress.summary.succeeded == 1
    assert client.get_trigger(progress.trigger_id).state == pb.Trigger.STATE_SUCCEEDED


def test_a_kill_of_the_gateway_is_no_disconnect(start_gateway, connect, functions):
    gateway = start_gateway(options=["--drain-seconds", "1"])
    client = connect(gateway)
    client.define("order.created")
    held = functions.hold("/held")
    client.http_function("held", held.url)
    client.subscribe("order.created", "held", "s")
    live = LiveProgress(client.trigger("order.created", cancel_on_disconnect=True))
    trigger_id = live.first("accepted").trigger.trigger_id
    functions.wait_for("/held")

    assert gateway.terminate() == 0
    gateway.start()
    held.release()

    assert connect(gateway).finished(trigger_id).state == pb.Trigger.STATE_SUCCEEDED


def test_a_reason_that_is_too_long_is_refused(client):
    trigger_id = client.emit("order.created").trigger_id
    client.cancel(trigger_id, "x" * 512)
    with refused("INVALID_ARGUMENT", "FIELD_INVALID", field="reason"):
        client.cancel(trigger_id, "x" * 513)


def test_what_is_not_there_is_not_found(client):
    with refused("NOT_FOUND", "TRIGGER_NOT_FOUND"):
        client.cancel("0190")
    with refused("NOT_FOUND", "INVOCATION_NOT_FOUND"):
        client.cancel_invocation("0190.1")
