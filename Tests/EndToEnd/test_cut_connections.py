"""Connections that are cut in the middle of a message, and functions that never answer."""

import socket
import threading

import pytest

from harness.contract import pb
from harness.progress import LiveProgress
from harness.waiting import eventually
from harness.wire import Wire, message

EMIT_EVENT = "/dispatch.events.v1.TriggerService/EmitEvent"
EMIT_EVENTS = "/dispatch.events.v1.TriggerService/EmitEvents"

HALF_ANSWERS = {
    "nothing": b"",
    "half a status line": b"HTTP/1.1 20",
    "no end of the headers": b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n",
    "half a body": b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf",
    "half a chunk": b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nff\r\nhalf",
    "no last chunk": b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n",
}


class CuttingServer:
    """Answers each connection's first request with what it is told and hangs up, some by reset."""

    def __init__(self, answers):
        self.answers = answers
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.connections = 0
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}/"

    def _serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection:
                connection.recv(65536)
                answer = self.answers[min(self.connections, len(self.answers) - 1)]
                self.connections += 1
                connection.sendall(answer)
                if self.connections % 2 == 0:
                    # Zero seconds to linger: the peer gets a reset.
                    connection.setsockopt(
                        socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")

    def close(self):
        self.listener.close()


@pytest.fixture
def cutting():
    servers = []

    def start(*answers):
        servers.append(CuttingServer(answers))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.mark.parametrize("half", HALF_ANSWERS)
def test_half_an_answer_is_no_success_and_tried_again(client, cutting, half):
    whole = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nwhole"
    server = cutting(HALF_ANSWERS[half], HALF_ANSWERS[half], whole)
    client.define("order.created")
    client.http_function("f", server.url)
    client.subscribe("order.created", "f", "s", max_attempts=5, initial_backoff=0.01)

    outcome = client.run("order.created", b"x").outcome()

    assert outcome.state == pb.Invocation.STATE_SUCCEEDED
    assert outcome.output.data == b"whole"
    errors = [attempt.error for attempt in outcome.attempts]
    assert len(errors) >= 3
    assert all(e.error_class == pb.InvocationError.ERROR_CLASS_SYSTEM and not e.final
               for e in errors[:-1])


def test_an_endpoint_that_hangs_in_mid_answer_runs_into_the_attempts_time(client):
    release = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        def serve():
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf")
                release.wait(30)

        threading.Thread(target=serve, daemon=True).start()
        client.define("order.created")
        client.http_function("f", f"http://127.0.0.1:{listener.getsockname()[1]}/")
        client.subscribe("order.created", "f", "s", max_attempts=1, attempt_timeout=0.5)

        outcome = client.run("order.created").outcome()
        release.set()

    assert (outcome.error.error_class, outcome.error.code) \
        == (pb.InvocationError.ERROR_CLASS_TIMEOUT, "ATTEMPT_TIMEOUT")


def test_functions_that_hang_hold_up_no_other(client, functions):
    held = functions.hold("/held")
    client.define("order.created")
    client.http_function("held", held.url)
    client.http_function("quick", functions.function("/quick"))
    client.subscribe("order.created", "held", "held", max_attempts=2, attempt_timeout=1,
                     initial_backoff=0.01)
    client.subscribe("order.created", "quick", "quick")
    ids = [client.emit("order.created", b"x").trigger_id for _ in range(100)]

    for trigger_id in ids:
        eventually(lambda: client.states(trigger_id)["quick"] == "SUCCEEDED", within=5)
    for trigger_id in ids:
        client.finished(trigger_id)
        assert client.states(trigger_id) == {"held": "FAILED", "quick": "SUCCEEDED"}
    held.release()


def test_a_request_that_is_cut_in_its_middle_triggers_nothing(client, gateway, organization):
    client.define("order.created")
    whole = message(pb.EmitEventRequest(event="order.created", data=b"x" * 100).SerializeToString())
    for length in (0, 1, 4, 5, 6, len(whole) // 2, len(whole) - 1):
        Wire(gateway.port, organization).cut(EMIT_EVENT, whole[:length])
    after = client.emit("order.created", b"after").trigger_id

    assert [t.trigger_id for t in client.list_triggers()] == [after]


def test_of_a_stream_that_is_cut_in_mid_message_only_whole_messages_count(
    client, gateway, organization
):
    client.define("order.created")
    requests = [message(pb.EmitEventsRequest(sequence=number, emit=pb.EmitEventRequest(
        event="order.created", data=b"%d" % number, ordering_key="k")).SerializeToString())
        for number in range(5)]
    Wire(gateway.port, organization).cut(EMIT_EVENTS, b"".join(requests)[:-3])
    client.emit("order.created", b"after", ordering_key="k")

    # What was whole may have been accepted: without an answer nobody knows.
    data = [t.data for t in reversed(client.list_triggers())]
    assert b"4" not in data
    assert b"after" in data
    assert [d for d in data if d != b"after"] == [b"%d" % n for n in range(len(data) - 1)]


def test_a_bad_end_of_one_connection_disturbs_no_other(client, gateway, organization, functions):
    held = functions.hold("/held")
    client.http_function("held", held.url)
    client.define("order.created", function_id="held")
    live = LiveProgress(client.trigger("order.created"))
    functions.wait_for("/held")

    for _ in range(20):
        Wire(gateway.port, organization).cut(EMIT_EVENT, b"\0\0\0\1\0half")
    held.release()

    assert live.end().updates[-1].summary.succeeded == 1
