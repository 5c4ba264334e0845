"""Functions that are gRPC services."""

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest

from harness.certificates import Authority
from harness.client import duration
from harness.contract import pb
from harness.grpc_functions import (
    GrpcFunctions, R, ServiceProcess, chunks, hang, output, retried)
from harness.progress import LiveProgress
from harness.waiting import eventually

ERROR = pb.InvocationError
CODES = grpc.StatusCode


@pytest.fixture
def service():
    service = GrpcFunctions()
    yield service
    service.close()


@pytest.fixture
def subscribed(client, service):
    """Makes `f` a gRPC function that subscribes to `e`; target and delivery by name."""
    client.define("e")

    def make(body=None, address=None, max_attempts=1, target=None, **delivery):
        if body:
            service.function("f", body)
        client.grpc_function("f", address or service.address, **(target or {}))
        client.subscribe(
            "e", "f", "s", max_attempts=max_attempts, initial_backoff=0.05, **delivery)
        return client

    return make


@pytest.fixture
def run(subscribed):
    """Runs a gRPC function and returns its outcome."""
    def run(body=None, data=b"{}", trigger=None, **options):
        return subscribed(body, **options).run("e", data, **(trigger or {})).outcome("s")

    return run


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


# What it gets and gives


def test_output_and_logs_are_streamed_as_they_come(subscribed, service):
    go_on = threading.Event()

    def body(invocation):
        yield R(output=b"first, ")
        yield R(log="half way")
        go_on.wait(20)
        yield R(data_type="text/plain")
        yield R(output=b"last")

    live = LiveProgress(subscribed(body).trigger("e"))
    assert live.first("output").data == b"first, "
    assert live.first("log").line.text == "half way"
    go_on.set()

    assert live.end().first("summary").state == pb.Trigger.STATE_SUCCEEDED
    invocation = subscribed_invocation(live)
    assert invocation.output.data == b"first, last"
    assert invocation.output.data_type == "text/plain"
    assert [line.text for line in invocation.logs] == ["half way"]


def subscribed_invocation(live):
    """Its last update."""
    return [u.invocation for u in live.updates if u.HasField("invocation")][-1]


def test_a_function_gets_the_trigger_and_its_deadline(run, client, service):
    outcome = run(
        output(b""), b'{"a": 1}', attempt_timeout=9,
        trigger={"metadata": {"k": "v"}, "data_type": "text/html", "source": "/shop"})

    assert outcome.state == pb.Invocation.STATE_SUCCEEDED
    call, = service.received("f")
    request = call.request
    assert request.invocation_id == outcome.invocation_id
    assert (request.function_id, request.subscription_id, request.attempt) == ("f", "s", 1)
    assert request.organization == client.organization
    assert request.trigger.trigger_id == outcome.trigger_id
    assert request.trigger.event == "e"
    assert request.trigger.data == b'{"a": 1}'
    assert request.trigger.data_type == "text/html"
    assert request.trigger.metadata == {"k": "v"}
    assert request.trigger.source == "/shop"
    assert 7 < call.seconds_left <= 9
    assert abs(request.deadline.ToNanoseconds() / 1e9 - time.time() - 8) < 2


def test_every_byte_of_a_large_payload_arrives_unchanged(run, service):
    payload = bytes(range(256)) * 4096

    run(output(b""), payload)

    assert service.received("f")[0].data == payload


def test_a_function_that_says_nothing_has_no_output(run):
    outcome = run(lambda invocation: [])

    assert outcome.state == pb.Invocation.STATE_SUCCEEDED
    assert not outcome.HasField("output")


def test_metadata_is_sent_with_every_call(run, service):
    run(output(b""), target={"metadata": {"authorization": "Bearer x", "x-team": "mail"}})

    metadata = service.received("f")[0].metadata
    assert metadata["authorization"] == "Bearer x"
    assert metadata["x-team"] == "mail"


def test_a_large_output_is_cut_and_marked(run):
    outcome = run(lambda invocation: chunks(bytes(3_000_000), 100_000))

    assert outcome.state == pb.Invocation.STATE_SUCCEEDED
    assert len(outcome.output.data) == 256 << 10
    assert outcome.output.truncated


def test_one_message_may_be_large_and_not_too_large(run, client, service):
    assert run(output(bytes(4_000_000))).state == pb.Invocation.STATE_SUCCEEDED

    service.function("f", output(bytes(4_200_000)))
    error = client.run("e").outcome("s").error
    assert (error.error_class, error.code) == (ERROR.ERROR_CLASS_SYSTEM, "GRPC_RESOURCE_EXHAUSTED")


# Failures


@pytest.mark.parametrize("code", [
    CODES.INVALID_ARGUMENT, CODES.OUT_OF_RANGE, CODES.NOT_FOUND, CODES.ALREADY_EXISTS,
    CODES.FAILED_PRECONDITION, CODES.PERMISSION_DENIED, CODES.UNAUTHENTICATED, CODES.UNIMPLEMENTED,
])
def test_a_status_that_no_retry_can_mend_is_final(run, service, code):
    outcome = run(lambda invocation: invocation.fail(code, "not so"), max_attempts=3)

    assert outcome.state == pb.Invocation.STATE_FAILED
    assert (outcome.error.code, outcome.error.message) == (f"GRPC_{code.name}", "not so")
    is_ours = code in (CODES.PERMISSION_DENIED, CODES.UNAUTHENTICATED, CODES.UNIMPLEMENTED)
    assert outcome.error.error_class == (
        ERROR.ERROR_CLASS_SYSTEM if is_ours else ERROR.ERROR_CLASS_INPUT)
    assert outcome.error.final
    assert len(service.received("f")) == 1


@pytest.mark.parametrize("code", [
    CODES.CANCELLED, CODES.UNKNOWN, CODES.DEADLINE_EXCEEDED, CODES.RESOURCE_EXHAUSTED, CODES.ABORTED,
    CODES.INTERNAL, CODES.UNAVAILABLE, CODES.DATA_LOSS,
])
def test_a_status_that_may_pass_is_tried_again(run, service, code):
    outcome = run(retried((code, "not now")), max_attempts=3)

    assert outcome.state == pb.Invocation.STATE_SUCCEEDED
    assert outcome.output.data == b"done"
    first = outcome.attempts[0].error
    assert (first.code, first.message) == (f"GRPC_{code.name}", "not now")
    assert first.error_class == (
        ERROR.ERROR_CLASS_TIMEOUT if code == CODES.DEADLINE_EXCEEDED
        else ERROR.ERROR_CLASS_FUNCTION)
    calls = service.received("f")
    assert [c.request.attempt for c in calls] == [1, 2]
    assert len({c.request.invocation_id for c in calls}) == 1


def test_a_function_is_left_alone_as_long_as_it_asks(run):
    outcome = run(retried((CODES.UNAVAILABLE, "busy", 1)), max_attempts=2)

    assert outcome.state == pb.Invocation.STATE_SUCCEEDED
    first, second = outcome.attempts
    assert first.error.retry_after.seconds == 1
    assert second.start_time.ToNanoseconds() - first.end_time.ToNanoseconds() >= 1_000_000_000


def test_an_exception_in_a_function_is_tried_again(run):
    def body(invocation):
        raise ValueError("a bug")

    outcome = run(body, max_attempts=2)

    assert outcome.state == pb.Invocation.STATE_FAILED
    assert [a.error.code for a in outcome.attempts] == ["GRPC_UNKNOWN", "GRPC_UNKNOWN"]


def test_a_failure_is_in_the_functions_own_words(run, service):
    failure = ERROR(
        error_class=ERROR.ERROR_CLASS_INPUT, code="NO_STOCK", message="all sold", final=True)

    outcome = run(
        lambda invocation: [R(output=b"some"), R(failure=failure)], max_attempts=3)

    assert outcome.state == pb.Invocation.STATE_FAILED
    assert outcome.error == failure
    assert outcome.output.data == b"some"
    assert len(service.received("f")) == 1


def test_a_failure_names_what_is_a_functions_to_name(run):
    failure = ERROR(error_class=ERROR.ERROR_CLASS_TIMEOUT, retry_after=duration(0.2))

    def body(invocation):
        yield R(failure=failure)
        invocation.ended.wait(20)    # what comes after it is of no account

    outcome = run(body, max_attempts=2)

    first, second = outcome.attempts
    assert (first.error.error_class, first.error.code) == (ERROR.ERROR_CLASS_FUNCTION, "FAILED")
    assert second.start_time.ToNanoseconds() - first.end_time.ToNanoseconds() >= 200_000_000


def test_a_service_that_implements_something_else_is_an_error_of_the_system(run, gateway):
    outcome = run(address=gateway.address, max_attempts=3)

    assert (outcome.error.error_class, outcome.error.code, outcome.error.final) \
        == (ERROR.ERROR_CLASS_SYSTEM, "GRPC_UNIMPLEMENTED", True)
    assert "dispatch.functions.v1.Function/Invoke" in outcome.error.message


def test_what_speaks_no_grpc_is_an_error_of_the_system(run, functions):
    outcome = run(address=f"127.0.0.1:{functions.port}", max_attempts=1)

    assert (outcome.error.error_class, outcome.error.code) \
        == (ERROR.ERROR_CLASS_SYSTEM, "GRPC_UNAVAILABLE")
    assert f"127.0.0.1:{functions.port}" in outcome.error.message


def test_a_response_that_is_none_is_an_error_of_the_function(run):
    class Garbage(grpc.GenericRpcHandler):
        def service(self, details):
            return grpc.unary_stream_rpc_method_handler(lambda request, context: iter([b"\xff\xff"]))

    server = grpc.server(ThreadPoolExecutor(2), handlers=[Garbage()])
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    error = run(address=f"127.0.0.1:{port}").error
    server.stop(0)

    assert (error.error_class, error.code) == (ERROR.ERROR_CLASS_FUNCTION, "RESPONSE_INVALID")
    assert not error.final


# Time and cancellation


def test_at_the_deadline_the_call_is_cancelled(run, service):
    outcome = run(hang, attempt_timeout=0.5)

    assert (outcome.error.error_class, outcome.error.code) \
        == (ERROR.ERROR_CLASS_TIMEOUT, "ATTEMPT_TIMEOUT")
    assert outcome.output.data == b"begun"
    call, = service.received("f")
    assert call.seconds_left <= 0.5
    assert call.ended.wait(10)


def test_a_cancelled_invocation_cancels_its_call(subscribed, service):
    client = subscribed(hang)
    live = LiveProgress(client.trigger("e"))
    live.first("output")
    call, = service.wait_for("f")
    assert not call.ended.is_set()

    client.cancel_invocation(call.request.invocation_id)

    assert call.ended.wait(10)
    assert live.end().first("summary").state == pb.Trigger.STATE_CANCELLED


def test_a_shutdown_cancels_the_call_and_the_next_gateway_makes_it_again(
    start_gateway, connect, service
):
    service.function("f", lambda i: hang(i) if len(service.received("f")) == 1 else [R(output=b"b")])
    gateway = start_gateway(options=["--drain-seconds", "0"])
    client = connect(gateway)
    client.define("e")
    client.grpc_function("f", service.address)
    client.subscribe("e", "f", "s")
    trigger = client.emit("e").trigger_id
    first, = service.wait_for("f")
    gateway.terminate()
    assert first.ended.wait(10)

    client = connect(gateway.start())
    client.finished(trigger)
    invocation = client.invocation_of(trigger, "s")
    assert invocation.output.data == b"b"
    assert [c.request.attempt for c in service.received("f")] == [1, 1]


def test_a_killed_gateway_makes_the_call_again(start_gateway, connect, service):
    service.function("f", lambda i: hang(i) if len(service.received("f")) == 1 else [R(output=b"b")])
    gateway = start_gateway()
    client = connect(gateway)
    client.define("e")
    client.grpc_function("f", service.address)
    client.subscribe("e", "f", "s")
    trigger = client.emit("e").trigger_id
    first, = service.wait_for("f")
    gateway.kill()
    assert first.ended.wait(10)

    client = connect(gateway.start())
    client.finished(trigger)
    first, second = service.received("f")
    assert second.request.invocation_id == first.request.invocation_id


# Connections


def test_a_service_that_is_killed_in_the_middle_and_comes_back_is_called_again(subscribed):
    process = ServiceProcess()
    client = subscribed(address=f"127.0.0.1:{process.port}", max_attempts=20, max_backoff=0.3)
    live = LiveProgress(client.trigger("e"))
    assert live.first("output").data == b"begun"
    process.kill()
    lost = eventually(
        lambda: [u.invocation for u in live.updates if u.invocation.error.code], what="a failure")
    assert (lost[0].error.error_class, lost[0].error.code) \
        == (ERROR.ERROR_CLASS_SYSTEM, "GRPC_UNAVAILABLE")
    assert f"the connection to 127.0.0.1:{process.port} was lost" in lost[0].error.message

    process = ServiceProcess(process.port)
    summary = live.end().first("summary")
    process.kill()

    assert summary.state == pb.Trigger.STATE_SUCCEEDED
    assert subscribed_invocation(live).output.data.startswith(b"attempt ")


def test_nobody_there_is_an_error_of_the_system_that_says_where_and_why(run):
    port = free_port()
    outcome = run(address=f"127.0.0.1:{port}", max_attempts=2)

    assert outcome.state == pb.Invocation.STATE_FAILED
    assert len(outcome.attempts) == 2
    error = outcome.error
    assert (error.error_class, error.code, error.final) \
        == (ERROR.ERROR_CLASS_SYSTEM, "GRPC_UNAVAILABLE", False)
    assert f"cannot connect to 127.0.0.1:{port}: Connection refused" in error.message


def test_of_several_addresses_the_first_that_answers_is_called(run, service):
    nobody = f"127.0.0.1:{free_port()}"
    assert run(output(b"here"), address=f"{nobody},{service.address}").output.data == b"here"


def test_a_service_may_listen_on_a_unix_domain_socket(run, tmp_path):
    local = GrpcFunctions(f"unix:{tmp_path}/f.sock")
    local.function("f", output(b"local"))
    assert run(address=f"unix:{tmp_path}/f.sock").output.data == b"local"
    local.close()


def test_calls_of_many_invocations_share_a_connection(subscribed, service):
    peers = set()

    def body(invocation):
        peers.add(invocation.context.peer())
        return [R(output=invocation.data)]

    client = subscribed(body)
    triggers = [client.emit("e", b"%d" % n).trigger_id for n in range(40)]
    for n, trigger in enumerate(triggers):
        client.finished(trigger)
        assert client.invocation_of(trigger, "s").output.data == b"%d" % n
    assert len(peers) == 1


# TLS


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path, "authority")


@pytest.fixture
def secure(authority):
    """A service whose certificate is of that authority."""
    def start(*names):
        files = authority.issue("service", *names)
        service = GrpcFunctions("127.0.0.1:0", grpc.ssl_server_credentials(
            [(files.key.read_bytes(), files.certificate.read_bytes())]))
        service.function("f", output(b"secret"))
        started.append(service)
        return service

    started = []
    yield start
    for service in started:
        service.close()


def test_tls_with_an_authority_of_its_own(run, secure, authority):
    service = secure("127.0.0.1")
    target = {"tls": True, "ca_certificates": authority.file.read_text()}
    assert run(address=service.address, target=target).output.data == b"secret"


def test_a_certificate_may_be_for_another_name(run, secure, authority):
    service = secure("mail.test")
    target = {
        "tls": True, "ca_certificates": authority.file.read_text(), "server_name": "mail.test"}
    assert run(address=service.address, target=target).output.data == b"secret"


@pytest.mark.parametrize("trusted, name, why", [
    ("other", "mail.test", "not signed by an authority trusted here"),
    (None, "mail.test", "not signed by an authority trusted here"),
    ("authority", "post.test", "for another name"),
])
def test_a_certificate_that_proves_nothing_is_refused(
    run, secure, authority, tmp_path, trusted, name, why
):
    service = secure("mail.test")
    other = Authority(tmp_path, "other")
    text = {"other": other, "authority": authority}[trusted].file.read_text() if trusted else ""

    error = run(address=service.address, target={
        "tls": True, "ca_certificates": text, "server_name": name}).error

    assert (error.error_class, error.code) == (ERROR.ERROR_CLASS_SYSTEM, "GRPC_UNAVAILABLE")
    assert why in error.message
    assert service.received("f") == []


def test_tls_with_a_service_that_has_none_is_an_error_of_the_system(run, service):
    error = run(output(b""), target={"tls": True, "server_name": "mail.test"}).error

    assert (error.error_class, error.code) == (ERROR.ERROR_CLASS_SYSTEM, "GRPC_UNAVAILABLE")
    assert service.address in error.message
