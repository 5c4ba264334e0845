"""Functions that are HTTP endpoints."""

import socket
import threading

import pytest

from harness.contract import pb
from harness.function_server import Reply

ERROR = pb.InvocationError


@pytest.fixture
def run(client, functions):
    """Runs an HTTP function that replies so, and returns its outcome."""
    client.define("order.created")

    def run(reply, *, url=None, data=b"{}", headers=None, max_attempts=1, trigger=None, **delivery):
        url = url or functions.function("/f", reply)
        client.http_function("f", url, headers=headers)
        client.subscribe(
            "order.created", "f", "s", max_attempts=max_attempts, initial_backoff=0.01, **delivery)
        return client.run("order.created", data, **(trigger or {})).outcome("s")

    return run


def test_a_function_gets_a_cloudevent_in_binary_mode(run, client, functions):
    outcome = run(
        Reply(), headers={"authorization": "Bearer x"}, trigger={"data_type": "text/html"})

    request = functions.received("/f")[0]
    assert request.method == "POST"
    assert request.attribute("specversion") == "1.0"
    assert request.attribute("id") == outcome.trigger_id
    assert request.attribute("source") \
        == f"/organizations/{client.organization}/events/order.created"
    assert request.attribute("type") == "order.created"
    assert request.attribute("time").endswith("Z")
    assert request.attribute("dispatchsubscription") == "s"
    assert request.attribute("dispatchattempt") == "1"
    assert request.headers["content-type"] == "text/html"
    # The HTTP binding has the type as content-type only.
    assert "ce-datacontenttype" not in request.headers
    assert request.headers["authorization"] == "Bearer x"
    assert int(request.headers["content-length"]) == 2


def test_every_byte_of_the_payload_arrives_unchanged(run, functions):
    payload = bytes(range(256)) * 1000

    run(Reply(), data=payload)

    assert functions.received("/f")[0].body == payload


def test_attributes_that_are_no_ascii_are_percent_encoded(run, functions):
    run(Reply(), trigger={"source": "/shop/köln 100%"})

    request = functions.received("/f")[0]
    assert request.headers["ce-source"].isascii()
    assert request.attribute("source") == "/shop/köln 100%"


def test_metadata_reaches_the_function_with_every_key(run, functions):
    run(Reply(), trigger={"metadata": {"Trace Id": "äöü", "plain": "value"}})

    headers = functions.received("/f")[0]
    carried = "\n".join(headers.attribute(name[3:]) for name in headers.headers
                        if name.startswith("ce-"))
    for word in ("Trace Id", "äöü", "plain", "value"):
        assert word in carried


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_a_2xx_response_is_success_and_its_body_the_output(run, status):
    body = b"" if status == 204 else b"<sent/>"

    outcome = run(Reply(status, body, {"content-type": "application/xml"}))

    assert outcome.state == pb.Invocation.STATE_SUCCEEDED
    assert outcome.output.data == body
    if body:
        assert outcome.output.data_type == "application/xml"


@pytest.mark.parametrize("status", [400, 401, 404, 422])
def test_a_4xx_response_fails_for_good(run, functions, status):
    outcome = run(Reply(status, b"why not"), max_attempts=3)

    assert outcome.state == pb.Invocation.STATE_FAILED
    assert (outcome.error.error_class, outcome.error.code) \
        == (ERROR.ERROR_CLASS_INPUT, f"HTTP_{status}")
    assert outcome.error.final
    assert len(functions.received("/f")) == 1
    assert outcome.output.data == b"why not"


@pytest.mark.parametrize("status", [408, 409, 425, 429, 500, 502, 503, 504])
def test_a_response_that_may_pass_is_tried_again(run, functions, status):
    def reply(request):
        return Reply(status if request.attribute("dispatchattempt") == "1" else 200)

    outcome = run(reply, max_attempts=3)

    assert outcome.state == pb.Invocation.STATE_SUCCEEDED
    assert [a.error.code for a in outcome.attempts] == [f"HTTP_{status}", ""]
    assert outcome.attempts[0].error.error_class == ERROR.ERROR_CLASS_FUNCTION
    assert [r.attribute("dispatchattempt") for r in functions.received("/f")] == ["1", "2"]
    assert len({r.attribute("id") for r in functions.received("/f")}) == 1


def test_a_redirect_is_not_followed(run, functions):
    elsewhere = functions.function("/elsewhere")

    outcome = run(Reply(302, headers={"location": elsewhere}), max_attempts=3)

    assert outcome.state == pb.Invocation.STATE_FAILED
    assert outcome.error.code == "HTTP_302"
    assert outcome.error.final
    assert functions.received("/elsewhere") == []


def test_a_function_is_left_alone_as_long_as_it_asks(run):
    def reply(request):
        if request.attribute("dispatchattempt") == "1":
            return Reply(503, headers={"retry-after": "1"})
        return Reply()

    outcome = run(reply, max_attempts=2)

    assert outcome.state == pb.Invocation.STATE_SUCCEEDED
    first, second = outcome.attempts
    assert first.error.retry_after.seconds == 1
    assert second.start_time.ToNanoseconds() - first.end_time.ToNanoseconds() >= 1_000_000_000


def test_a_refused_connection_is_an_error_of_the_system(run):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        outcome = run(None, url=f"http://127.0.0.1:{port}/f", max_attempts=2)

    assert outcome.state == pb.Invocation.STATE_FAILED
    assert outcome.error.error_class == ERROR.ERROR_CLASS_SYSTEM
    assert not outcome.error.final
    assert len(outcome.attempts) == 2
    assert outcome.error.code
    assert f"127.0.0.1:{port}" in outcome.error.message


def test_a_connection_that_is_closed_without_an_answer_is_tried_again(run):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        def close_everything():
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                connection.close()

        threading.Thread(target=close_everything, daemon=True).start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/f"
        outcome = run(None, url=url, max_attempts=2)

    assert outcome.state == pb.Invocation.STATE_FAILED
    assert outcome.error.error_class == ERROR.ERROR_CLASS_SYSTEM
    assert len(outcome.attempts) == 2


@pytest.mark.parametrize("status", ["000", "001", "099", "100", "199", "abc"])
def test_a_response_without_a_valid_status_is_an_error_and_ends_nothing(run, status):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        def answer():
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(f"HTTP/1.1 {status} X\r\ncontent-length: 2\r\n\r\nhi".encode())

        threading.Thread(target=answer, daemon=True).start()
        outcome = run(None, url=f"http://127.0.0.1:{listener.getsockname()[1]}/")
    assert outcome.state == pb.Invocation.STATE_FAILED
    assert outcome.error.error_class == ERROR.ERROR_CLASS_SYSTEM
    assert outcome.error.code == "REQUEST_FAILED"


def test_error_messages_do_not_give_away_secrets(run):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        url = f"http://127.0.0.1:{port}/f?token=hunter2"
        outcome = run(None, url=url, headers={"authorization": "hunter3"})

    assert "hunter" not in outcome.error.message


def test_a_function_that_does_not_answer_in_time_is_cut_off(run, functions):
    held = functions.hold("/held")

    outcome = run(None, url=held.url, attempt_timeout=0.5)

    assert outcome.state == pb.Invocation.STATE_FAILED
    assert (outcome.error.error_class, outcome.error.code) \
        == (ERROR.ERROR_CLASS_TIMEOUT, "ATTEMPT_TIMEOUT")
    held.release()


def test_output_beyond_what_is_kept_is_cut_off_and_marked(run):
    outcome = run(Reply(body=b"x" * 300_000))

    assert outcome.state == pb.Invocation.STATE_SUCCEEDED
    assert len(outcome.output.data) == 256 << 10
    assert outcome.output.truncated
