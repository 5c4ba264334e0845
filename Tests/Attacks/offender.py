"""A client that sends frames no client would, and notes what it is told."""

import select
import socket
import ssl
import struct
import time
from dataclasses import dataclass

import grpc

from harness.client import Client
from harness.contract import pb
from harness.frames import (
    DATA, END_HEADERS, END_STREAM, GOAWAY, HEADERS, PREFACE, RST_STREAM, SETTINGS, block, frame,
    request_fields)

SEND_SECONDS_MAX = 5
PATH = "/dispatch.events.v1.EventService/GetEvent"
HEAD = request_fields(PATH)
HEAD_BLOCK = block(HEAD)
HELLO = PREFACE + frame(SETTINGS, 0, 0)


def framed(message):
    return b"\0" + struct.pack(">I", len(message)) + message


def head_block(path):
    return block(request_fields(path))


def head(stream, flags=END_HEADERS, encoded=HEAD_BLOCK):
    return frame(HEADERS, flags, stream, encoded)


@dataclass
class Target:
    """Where to go, and with what for TLS."""
    address: tuple
    context: ssl.SSLContext | None = None
    credentials: grpc.ChannelCredentials | None = None

    @staticmethod
    def of(gateway):
        """Without TLS."""
        return Target(("127.0.0.1", gateway.port))

    @property
    def authority(self):
        return f"{self.address[0]}:{self.address[1]}"


class LargeAnswer:
    """Calls of a few bytes that are answered with a mebibyte."""

    def __init__(self, gateway):
        client = Client(gateway.address, "large")
        client.define("large")
        request = pb.GetTriggerRequest(trigger_id=client.emit("large", bytes(1 << 20)).trigger_id)
        client.close()
        self._head = block(
            [*request_fields("/dispatch.events.v1.TriggerService/GetTrigger"),
             ("x-dispatch-org", "large")])
        self._body = framed(request.SerializeToString())

    def ask(self, streams):
        return b"".join(
            head(stream, encoded=self._head) + frame(DATA, END_STREAM, stream, self._body)
            for stream in streams)


class Offender:
    """One connection. `outcome` is the first of: told (GOAWAY with a fault), cut."""

    def __init__(self, target, hello=HELLO, source=None, receive_bytes=None):
        self.outcome, self.reset_code = None, None
        self.heads, self.refusals, self.pending = 0, 0, b""
        self.socket = socket.socket(
            socket.AF_INET6 if ":" in target.address[0] else socket.AF_INET)
        self.socket.settimeout(5)
        if receive_bytes:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        if source:
            self.socket.bind((source, 0))
        self.socket.connect(target.address)
        if target.context:
            self.socket = target.context.wrap_socket(
                self.socket, server_hostname="gateway.test", do_handshake_on_connect=False)
            self._shake_hands()
        self.socket.setblocking(False)
        self.send(hello)

    def _shake_hands(self):
        try:
            self.socket.do_handshake()
        except OSError:
            self.outcome = "cut"

    @property
    def answered(self):
        """A call of it has an answer, or its end."""
        return self.heads > 0 or self.reset_code is not None

    @property
    def told(self):
        """In a word, what became of it or of its only call."""
        if self.outcome or not self.answered:
            return self.outcome or "nothing"
        return "answered" if self.heads else f"reset {self.reset_code:#x}"

    def send(self, data, seconds=SEND_SECONDS_MAX):
        """Sends all of it, reading meanwhile; false once the gateway has had enough."""
        data, end = memoryview(data), time.monotonic() + seconds
        while data and self.outcome is None and time.monotonic() < end:
            readable, writable, _ = select.select([self.socket], [self.socket], [], 0.1)
            if readable:
                self._receive()
            if writable and self.outcome is None:
                try:
                    data = data[self.socket.send(data):]
                except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
                    pass
                except OSError:
                    self._receive()
                    self.outcome = self.outcome or "cut"
        return self.outcome is None

    def listen(self, seconds, until=lambda offender: False):
        end = time.monotonic() + seconds
        while self.outcome is None and not until(self) and time.monotonic() < end:
            if select.select([self.socket], [], [], 0.1)[0]:
                self._receive()

    def _receive(self):
        try:
            data = self.socket.recv(1 << 18)
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return
        except OSError:
            data = b""
        if not data:
            self.outcome = self.outcome or "cut"
        self.pending += data
        self._parse()
        if data and isinstance(self.socket, ssl.SSLSocket) and self.socket.pending():
            self._receive()

    def _parse(self):
        start = 0
        while len(self.pending) - start >= 9:
            length = int.from_bytes(self.pending[start:start + 3])
            if len(self.pending) - start < 9 + length:
                break
            kind, flags = self.pending[start + 3:start + 5]
            payload = self.pending[start + 9:start + 9 + length]
            start += 9 + length
            self.heads += kind == HEADERS
            # An answer that is a header section alone.
            self.refusals += kind == HEADERS and flags & END_STREAM
            if kind == GOAWAY and payload[4:8] != b"\0\0\0\0":
                self.outcome = f"told {int.from_bytes(payload[4:8]):#x}"
            if kind == RST_STREAM:
                self.reset_code = int.from_bytes(payload)
        self.pending = self.pending[start:]

    def close(self):
        self.socket.close()
