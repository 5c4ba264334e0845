"""What an operator may ask of connections: their idle time, age, keepalive, PINGs, memory."""

import struct
import subprocess
import time

import grpc
import pytest

from harness import frames
from harness.contract import pb
from harness.frames import (
    ACK, DATA, END_HEADERS, END_STREAM, GOAWAY, HEADERS, PING, PREFACE, SETTINGS, block, frame)
from harness.gateway import binary

HEALTH = "/grpc.health.v1.Health/"
NO_ERROR, ENHANCE_YOUR_CALM = 0, 11


@pytest.fixture
def talk(start_gateway):
    """A connection of frames to a gateway with these options."""
    connections = []

    def talk(*options, hello=PREFACE + frame(SETTINGS, 0, 0)):
        gateway = start_gateway(options=options)
        connections.append(frames.Connection(gateway.port, hello))
        return connections[-1]

    yield talk
    for connection in connections:
        connection.close()


def call(method, stream=1):
    head = block(frames.request_fields(HEALTH + method))
    return frame(HEADERS, END_HEADERS, stream, head) + frame(DATA, END_STREAM, stream, bytes(5))


def seconds_until(connection, kind):
    start = time.monotonic()
    while (received := connection.next()) and received[0] != kind:
        pass
    return received, time.monotonic() - start


def code(goaway):
    return struct.unpack(">I", goaway[3][4:8])[0]


def test_a_connection_without_a_call_is_ended_after_its_idle_time(talk):
    connection = talk("--connection-idle-max", "1s")
    goaway, seconds = seconds_until(connection, GOAWAY)
    assert code(goaway) == NO_ERROR
    assert seconds >= 0.9
    assert seconds_until(connection, None)[0] is None


def test_a_connection_with_a_call_is_not_idle(talk):
    connection = talk("--connection-idle-max", "1s")
    connection.send(call("Watch"))
    time.sleep(3)
    connection.send(frame(PING, 0, 0, b"are you?"))
    assert seconds_until(connection, PING)[0] is not None


def test_an_old_connection_is_ended_and_its_calls_are_cut_after_the_grace(talk):
    connection = talk("--connection-age-max", "1s", "--connection-age-grace", "1s")
    connection.send(call("Watch"))
    goaway, _ = seconds_until(connection, GOAWAY)
    assert code(goaway) == NO_ERROR
    assert seconds_until(connection, None)[0] is None


def test_a_client_that_answers_no_ping_is_cut(talk):
    connection = talk("--keepalive", "1s", "--keepalive-timeout", "1s")
    connection.send(call("Watch"))
    ping, _ = seconds_until(connection, PING)
    assert not ping[1] & ACK
    assert seconds_until(connection, None)[0] is None


def test_a_client_that_answers_its_pings_stays(talk):
    connection = talk("--keepalive", "1s", "--keepalive-timeout", "1s")
    connection.send(call("Watch"))
    for _ in range(4):
        ping, _ = seconds_until(connection, PING)
        connection.send(frame(PING, ACK, 0, ping[3]))


@pytest.mark.parametrize("options, strikes", [
    (["--ping-interval-min", "5m", "--ping-strikes-max", "2"], 2),
    (["--no-idle-pings", "--ping-strikes-max", "0"], 0),
])
def test_a_client_that_pings_too_often_is_told(talk, options, strikes):
    connection = talk(*options)
    for _ in range(1 + strikes):
        connection.send(frame(PING, 0, 0, bytes(8)))
        assert seconds_until(connection, PING)[0] is not None
    connection.send(frame(PING, 0, 0, bytes(8)))
    goaway, _ = seconds_until(connection, GOAWAY)
    assert code(goaway) == ENHANCE_YOUR_CALM
    assert goaway[3][8:] == b"too_many_pings"


def test_what_all_calls_hold_is_bounded(start_gateway, connect):
    gateway = start_gateway(options=["--buffered-max", "1"])
    client = connect(gateway)
    client.define("e")
    part = frame(DATA, 0, 1, b"\0" + struct.pack(">I", 4 << 20) + bytes(16_000))
    hoarder = frames.Connection(gateway.port)
    for stream in range(1, 201, 2):
        head = frame(HEADERS, END_HEADERS, stream, block(frames.request_fields(HEALTH + "Check")))
        hoarder.send(head, part.replace(b"\0\0\0\1", struct.pack(">I", stream), 1))
    refused, _ = seconds_until(hoarder, HEADERS)
    assert hoarder.fields(refused[3])["grpc-status"] == "8"

    assert client.emit("e", b"small").trigger_id
    with pytest.raises(grpc.RpcError) as caught:
        client.emit("e", bytes(1 << 20))
    assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    hoarder.close()
    assert client.get_event("e").event == "e"


@pytest.mark.parametrize("compression", ["gzip", "deflate"])
def test_responses_are_compressed_for_who_accepts_it(start_gateway, connect, talk, compression):
    gateway = start_gateway(options=["--response-compression", compression])
    client = connect(gateway)
    client.define("e", data=b"the same words again, " * 2_000)
    assert client.get_event("e").data == b"the same words again, " * 2_000

    fields = frames.request_fields("/dispatch.events.v1.EventService/GetEvent")
    request = pb.GetEventRequest(event="e").SerializeToString()
    sizes = {}
    for accepted in ([], [("grpc-accept-encoding", f"identity, {compression}")]):
        connection = frames.Connection(gateway.port)
        connection.send(
            frame(HEADERS, END_HEADERS, 1, block([*fields, *accepted])),
            frame(DATA, END_STREAM, 1, b"\0" + struct.pack(">I", len(request)) + request))
        head, _ = seconds_until(connection, HEADERS)
        encoding = connection.fields(head[3]).get("grpc-encoding")
        data, _ = seconds_until(connection, DATA)
        sizes[encoding] = (data[3][0], struct.unpack(">I", data[3][1:5])[0])
        connection.close()
    assert sizes[None][0] == 0
    assert sizes[compression][0] == 1
    assert sizes[compression][1] < sizes[None][1] / 10


@pytest.mark.parametrize("option, value, words", [
    ("--connection-idle-max", "500ms", "--connection-idle-max must be from 1s to 365d"),
    ("--connection-age-grace", "0", "--connection-age-grace must be from 1s to 365d"),
    ("--keepalive-timeout", "366d", "--keepalive-timeout must be from 1s to 365d"),
    ("--ping-interval-min", "2d", "--ping-interval-min must be at most 1d"),
    ("--ping-strikes-max", "-1", "--ping-strikes-max must be 0 or more"),
    ("--buffered-max", "0", "--buffered-max must be from 1 to 1048576 MiB"),
    ("--connections-max", "0", "--connections-max must be above 0"),
    ("--response-compression", "brotli", "The value 'brotli' is invalid"),
])
def test_a_value_that_makes_no_sense_is_refused(option, value, words):
    result = subprocess.run(
        [binary(), "serve", f"{option}={value}"], capture_output=True, text=True, timeout=60)
    assert result.returncode == 64
    assert words in result.stderr
