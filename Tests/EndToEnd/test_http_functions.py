"""Functions that are HTTP endpoints."""

import base64
import json
import socket
import threading

import pytest

from harness.certificates import Authority
from harness.client import duration
from harness.contract import pb
from harness.function_server import Reply
from harness.http2_server import HTTP2Server
from harness.refusal import refused

ERROR = pb.InvocationError


@pytest.fixture
def run(client, functions):
    """Runs an HTTP function that replies so, and returns its outcome."""
    client.define("order.created")

    def run(
        reply, *, url=None, data=b"{}", headers=None, max_attempts=1, trigger=None, target=None,
        **delivery
    ):
        url = url or functions.function("/f", reply)
        client.http_function("f", url, headers=headers, **(target or {}))
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


# Structured mode


def structured(run, functions, data, data_type, **trigger):
    """The document that a function gets in structured mode."""
    run(Reply(), data=data, trigger={"data_type": data_type, **trigger},
        target={"content_mode": pb.HttpTarget.CONTENT_MODE_STRUCTURED})
    request = functions.received("/f")[0]
    assert request.headers["content-type"] == "application/cloudevents+json"
    assert not [name for name in request.headers if name.startswith("ce-")]
    return json.loads(request.body)


def test_structured_mode_has_all_of_the_event_in_one_document(run, client, functions):
    event = structured(
        run, functions, b'{"total": 3.50, "who": "k\xc3\xb6"}', "", source="/shop",
        ordering_key="c-9", metadata={"tenant": "eu", "Trace Id": "x"})

    trigger = client.list_triggers()[0]
    assert event == {
        "specversion": "1.0", "id": trigger.trigger_id, "source": "/shop", "type": "order.created",
        "time": event["time"], "datacontenttype": "application/json", "partitionkey": "c-9",
        "tenant": "eu", "dispatchsubscription": "s", "dispatchattempt": "1",
        "metadata": event["metadata"], "data": {"total": 3.5, "who": "kö"}}
    assert json.loads(event["metadata"]) == {"tenant": "eu", "Trace Id": "x"}


def test_structured_mode_has_text_as_text(run, functions):
    event = structured(run, functions, "<ö/>\n".encode(), "text/xml")

    assert event["data"] == "<ö/>\n"
    assert "data_base64" not in event


@pytest.mark.parametrize("data, data_type", [
    (bytes(range(256)), "application/octet-stream"), (b"{no json", "application/json"),
    (b"\xff", "text/plain")])
def test_structured_mode_has_all_else_as_base64(run, functions, data, data_type):
    event = structured(run, functions, data, data_type)

    assert base64.b64decode(event["data_base64"]) == data
    assert "data" not in event


# Times


@pytest.fixture
def silent():
    """The port of a listener that accepts and then says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def test_a_connection_that_takes_too_long_has_an_error_of_its_own(run):
    # One connection fills the queue of a listener that accepts none; the kernel drops the others.
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        address = listener.getsockname()
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(address)
        outcome = run(
            None, url=f"http://127.0.0.1:{address[1]}/", max_attempts=2,
            target={"connect_timeout": duration(0.2)})
        for filler in fillers:
            filler.close()

    assert [(a.error.error_class, a.error.code) for a in outcome.attempts] \
        == [(ERROR.ERROR_CLASS_TIMEOUT, "CONNECT_TIMEOUT")] * 2
    assert f"http://127.0.0.1:{address[1]}" in outcome.error.message


def test_the_time_for_a_connection_includes_tls(run, silent):
    outcome = run(
        None, url=f"https://127.0.0.1:{silent}/", target={"connect_timeout": duration(0.2)})

    assert (outcome.error.error_class, outcome.error.code) \
        == (ERROR.ERROR_CLASS_TIMEOUT, "CONNECT_TIMEOUT")


def test_an_answer_that_does_not_begin_in_time_has_an_error_of_its_own(run, silent):
    outcome = run(
        None, url=f"http://127.0.0.1:{silent}/", max_attempts=2,
        target={"response_timeout": duration(0.2)})

    assert [(a.error.error_class, a.error.code) for a in outcome.attempts] \
        == [(ERROR.ERROR_CLASS_TIMEOUT, "RESPONSE_TIMEOUT")] * 2


def test_a_body_that_never_ends_is_cut_off_at_the_end_of_the_attempt(run):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        def drip():
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
                try:
                    while True:
                        connection.sendall(b".")
                        threading.Event().wait(0.05)
                except OSError:
                    pass

        threading.Thread(target=drip, daemon=True).start()
        outcome = run(
            None, url=f"http://127.0.0.1:{listener.getsockname()[1]}/", attempt_timeout=0.5,
            target={"response_timeout": duration(0.3)})

    assert outcome.error.code == "ATTEMPT_TIMEOUT"


# Connections


def test_requests_share_a_connection(client, functions):
    client.define("order.created")
    client.http_function("f", functions.function("/f"), flow=pb.FlowControl(max_concurrency=1))
    client.subscribe("order.created", "f", "s")

    for _ in range(5):
        assert client.run("order.created").outcome("s").state == pb.Invocation.STATE_SUCCEEDED

    assert functions.connections_accepted == 1


def tls_function(client, server, authority=None):
    client.define("order.created")
    authorities = authority.file.read_text() if authority else ""
    client.http_function("f", server.url, ca_certificates=authorities)
    client.subscribe("order.created", "f", "s", max_attempts=1)


@pytest.fixture
def https(tmp_path):
    """Starts HTTPS servers; gives the server and who signed its certificate."""
    servers = []

    def start(*protocols):
        authority = Authority(tmp_path, "functions")
        servers.append(HTTP2Server(authority.issue("server"), protocols))
        return servers[-1], authority

    yield start
    for server in servers:
        server.close()


def test_http2_is_used_where_the_endpoint_has_it(client, https):
    server, authority = https("h2", "http/1.1")
    tls_function(client, server, authority)
    payload = json.dumps({"text": "x" * 200_000}).encode()

    triggers = [client.emit("order.created", payload).trigger_id for _ in range(20)]

    assert {client.finished(t).state for t in triggers} == {pb.Trigger.STATE_SUCCEEDED}
    assert set(server.protocols) == {"h2"}
    assert len(server.streams) == 20
    assert len(server.protocols) < 20, "streams share connections"
    assert {stream.body for stream in server.streams} == {payload}
    assert {stream.headers["ce-id"] for stream in server.streams} == set(triggers)


def test_http1_is_used_where_the_endpoint_has_no_other(client, https):
    server, authority = https("http/1.1")
    tls_function(client, server, authority)

    outcome = client.run("order.created", b"[1]").outcome("s")

    assert outcome.output.data == b"[1]"
    assert server.protocols == ["http/1.1"]


def test_an_endpoint_that_nobody_vouches_for_is_not_called(client, https, tmp_path):
    server, _ = https("h2")
    tls_function(client, server, Authority(tmp_path, "others"))

    error = client.run("order.created", b"[1]").outcome("s").error

    assert (error.error_class, error.code) == (ERROR.ERROR_CLASS_SYSTEM, "CONNECT_FAILED")
    assert "CERTIFICATE_VERIFY_FAILED" in error.message
    assert server.streams == []


def test_the_systems_authorities_are_trusted_if_none_is_named(client, https):
    server, _ = https("h2")
    tls_function(client, server)

    error = client.run("order.created", b"[1]").outcome("s").error

    assert error.code == "CONNECT_FAILED"
    assert server.streams == []


# Definitions


def test_a_target_is_given_back_as_it_was_created(client, tmp_path):
    authority = Authority(tmp_path, "functions").file.read_text()
    target = pb.HttpTarget(
        url="https://mail.test", content_mode=pb.HttpTarget.CONTENT_MODE_STRUCTURED,
        connect_timeout=duration(1.5), response_timeout=duration(20), ca_certificates=authority)
    function = pb.Function(function_id="f", http=target)

    created = client.functions.CreateFunction(pb.CreateFunctionRequest(function=function))

    assert created.http == target
    assert client.get_function("f") == created


def test_what_a_target_does_not_say_has_its_default(client):
    target = client.http_function("f", "http://mail.test").http

    assert target.content_mode == pb.HttpTarget.CONTENT_MODE_BINARY
    assert target.connect_timeout.seconds == 10
    assert not target.HasField("response_timeout")
    assert not target.HasField("signing")


@pytest.mark.parametrize("field, value", [
    ("content_mode", 3), ("content_mode", -1),
    ("connect_timeout", duration(0.099)), ("connect_timeout", duration(60.001)),
    ("response_timeout", duration(0.099)), ("response_timeout", duration(3600.001)),
    ("response_timeout", duration(0)), ("ca_certificates", "no certificate"),
    ("ca_certificates", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
    ("ca_certificates", "x" * ((64 << 10) + 1)),
])
def test_a_value_outside_of_its_bounds_is_refused(client, field, value):
    with refused("INVALID_ARGUMENT", "FIELD_INVALID", field=f"function.http.{field}"):
        client.http_function("f", "https://mail.test", **{field: value})


@pytest.mark.parametrize("field, value", [
    ("connect_timeout", duration(0.1)), ("connect_timeout", duration(60)),
    ("response_timeout", duration(0.1)), ("response_timeout", duration(3600))])
def test_a_value_at_its_bound_is_taken(client, field, value):
    assert getattr(client.http_function("f", "https://mail.test", **{field: value}).http, field) \
        == value


def test_authorities_without_tls_are_refused(client, tmp_path):
    authority = Authority(tmp_path, "functions").file.read_text()

    with refused("INVALID_ARGUMENT", "FIELD_INVALID", field="function.http.ca_certificates"):
        client.http_function("f", "http://mail.test", ca_certificates=authority)
