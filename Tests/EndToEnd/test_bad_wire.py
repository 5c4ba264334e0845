"""Bytes that no gRPC library would send: each gets a clear answer, and the connection goes on."""

import os
import random
import socket
import time

import pytest

from harness.contract import pb
from harness.wire import Wire, message

WATCH = "/dispatch.events.v1.TriggerService/WatchInvocations"
GET_EVENT = "/dispatch.events.v1.EventService/GetEvent"
CREATE_EVENT = "/dispatch.events.v1.EventService/CreateEvent"
EMIT_EVENT = "/dispatch.events.v1.TriggerService/EmitEvent"
TRIGGER_EVENT = "/dispatch.events.v1.TriggerService/TriggerEvent"
NESTING_LEVELS = 10_000


@pytest.fixture
def wire(gateway, client, organization):
    """A connection that must still serve a call when the test is over."""
    client.define("order.created")
    wire = Wire(gateway.port, organization)
    yield wire
    answer = wire.unary(GET_EVENT, pb.GetEventRequest(event="order.created"))
    assert answer.refusal.code == "OK"
    assert pb.Event.FromString(answer.messages[0]).event == "order.created"
    wire.close()


def field(number, payload):
    """A length-delimited field."""
    return varint(number << 3 | 2) + varint(len(payload)) + payload


def varint(value):
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*encoded, value])


def nested(number, levels):
    payload = b""
    for _ in range(levels):
        payload = field(number, payload)
    return payload


def test_well_formed_calls_are_served(wire):
    answer = wire.unary(EMIT_EVENT, pb.EmitEventRequest(event="order.created", data=b"x"))

    assert answer.http_status == "200"
    assert answer.headers["content-type"].startswith("application/grpc")
    assert pb.EmitEventResponse.FromString(answer.messages[0]).trigger_id


def test_every_truncation_of_a_request_is_refused_or_valid_and_none_hurts(wire):
    request = pb.EmitEventRequest(
        event="order.created", data=b"payload", data_type="text/plain", metadata={"k": "v"},
        source="/s", request_id="r").SerializeToString()
    for length in range(len(request)):
        refusal = wire.call(EMIT_EVENT, message(request[:length])).refusal
        assert refusal.code in ("OK", "INVALID_ARGUMENT", "ALREADY_EXISTS"), str(refusal)


def test_a_truncated_message_is_malformed(wire):
    whole = pb.GetEventRequest(event="order.created").SerializeToString()
    refusal = wire.call(GET_EVENT, message(whole[:-3])).refusal
    assert (refusal.code, refusal.reason) == ("INVALID_ARGUMENT", "MALFORMED_MESSAGE")


@pytest.mark.parametrize("payload", [
    b"\xff" * 100, b"\x00\x00\x00", b"\x0b\x0b\x0b", b"\x0f", bytes(range(256)),
    b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\x7f", b"\x08" + b"\x80" * 11,
])
def test_a_garbled_message_is_malformed(wire, payload):
    refusal = wire.call(GET_EVENT, message(payload)).refusal
    assert (refusal.code, refusal.reason) == ("INVALID_ARGUMENT", "MALFORMED_MESSAGE")


def test_random_bytes_hurt_nothing(wire):
    seed = os.urandom(8)
    print("seed", seed.hex())
    source = random.Random(seed)
    for _ in range(300):
        payload = source.randbytes(source.randrange(200))
        path = source.choice([GET_EVENT, CREATE_EVENT, EMIT_EVENT, TRIGGER_EVENT])
        refusal = wire.call(path, message(payload)).refusal
        assert refusal.code in ("OK", "INVALID_ARGUMENT", "NOT_FOUND"), str(refusal)


def test_a_compressed_message_without_an_encoding_is_an_internal_error(wire):
    request = pb.GetEventRequest(event="order.created").SerializeToString()
    assert wire.call(GET_EVENT, message(request, flag=1)).refusal.code == "INTERNAL"


def test_an_undefined_compression_flag_is_an_internal_error(wire):
    request = pb.GetEventRequest(event="order.created").SerializeToString()
    assert wire.call(GET_EVENT, message(request, flag=7)).refusal.code == "INTERNAL"


def test_an_unknown_encoding_is_unimplemented_and_the_known_ones_are_named(wire):
    request = pb.GetEventRequest(event="order.created").SerializeToString()
    answer = wire.call(GET_EVENT, message(request, flag=1), replace={"grpc-encoding": "snappy"})
    assert answer.refusal.code == "UNIMPLEMENTED"
    assert "identity" in {**answer.headers, **answer.trailers}["grpc-accept-encoding"]


def test_a_length_prefix_of_four_gibibytes_is_refused_without_waiting_for_them(wire):
    body = message(b"x" * 10, length=0xFFFFFFFF)
    assert wire.call(GET_EVENT, body, end=False).refusal.code == "RESOURCE_EXHAUSTED"


def test_ten_thousand_levels_in_a_known_field_are_refused(wire):
    refusal = wire.call(CREATE_EVENT, message(nested(1, NESTING_LEVELS))).refusal
    assert refusal.code == "INVALID_ARGUMENT"
    assert refusal.reason in ("NESTING_TOO_DEEP", "INVALID_UTF8", "MALFORMED_MESSAGE")


def test_ten_thousand_levels_in_an_unknown_field_are_ignored(wire):
    request = pb.GetEventRequest(event="order.created").SerializeToString()
    answer = wire.call(GET_EVENT, message(request + nested(15, NESTING_LEVELS)))
    assert answer.refusal.code == "OK"


def test_ten_thousand_nested_groups_are_malformed(wire):
    groups = b"\x7b" * NESTING_LEVELS + b"\x7c" * NESTING_LEVELS
    refusal = wire.call(GET_EVENT, message(groups)).refusal
    assert (refusal.code, refusal.reason) == ("INVALID_ARGUMENT", "MALFORMED_MESSAGE")


def test_a_message_that_would_take_much_memory_is_refused(wire):
    # Each unknown field takes two bytes here and tens of bytes once unpacked.
    refusal = wire.call(GET_EVENT, message(b"\x78\x00" * (2 << 20))).refusal
    assert (refusal.code, refusal.reason) == ("RESOURCE_EXHAUSTED", "MESSAGE_TOO_LARGE")


@pytest.mark.parametrize("text, path, request_of, name", [
    (b"\xc3\x28", CREATE_EVENT, lambda text: field(1, field(1, text)), "event.event"),
    (b"a\x00b", CREATE_EVENT, lambda text: field(1, field(1, text)), "event.event"),
    (b"\xed\xa0\x80", EMIT_EVENT, lambda text: field(1, b"e") + field(5, text), "source"),
    (b"a\x00", EMIT_EVENT, lambda text: field(1, b"e") + field(6, text), "request_id"),
    (b"\xff", EMIT_EVENT, lambda text: field(4, field(1, text)), "metadata.key"),
    (b"\x00", EMIT_EVENT, lambda text: field(4, field(2, text)), "metadata.value"),
])
def test_text_that_is_no_utf8_or_has_a_nul_is_refused_by_its_field(
    wire, text, path, request_of, name
):
    refusal = wire.call(path, message(request_of(text))).refusal
    assert (refusal.code, refusal.reason) == ("INVALID_ARGUMENT", "INVALID_UTF8")
    assert name in refusal.fields


def test_half_a_message_is_an_error(wire):
    request = message(pb.GetEventRequest(event="order.created").SerializeToString())
    assert wire.call(GET_EVENT, request[:-2]).refusal.code in ("INTERNAL", "INVALID_ARGUMENT")


def test_a_unary_call_without_a_message_is_an_error(wire):
    assert wire.call(GET_EVENT).refusal.code in ("INTERNAL", "INVALID_ARGUMENT", "UNIMPLEMENTED")


def test_a_unary_call_with_two_messages_is_an_error(wire):
    request = message(pb.GetEventRequest(event="order.created").SerializeToString())
    refusal = wire.call(GET_EVENT, request + request).refusal
    assert refusal.code in ("INTERNAL", "INVALID_ARGUMENT", "UNIMPLEMENTED")


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "", None])
def test_another_content_type_is_an_unsupported_media_type(wire, content_type):
    request = message(pb.GetEventRequest(event="order.created").SerializeToString())
    answer = wire.call(GET_EVENT, request, replace={"content-type": content_type})
    assert answer.http_status == "415"


@pytest.mark.parametrize("content_type", ["application/grpc", "application/grpc+proto"])
def test_a_grpc_content_type_is_served(wire, content_type):
    request = message(pb.GetEventRequest(event="order.created").SerializeToString())
    answer = wire.call(GET_EVENT, request, replace={"content-type": content_type})
    assert answer.refusal.code == "OK"


@pytest.mark.parametrize("method", ["GET", "PUT", "HEAD"])
def test_another_method_than_post_is_not_allowed(wire, method):
    assert wire.call(GET_EVENT, replace={":method": method}).http_status == "405"


@pytest.mark.parametrize("timeout", ["", "5", "5x", "123456789S", "-5S", "S"])
def test_an_ill_formed_timeout_is_a_clear_error(wire, timeout):
    request = message(pb.GetEventRequest(event="order.created").SerializeToString())
    refusal = wire.call(GET_EVENT, request, replace={"grpc-timeout": timeout}).refusal
    assert refusal.code in ("INVALID_ARGUMENT", "INTERNAL")
    assert "grpc-timeout" in refusal.message


@pytest.mark.parametrize("unit", "HMSmun")
def test_a_timeout_may_have_every_unit(wire, unit):
    request = message(pb.GetEventRequest(event="order.created").SerializeToString())
    assert wire.call(GET_EVENT, request, replace={"grpc-timeout": f"99999999{unit}"}) \
        .refusal.code == "OK"
    assert wire.call(GET_EVENT, request, replace={"grpc-timeout": f"0{unit}"}) \
        .refusal.code == "DEADLINE_EXCEEDED"


@pytest.mark.parametrize("timeout", ["1S", "100m", "100000u", "99999999n"])
def test_a_stream_ends_at_its_deadline_and_not_before(wire, timeout):
    request = message(pb.WatchInvocationsRequest().SerializeToString())
    begin = time.monotonic()
    refusal = wire.call(WATCH, request, replace={"grpc-timeout": timeout}).refusal
    assert refusal.code == "DEADLINE_EXCEEDED"
    assert time.monotonic() - begin > (0.9 if timeout == "1S" else 0.09)


def test_headers_beyond_their_limit_are_refused(wire):
    request = message(pb.GetEventRequest(event="order.created").SerializeToString())
    answer = wire.call(GET_EVENT, request, add=[("x-large", "x" * 12_000)])
    assert answer.reset is not None or answer.http_status == "431" \
        or answer.refusal.code == "RESOURCE_EXHAUSTED"


def closed_with(port, data):
    """What the gateway answers to these bytes before it closes the connection, and the port that
    they came from."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        answer, own_port = b"", connection.getsockname()[1]
        try:
            connection.sendall(data)
            while part := connection.recv(65536):
                answer += part
        except ConnectionResetError:
            pass
        return answer, own_port


@pytest.mark.parametrize("data", [
    b"\x16\x03\x01\x02\x00\x01\x00\x01", b"\x00" * 100, b"hello\r\n\r\n",
])
def test_bytes_that_are_not_http2_are_closed(gateway, client, data):
    closed_with(gateway.port, data)
    client.define("order.created")


def test_bytes_that_are_not_http2_are_logged_once(start_gateway):
    gateway = start_gateway()

    _, own_port = closed_with(gateway.port, b"\x16\x03\x01" + bytes(50_000))

    assert gateway.terminate() == 0
    lines = gateway.log_text().splitlines()
    assert len([line for line in lines if f"127.0.0.1:{own_port}" in line]) == 1, lines


def test_http1_gets_an_answer_that_a_person_can_read(gateway, client):
    answer, _ = closed_with(gateway.port, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")

    status, _, rest = answer.partition(b"\r\n")
    assert status.startswith(b"HTTP/1.1 4")
    assert b"HTTP/2" in rest
    client.define("order.created")
