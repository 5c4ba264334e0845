"""What a gateway finds again after it was ended, politely or not."""

import os
import socket
import subprocess

import grpc
import pytest

from harness.client import Client
from harness.contract import pb
from harness.function_server import Reply
from harness.gateway import Gateway
from harness.progress import LiveProgress
from harness.refusal import Refusal, refused
from harness.waiting import eventually

ENDINGS = {
    "SIGTERM": (Gateway.terminate, 0),
    "SIGKILL": (Gateway.kill, -9),
}


@pytest.fixture(params=ENDINGS)
def restart(request, start_gateway):
    """A gateway, and a function that ends it one way or the other and starts it again."""
    gateway = start_gateway(options=["--drain-seconds", "1"])
    clients = []

    def connected():
        clients.append(Client(gateway.address))
        return clients[-1]

    def restart():
        end, code = ENDINGS[request.param]
        assert end(gateway) == code
        gateway.start()
        return connected()

    yield connected(), restart
    for client in clients:
        client.close()


def test_definitions_are_still_there(restart, scripts):
    client, again = restart
    client.process_function("echo", scripts / "echo.sh", environment={"KEY": "value"})
    client.http_function("mail", "http://mail.test", flow=pb.FlowControl(max_concurrency=2))
    client.define("order.created", data=b"x", metadata={"a": "b"}, function_id="echo")
    client.subscribe("order.*", "mail", "mail", max_attempts=9)
    before = [
        client.get_function("echo"), client.get_function("mail"), client.get_event("order.created"),
        client.get_subscription("mail"), client.get_subscription("managed.order.created")]

    client = again()

    assert before == [
        client.get_function("echo"), client.get_function("mail"), client.get_event("order.created"),
        client.get_subscription("mail"), client.get_subscription("managed.order.created")]


def test_deleted_definitions_stay_deleted(restart):
    client, again = restart
    client.define("order.created")
    client.events.DeleteEvent(pb.DeleteEventRequest(event="order.created"))

    client = again()

    with refused("NOT_FOUND", "EVENT_NOT_FOUND"):
        client.get_event("order.created")


def test_triggers_and_their_results_are_still_there(restart, scripts):
    client, again = restart
    client.process_function("echo", scripts / "echo.sh")
    client.process_function("fail", scripts / "exit.sh", 3)
    client.define("order.created")
    client.subscribe("order.created", "echo", "echo")
    client.subscribe("order.created", "fail", "fail", max_attempts=1)
    progress = client.run("order.created", b"payload", request_id="r-1", metadata={"a": "b"})
    trigger = client.get_trigger(progress.trigger_id)
    ids = [progress.outcome(name).invocation_id for name in ("echo", "fail")]
    invocations = [client.get_invocation(invocation_id) for invocation_id in ids]
    received_at = progress.accepted.trigger.received_at

    client = again()

    assert client.get_trigger(progress.trigger_id) == trigger
    assert [client.get_invocation(invocation_id) for invocation_id in ids] == invocations
    assert invocations[0].output.data == b"payload"
    assert invocations[1].logs[0].text == "about to fail"
    assert client.get_event("order.created").received_at == received_at


def test_request_ids_are_still_known(restart):
    client, again = restart
    client.define("order.created")
    request = pb.CreateEventRequest(event=pb.Event(event="order.paid"), request_id="c-1")
    created = client.events.CreateEvent(request)
    first = client.emit("order.created", b"x", request_id="r-1")

    client = again()

    assert client.emit("order.created", b"x", request_id="r-1").trigger_id == first.trigger_id
    assert client.events.CreateEvent(request) == created
    with refused("ALREADY_EXISTS", "EVENT_ID_CONFLICT"):
        client.emit("order.created", b"y", request_id="r-1")


def test_what_was_running_runs_again(restart, functions):
    client, again = restart
    held = functions.hold("/held")
    client.http_function("held", held.url)
    client.define("order.created", function_id="held")
    trigger_id = client.emit("order.created", b"payload").trigger_id
    functions.wait_for("/held")

    client = again()
    first, second = functions.wait_for("/held", 2)[:2]
    held.release()

    assert client.finished(trigger_id).state == pb.Trigger.STATE_SUCCEEDED
    assert (first.attribute("id"), first.body) == (second.attribute("id"), second.body)
    assert second.body == b"payload"


def test_what_was_waiting_for_its_turn_runs(restart, functions):
    client, again = restart
    held = functions.hold("/held")
    client.http_function("held", held.url, flow=pb.FlowControl(max_concurrency=1))
    client.define("order.created", function_id="held")
    ids = [client.emit("order.created", b"x").trigger_id for _ in range(20)]
    functions.wait_for("/held")

    client = again()
    held.release()

    for trigger_id in ids:
        assert client.finished(trigger_id).state == pb.Trigger.STATE_SUCCEEDED
    assert {request.attribute("id") for request in functions.received("/held")} == set(ids)


def test_what_was_waiting_for_a_retry_is_retried_and_keeps_its_attempts(restart, functions):
    client, again = restart
    client.http_function("f", functions.function("/f", Reply(503)))
    client.define("order.created")
    client.subscribe("order.created", "f", "s", initial_backoff=2, max_attempts=3)
    trigger_id = client.emit("order.created", b"x").trigger_id
    states = [pb.Invocation.STATE_RETRYING]
    eventually(lambda: client.invocations(trigger_id=trigger_id, states=states))

    functions.function("/f", Reply())
    client = again()

    client.finished(trigger_id)
    invocation = client.invocations(trigger_id=trigger_id)[0]
    assert [attempt.error.code for attempt in invocation.attempts] == ["HTTP_503", ""]
    assert invocation.state == pb.Invocation.STATE_SUCCEEDED


def test_a_stream_that_is_cut_ends_with_unavailable(restart, functions):
    client, again = restart
    held = functions.hold("/held")
    client.http_function("held", held.url)
    client.define("order.created", function_id="held")
    live = LiveProgress(client.trigger("order.created", b"x"))
    functions.wait_for("/held")

    again()
    held.release()

    assert live.end().error.code() == grpc.StatusCode.UNAVAILABLE


def test_a_process_that_outlives_a_killed_gateway_does_not_hold_its_lock(
    start_gateway, connect, scripts, tmp_path
):
    gateway = start_gateway(options=["--drain-seconds", "1"])
    client = connect(gateway)
    client.process_function("hang", scripts / "hang.sh", tmp_path)
    client.define("order.created", function_id="hang")
    client.emit("order.created")
    eventually(lambda: (tmp_path / "pids").exists())
    pids = [int(pid) for pid in (tmp_path / "pids").read_text().split()]

    gateway.kill()
    try:
        gateway.start()
    finally:
        for pid in pids:
            subprocess.run(["kill", "-9", str(pid)], stderr=subprocess.DEVNULL)


def test_a_call_that_is_finished_in_time_is_not_cut_by_sigterm(start_gateway, connect, functions):
    gateway = start_gateway(options=["--drain-seconds", "20"])
    client = connect(gateway)
    held = functions.hold("/held")
    client.http_function("held", held.url)
    client.define("order.created", function_id="held")
    live = LiveProgress(client.trigger("order.created", b"x"))
    functions.wait_for("/held")

    gateway.process.terminate()
    # Its listener is closed as the first step of draining.
    eventually(lambda: not _accepts(gateway.port))
    held.release()

    assert live.end().error is None
    assert live.updates[-1].summary.succeeded == 1
    assert gateway.wait() == 0


def test_a_stream_that_outlasts_the_drain_is_told_that_the_trigger_goes_on(
    start_gateway, connect, functions
):
    gateway = start_gateway(options=["--drain-seconds", "1"])
    client = connect(gateway)
    held = functions.hold("/held")
    client.http_function("held", held.url)
    client.define("order.created", function_id="held")
    live = LiveProgress(client.trigger("order.created", b"x"))
    functions.wait_for("/held")

    gateway.process.terminate()
    refusal = Refusal.of(live.end().error)
    held.release()

    assert (refusal.code, refusal.reason) == ("UNAVAILABLE", "DRAINING")
    assert gateway.wait() == 0


def test_sigint_ends_it_as_well(start_gateway):
    gateway = start_gateway()
    os.kill(gateway.pid, 2)
    assert gateway.wait() == 0


def _accepts(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError:
        return False
    return True
