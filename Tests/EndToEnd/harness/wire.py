"""One HTTP/2 connection on which a test may send what no gRPC library would."""

import base64
import socket
import struct
import time
import urllib.parse
from dataclasses import dataclass, field

import h2.config
import h2.connection
import h2.events

from harness.refusal import Refusal

ANSWER_SECONDS_MAX = 20
CODES = [
    "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND",
    "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED",
    "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
]


@dataclass
class Answer:
    """What came on a stream."""
    headers: dict = field(default_factory=dict)
    trailers: dict = field(default_factory=dict)
    body: bytes = b""
    reset: int | None = None
    ended: bool = False

    @property
    def http_status(self):
        return self.headers.get(":status")

    @property
    def refusal(self):
        """The gRPC status, wherever it was."""
        found = {**self.headers, **self.trailers}
        assert "grpc-status" in found, f"no gRPC status in {self}"
        packed = found.get("grpc-status-details-bin")
        return Refusal(
            CODES[int(found["grpc-status"])], urllib.parse.unquote(found.get("grpc-message", "")),
            _base64_decoded(packed) if packed else None)

    @property
    def messages(self):
        """The length-prefixed messages of the body."""
        found, rest = [], self.body
        while rest:
            compressed, length = struct.unpack(">BI", rest[:5])
            assert not compressed
            found.append(rest[5:5 + length])
            rest = rest[5 + length:]
        return found


def message(payload, *, flag=0, length=None):
    """A length-prefixed message, or what pretends to be one."""
    return struct.pack(">BI", flag, len(payload) if length is None else length) + payload


class Wire:
    """Sends requests one at a time and waits for each answer."""

    def __init__(self, port, organization):
        self.organization = organization
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=ANSWER_SECONDS_MAX)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.http = h2.connection.H2Connection(
            h2.config.H2Configuration(
                client_side=True, header_encoding="utf-8", normalize_outbound_headers=False,
                validate_outbound_headers=False))
        self.answers = {}
        self.http.initiate_connection()
        self._flush()

    def call(self, path, body=b"", *, end=True, replace=None, add=()):
        """One request; `replace` changes headers or, by None, leaves them out."""
        headers = {**self._headers(path), **(replace or {})}
        fields = [(name, value) for name, value in headers.items() if value is not None]
        stream = self._begin([*fields, *add], body, end)
        self._read_until(lambda: self.answers[stream].ended)
        return self.answers.pop(stream)

    def cut(self, path, body, *, end=False):
        """Sends a request, waits for nothing and is gone."""
        self._begin(list(self._headers(path).items()), body, end)
        self.close()

    def _headers(self, path):
        return {
            ":method": "POST", ":scheme": "http", ":path": path, ":authority": "localhost",
            "content-type": "application/grpc", "te": "trailers",
            "x-dispatch-org": self.organization}

    def _begin(self, fields, body, end):
        stream = self.http.get_next_available_stream_id()
        self.answers[stream] = Answer()
        self.http.send_headers(stream, fields, end_stream=end and not body)
        self._flush()
        if body:
            self._send_body(stream, body, end)
        return stream

    def unary(self, path, request):
        """A well-formed call."""
        return self.call(path, message(request.SerializeToString()))

    def _send_body(self, stream, body, end):
        while body and not self.answers[stream].ended:
            room = self.http.local_flow_control_window(stream)
            room = min(room, self.http.max_outbound_frame_size)
            if room == 0:
                self._receive()
                continue
            part, body = body[:room], body[room:]
            self.http.send_data(stream, part, end_stream=end and not body)
            self._flush()

    def _read_until(self, condition):
        deadline = time.monotonic() + ANSWER_SECONDS_MAX
        while not condition():
            assert time.monotonic() < deadline, f"no answer: {self.answers}"
            self._receive()

    def _receive(self):
        data = self.socket.recv(65536)
        assert data, "the gateway closed the connection"
        for event in self.http.receive_data(data):
            self._note(event)
        self._flush()

    def _note(self, event):
        answer = self.answers.get(getattr(event, "stream_id", None), Answer())
        if isinstance(event, h2.events.ResponseReceived):
            answer.headers = dict(event.headers)
        elif isinstance(event, h2.events.TrailersReceived):
            answer.trailers = dict(event.headers)
        elif isinstance(event, h2.events.DataReceived):
            answer.body += event.data
            self.http.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        elif isinstance(event, h2.events.StreamReset):
            answer.reset = event.error_code
            answer.ended = True
        elif isinstance(event, h2.events.StreamEnded):
            answer.ended = True
        elif isinstance(event, h2.events.ConnectionTerminated):
            raise AssertionError(f"GOAWAY {event.error_code} {event.additional_data}")

    def _flush(self):
        self.socket.sendall(self.http.data_to_send())

    def close(self):
        self.socket.close()


def _base64_decoded(text):
    """With its padding or without."""
    return base64.b64decode(text + "=" * (-len(text) % 4))
