"""Frame scripts: what RFC 9113 and RFC 7541 make an error, section by section, sent to the real
program, and what it must answer. The cases are those that h2spec asks about.

An error of the connection is answered with GOAWAY or by closing it, one of a stream with RST_STREAM
or as one of the connection, both as h2spec takes it.
"""

import struct

import pytest

from harness import frames
from harness.frames import (
    ACK, CONTINUATION, DATA, END_HEADERS, END_STREAM, GOAWAY, HEADERS, PADDED, PING, PREFACE,
    PRIORITIZED, PRIORITY, PUSH_PROMISE, RST_STREAM, SETTINGS, WINDOW_UPDATE, block, frame)

HEALTH = "/grpc.health.v1.Health/Check"
PROTOCOL, FLOW_CONTROL, STREAM_CLOSED, FRAME_SIZE, REFUSED, COMPRESSION = 1, 3, 5, 6, 7, 9
EMPTY_MESSAGE = bytes(5)


def fields(**changes):
    return block(frames.request_fields(HEALTH, **changes))


HEAD = fields()
OPEN = frame(HEADERS, END_HEADERS, 1, HEAD)
CALL = OPEN + frame(DATA, END_STREAM, 1, EMPTY_MESSAGE)
HALF_CLOSED = frame(HEADERS, END_HEADERS | END_STREAM, 1, HEAD)
RESET = frame(RST_STREAM, 0, 1, struct.pack(">I", 8))
PRIORITY_OF_3 = struct.pack(">IB", 3, 15)


def headers(payload, flags=END_HEADERS, stream=1):
    return frame(HEADERS, flags, stream, payload)


def setting(identifier, value):
    return struct.pack(">HI", identifier, value)


def update(stream, increment):
    return frame(WINDOW_UPDATE, 0, stream, struct.pack(">I", increment))


def trailers(*names):
    return headers(block(names), END_HEADERS | END_STREAM)


# Each is (section and case, the frames, the codes that are right).

CONNECTION_ERRORS = [
    ("4.2 a DATA frame over SETTINGS_MAX_FRAME_SIZE",
     OPEN + frame(DATA, END_STREAM, 1, bytes(16385)), {FRAME_SIZE}),
    ("4.2 a HEADERS frame over SETTINGS_MAX_FRAME_SIZE",
     headers(HEAD + bytes(16385)), {FRAME_SIZE}),
    ("4.3 a field block that is none", headers(b"\x82\x00\xff\xff\xff\xff\xff\xff"), {COMPRESSION}),
    ("4.3 a PRIORITY frame within a field block",
     headers(HEAD, 0) + frame(PRIORITY, 0, 1, PRIORITY_OF_3), {PROTOCOL}),
    ("4.3 HEADERS of another stream within a field block",
     headers(HEAD, 0) + headers(HEAD, END_HEADERS, 3), {PROTOCOL}),
    ("5.1 DATA on an idle stream", frame(DATA, END_STREAM, 1, b"x"), {PROTOCOL}),
    ("5.1 RST_STREAM on an idle stream", RESET, {PROTOCOL}),
    ("5.1 WINDOW_UPDATE on an idle stream", update(1, 100), {PROTOCOL}),
    ("5.1 CONTINUATION on an idle stream", frame(CONTINUATION, END_HEADERS, 1, HEAD), {PROTOCOL}),
    ("5.1.1 a stream id of the server's", headers(HEAD, stream=2), {PROTOCOL}),
    ("5.5 an unknown frame within a field block",
     headers(HEAD, 0) + frame(0x16, 0, 1, b"x"), {PROTOCOL}),
    ("6.1 DATA on stream 0", frame(DATA, END_STREAM, 0, b"x"), {PROTOCOL}),
    ("6.1 DATA with more padding than payload",
     OPEN + frame(DATA, END_STREAM | PADDED, 1, b"\x06test"), {PROTOCOL}),
    ("6.2 HEADERS on stream 0", headers(HEAD, stream=0), {PROTOCOL}),
    ("6.2 HEADERS with more padding than payload",
     headers(b"\xff" + HEAD[:20], END_HEADERS | PADDED), {PROTOCOL}),
    ("6.4 RST_STREAM on stream 0", frame(RST_STREAM, 0, 0, bytes(4)), {PROTOCOL}),
    ("6.4 RST_STREAM of 3 bytes", OPEN + frame(RST_STREAM, 0, 1, bytes(3)), {FRAME_SIZE}),
    ("6.5 SETTINGS ACK with a payload", frame(SETTINGS, ACK, 0, bytes(6)), {FRAME_SIZE}),
    ("6.5 SETTINGS on a stream", frame(SETTINGS, 0, 1, setting(3, 100)), {PROTOCOL}),
    ("6.5 SETTINGS of 3 bytes", frame(SETTINGS, 0, 0, bytes(3)), {FRAME_SIZE}),
    ("6.5.2 SETTINGS_ENABLE_PUSH of 2", frame(SETTINGS, 0, 0, setting(2, 2)), {PROTOCOL}),
    ("6.5.2 SETTINGS_INITIAL_WINDOW_SIZE over 2^31-1",
     frame(SETTINGS, 0, 0, setting(4, 1 << 31)), {FLOW_CONTROL}),
    ("6.5.2 SETTINGS_MAX_FRAME_SIZE under 2^14",
     frame(SETTINGS, 0, 0, setting(5, 16383)), {PROTOCOL}),
    ("6.5.2 SETTINGS_MAX_FRAME_SIZE over 2^24-1",
     frame(SETTINGS, 0, 0, setting(5, 1 << 24)), {PROTOCOL}),
    ("6.7 PING on a stream", frame(PING, 0, 1, bytes(8)), {PROTOCOL}),
    ("6.7 PING of 6 bytes", frame(PING, 0, 0, bytes(6)), {FRAME_SIZE}),
    ("6.8 GOAWAY on a stream", frame(GOAWAY, 0, 1, bytes(8)), {PROTOCOL}),
    ("6.9 WINDOW_UPDATE of 0", update(0, 0), {PROTOCOL}),
    ("6.9 WINDOW_UPDATE of 3 bytes", frame(WINDOW_UPDATE, 0, 0, bytes(3)), {FRAME_SIZE}),
    ("6.9.1 a connection's window over 2^31-1",
     update(0, 0x7FFFFFFF) + update(0, 0x7FFFFFFF), {FLOW_CONTROL}),
    ("6.10 CONTINUATION, then another frame",
     headers(HEAD, 0) + frame(CONTINUATION, 0, 1) + frame(DATA, END_STREAM, 1, b"x"), {PROTOCOL}),
    ("6.10 CONTINUATION on stream 0",
     headers(HEAD, 0) + frame(CONTINUATION, END_HEADERS, 0), {PROTOCOL}),
    ("6.10 CONTINUATION after END_HEADERS",
     OPEN + frame(CONTINUATION, END_HEADERS, 1, HEAD), {PROTOCOL}),
    ("6.10 CONTINUATION after the last CONTINUATION",
     headers(HEAD, 0) + 2 * frame(CONTINUATION, END_HEADERS, 1), {PROTOCOL}),
    ("6.10 CONTINUATION after DATA",
     OPEN + frame(DATA, 0, 1, b"x") + frame(CONTINUATION, END_HEADERS, 1), {PROTOCOL}),
    ("8.4 PUSH_PROMISE from a client",
     OPEN + frame(PUSH_PROMISE, END_HEADERS, 1, struct.pack(">I", 3) + HEAD), {PROTOCOL}),
    ("RFC 7541 2.3.3 an index that is not there", headers(HEAD + b"\xfe"), {COMPRESSION}),
    ("RFC 7541 2.3.3 a name's index that is not there",
     headers(HEAD + b"\x7f\x00\x04test"), {COMPRESSION}),
    ("RFC 7541 4.2 a table size update at the end", headers(HEAD + b"\x21"), {COMPRESSION}),
    ("RFC 7541 5.2 Huffman padding over 7 bits",
     headers(HEAD + b"\x00\x85\xf2\xb2\x4a\x84\xff\x84\x49\x50\x9f\xff"), {COMPRESSION}),
    ("RFC 7541 5.2 Huffman padding of zeros",
     headers(HEAD + b"\x00\x85\xf2\xb2\x4a\x84\xff\x83\x49\x50\x90"), {COMPRESSION}),
    ("RFC 7541 5.2 the Huffman code of EOS",
     headers(HEAD + b"\x00\x85\xf2\xb2\x4a\x84\xff\x87\x49\x51\xff\xff\xff\xfa\x7f"),
     {COMPRESSION}),
    ("RFC 7541 6.1 index 0", headers(HEAD + b"\x80"), {COMPRESSION}),
    ("RFC 7541 6.3 a table size over the limit", headers(b"\x3f\xe1\xff\x03" + HEAD), {COMPRESSION}),
]

STREAM_ERRORS = [
    ("5.1 DATA when half closed", HALF_CLOSED + frame(DATA, END_STREAM, 1, b"x"), {STREAM_CLOSED}),
    ("5.1 HEADERS when half closed", HALF_CLOSED + HALF_CLOSED, {STREAM_CLOSED}),
    ("5.1 CONTINUATION when half closed",
     HALF_CLOSED + frame(CONTINUATION, END_HEADERS, 1, HEAD), {STREAM_CLOSED, PROTOCOL}),
    ("5.1 CONTINUATION when closed",
     OPEN + RESET + frame(CONTINUATION, END_HEADERS, 1, HEAD), {STREAM_CLOSED, PROTOCOL}),
    ("6.3 PRIORITY of 4 bytes", OPEN + frame(PRIORITY, 0, 1, bytes(4)), {FRAME_SIZE}),
    ("6.9 WINDOW_UPDATE of 0 on a stream", OPEN + update(1, 0), {PROTOCOL}),
    ("6.9.1 a stream's window over 2^31-1",
     OPEN + update(1, 0x7FFFFFFF) + update(1, 0x7FFFFFFF), {FLOW_CONTROL}),
    # Of the connection by the RFC; libnghttp2 resets the streams that have such a window.
    ("6.9.2 a window over 2^31-1 by SETTINGS",
     OPEN + update(1, 0x7FFFFFFF - 65535) + frame(SETTINGS, 0, 0, setting(4, 65536)),
     {FLOW_CONTROL}),
    ("8.1 a second HEADERS that does not end the stream", OPEN + OPEN, {PROTOCOL}),
    ("8.2.1 a name in capitals", headers(HEAD + block([("X-TEST", "ok")])), {PROTOCOL}),
    ("8.2.1 a name with a blank", headers(HEAD + block([("x test", "ok")])), {PROTOCOL}),
    ("8.2.1 a value with a line feed", headers(HEAD + block([("x-test", "a\nb")])), {PROTOCOL}),
    ("8.2.2 connection", headers(HEAD + block([("connection", "keep-alive")])), {PROTOCOL}),
    ("8.2.2 transfer-encoding",
     headers(HEAD + block([("transfer-encoding", "chunked")])), {PROTOCOL}),
    ("8.2.2 TE other than trailers", headers(fields(te="trailers, deflate")), {PROTOCOL}),
    ("8.3 an unknown pseudo-header field", headers(block([(":test", "ok")]) + HEAD), {PROTOCOL}),
    ("8.3 a response's pseudo-header field",
     headers(block([(":status", "200")]) + HEAD), {PROTOCOL}),
    ("8.3 a pseudo-header field in trailers", OPEN + trailers((":method", "POST")), {PROTOCOL}),
    ("8.3 a pseudo-header field after another field",
     headers(block([("x-test", "ok")]) + HEAD), {PROTOCOL}),
    ("8.3.1 an empty :path", headers(fields(_path="")), {PROTOCOL}),
    ("8.3.1 no :method", headers(fields(_method=None)), {PROTOCOL}),
    ("8.3.1 no :scheme", headers(fields(_scheme=None)), {PROTOCOL}),
    ("8.3.1 no :path", headers(fields(_path=None)), {PROTOCOL}),
    ("8.3.1 two :method", headers(block([(":method", "POST")]) + HEAD), {PROTOCOL}),
    ("8.3.1 two :scheme", headers(block([(":scheme", "http")]) + HEAD), {PROTOCOL}),
    ("8.3.1 two :path", headers(block([(":path", HEALTH)]) + HEAD), {PROTOCOL}),
    ("8.1.1 a content-length that one DATA frame is not",
     headers(fields(content_length="1")) + frame(DATA, END_STREAM, 1, EMPTY_MESSAGE), {PROTOCOL}),
    ("8.1.1 a content-length that several DATA frames are not",
     headers(fields(content_length="1")) + frame(DATA, 0, 1, EMPTY_MESSAGE)
     + frame(DATA, END_STREAM, 1, EMPTY_MESSAGE), {PROTOCOL}),
]

# After each of them a call must be answered.
NO_ERRORS = [
    ("4.1 an unknown frame type", frame(0x16, 0x16, 0, bytes(8))),
    ("4.1 undefined flags", frame(SETTINGS, 0xFE, 0)),
    ("4.1 a reserved bit", struct.pack(">I", 8)[1:] + struct.pack(">BBI", PING, 0, 1 << 31)
     + bytes(8)),
    ("5.1 PRIORITY on an idle stream", frame(PRIORITY, 0, 3, PRIORITY_OF_3)),
    # An error by the RFC; libnghttp2 does not read what it was told not to follow (section 5.3.2).
    ("6.3 PRIORITY on stream 0", frame(PRIORITY, 0, 0, PRIORITY_OF_3)),
    ("6.5.2 an unknown setting", frame(SETTINGS, 0, 0, setting(0xFF, 1))),
    ("6.7 PING ACK without a PING", frame(PING, ACK, 0, b"invalid!")),
    ("6.9 WINDOW_UPDATE of the connection", update(0, 1)),
    ("7 GOAWAY with an unknown code", frame(GOAWAY, 0, 0, struct.pack(">II", 0, 0xFF))),
    ("RFC 7541 6.3 a table size update at the start of a block",
     frame(HEADERS, END_HEADERS | END_STREAM, 101, b"\x20" + HEAD)),
]

# Calls in other frames than usual.
CALLS = [
    ("6.1 DATA with padding",
     OPEN + frame(DATA, END_STREAM | PADDED, 1, b"\x03" + EMPTY_MESSAGE + bytes(3))),
    ("6.1 several DATA frames",
     OPEN + frame(DATA, 0, 1, EMPTY_MESSAGE[:2]) + frame(DATA, END_STREAM, 1, EMPTY_MESSAGE[2:])),
    ("6.2 HEADERS with padding",
     headers(b"\x04" + HEAD + bytes(4), END_HEADERS | PADDED)
     + frame(DATA, END_STREAM, 1, EMPTY_MESSAGE)),
    ("6.2 HEADERS with priority",
     headers(PRIORITY_OF_3 + HEAD, END_HEADERS | PRIORITIZED)
     + frame(DATA, END_STREAM, 1, EMPTY_MESSAGE)),
    ("6.10 several CONTINUATION frames",
     headers(HEAD[:9], 0) + frame(CONTINUATION, 0, 1, HEAD[9:20])
     + frame(CONTINUATION, END_HEADERS, 1, HEAD[20:]) + frame(DATA, END_STREAM, 1, EMPTY_MESSAGE)),
    ("8.1 trailers", OPEN + frame(DATA, 0, 1, EMPTY_MESSAGE) + trailers(("x-test", "ok"))),
    ("8.1.1 the right content-length",
     headers(fields(content_length="5")) + frame(DATA, END_STREAM, 1, EMPTY_MESSAGE)),
    ("8.2.3 cookies in several fields",
     headers(HEAD + block([("cookie", "a=b"), ("cookie", "c=d")]))
     + frame(DATA, END_STREAM, 1, EMPTY_MESSAGE)),
]


def named(cases):
    return [pytest.param(*case[1:], id=case[0]) for case in cases]


@pytest.fixture
def connection(gateway):
    connection = frames.Connection(gateway.port)
    yield connection
    connection.close()


def verdict(connection):
    """(GOAWAY or RST_STREAM, its code), or None for a connection that was closed without."""
    while received := connection.next():
        kind, _, _, payload = received
        if kind == RST_STREAM:
            return kind, struct.unpack(">I", payload)[0]
        if kind == GOAWAY and payload[4:8] != bytes(4):
            return kind, struct.unpack(">I", payload[4:8])[0]
    return None


def answer(connection, stream=1):
    """The fields of a call's status and its message, once it has ended."""
    body = b""
    while received := connection.next():
        kind, flags, of, payload = received
        if kind == HEADERS:
            found = connection.fields(payload)
        if of != stream:
            continue
        assert kind in (HEADERS, DATA, WINDOW_UPDATE), received
        body += payload if kind == DATA else b""
        if flags & END_STREAM and kind in (HEADERS, DATA):
            return found, body
    raise AssertionError("the connection was closed before the answer was complete")


@pytest.mark.parametrize("sent, codes", named(CONNECTION_ERRORS))
def test_an_error_of_the_connection(connection, sent, codes):
    connection.send(sent)
    told = verdict(connection)
    assert told is None or told in {(GOAWAY, code) for code in codes}
    while connection.next():
        pass  # 5.4.1: and then it is closed.


@pytest.mark.parametrize("sent, codes", named(STREAM_ERRORS))
def test_an_error_of_a_stream(connection, sent, codes):
    connection.send(sent)
    told = verdict(connection)
    assert told is None or told[1] in codes


@pytest.mark.parametrize("sent", named(NO_ERRORS))
def test_no_error(connection, sent):
    connection.send(sent, CALL.replace(b"\0\0\0\1", b"\0\0\0\xC9"))
    assert answer(connection, 0xC9)[0]["grpc-status"] == "0"


@pytest.mark.parametrize("sent", named(CALLS))
def test_a_call(connection, sent):
    connection.send(sent)
    found, body = answer(connection)
    assert found["grpc-status"] == "0"
    assert len(body) > 5


def test_3_4_the_servers_preface_is_a_settings_frame(connection):
    assert connection.next()[0] == SETTINGS


def test_3_4_a_preface_that_is_none_closes_the_connection(gateway):
    wrong = frames.Connection(gateway.port, b"INVALID CONNECTION PREFACE\r\n\r\n")
    assert verdict(wrong) in (None, (GOAWAY, PROTOCOL))
    wrong.close()


def test_5_1_what_comes_after_rst_stream_does_no_harm(connection):
    """h2spec wants STREAM_CLOSED; section 5.1 allows to ignore what may have been on its way."""
    connection.send(OPEN, RESET, frame(DATA, END_STREAM, 1, EMPTY_MESSAGE))
    connection.send(CALL.replace(b"\0\0\0\1", b"\0\0\0\3"))
    assert answer(connection, 3)[0]["grpc-status"] == "0"


def test_5_1_1_a_stream_id_below_an_earlier_one_is_no_new_call(connection):
    """A connection error by the RFC; libnghttp2 takes it for a frame of a stream it has closed."""
    connection.send(CALL.replace(b"\0\0\0\1", b"\0\0\0\5"), CALL.replace(b"\0\0\0\1", b"\0\0\0\3"))
    connection.send(frame(PING, 0, 0, b"the end!"))
    while (received := connection.next()) and received[0] not in (PING, GOAWAY):
        assert received[2] != 3 or received[0] == RST_STREAM


def test_5_1_2_streams_over_the_limit_are_refused(connection):
    connection.send(*(headers(HEAD, stream=2 * number + 1) for number in range(600)))
    kind, code = verdict(connection)
    assert (kind, code) in {(RST_STREAM, REFUSED), (RST_STREAM, PROTOCOL), (GOAWAY, PROTOCOL)}


def test_6_5_3_settings_are_acknowledged_and_the_last_value_counts(connection):
    connection.send(frame(SETTINGS, 0, 0, setting(4, 100) + setting(4, 1)), CALL)
    acknowledged = False
    while received := connection.next():
        kind, flags, _, payload = received
        acknowledged = acknowledged or (kind, flags) == (SETTINGS, ACK)
        if kind == DATA:
            break
    assert acknowledged
    assert len(payload) == 1


def test_6_7_a_ping_is_answered_with_its_payload(connection):
    connection.send(frame(PING, 0, 0, b"12345678"))
    while (received := connection.next())[0] != PING:
        pass
    assert received == (PING, ACK, 0, b"12345678")


def test_6_9_1_a_window_of_one_byte_lets_one_byte_through(connection):
    connection.send(frame(SETTINGS, 0, 0, setting(4, 1)), CALL)
    while (received := connection.next())[0] != DATA:
        pass
    assert len(received[3]) == 1


def test_6_9_2_a_window_grows_by_settings_and_comes_back_from_below_zero(connection):
    connection.send(frame(SETTINGS, 0, 0, setting(4, 3)), CALL)
    while (received := connection.next())[0] != DATA:
        pass
    assert len(received[3]) == 3
    # 3 of which 3 are used: the new size makes it -1, the update 1.
    connection.send(frame(SETTINGS, 0, 0, setting(4, 2)), update(1, 2))
    while (received := connection.next())[0] != DATA:
        pass
    assert len(received[3]) == 1
    connection.send(frame(SETTINGS, 0, 0, setting(4, 100)))
    assert answer(connection)[0]["grpc-status"] == "0"


@pytest.mark.parametrize("method, status", [("GET", "405"), ("HEAD", "405"), ("OPTIONS", "405")])
def test_8_1_another_method_gets_a_complete_answer(connection, method, status):
    connection.send(headers(fields(_method=method), END_HEADERS | END_STREAM))
    found, _ = first_answer(connection)
    assert found[":status"] == status


def test_8_1_a_grpc_request_without_a_body_gets_a_complete_answer(connection):
    connection.send(HALF_CLOSED)
    assert answer(connection)[0]["grpc-status"] not in (None, "0")


def test_a_half_closed_connection_gets_its_answers(connection):
    connection.send(CALL)
    connection.finish_sending()
    assert answer(connection)[0]["grpc-status"] == "0"


def first_answer(connection):
    """The fields of the answer's head, and the kind of its last frame."""
    found = None
    while received := connection.next():
        kind, flags, stream, payload = received
        if kind == HEADERS and found is None:
            found = connection.fields(payload)
        if stream == 1 and flags & END_STREAM:
            return found, kind
    raise AssertionError("the connection was closed before the answer was complete")
