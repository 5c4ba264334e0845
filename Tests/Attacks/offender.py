"""A client that sends frames no client would, and notes what it is told."""

import select
import socket
import time

from harness.frames import END_HEADERS, GOAWAY, HEADERS, PREFACE, SETTINGS, block, frame
from harness.frames import request_fields

PATH = "/dispatch.events.v1.EventService/GetEvent"
HEAD = request_fields(PATH)
HEAD_BLOCK = block(HEAD)


def head_block(path):
    return block(request_fields(path))


def head(stream, flags=END_HEADERS, encoded=HEAD_BLOCK):
    return frame(HEADERS, flags, stream, encoded)


class Offender:
    """One connection. `outcome` is the first of: told (GOAWAY with a fault), cut."""

    def __init__(self, port, hello=PREFACE + frame(SETTINGS, 0, 0)):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=5)
        self.socket.sendall(hello)
        self.socket.setblocking(False)
        self.pending = b""
        self.outcome = None
        self.debug_data = b""
        self.heads = 0

    @property
    def answered(self):
        return self.heads > 0

    def send(self, data, until):
        """Sends all of it, reading meanwhile; false once the gateway has had enough."""
        data = memoryview(data)
        while data and self.outcome is None and time.monotonic() < until:
            readable, writable, _ = select.select([self.socket], [self.socket], [], 0.1)
            if readable:
                self._receive()
            if writable and self.outcome is None:
                try:
                    data = data[self.socket.send(data):]
                except BlockingIOError:
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
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.outcome = self.outcome or "cut"
        self.pending += data
        self._parse()

    def _parse(self):
        while len(self.pending) >= 9:
            length = int.from_bytes(self.pending[:3])
            if len(self.pending) < 9 + length:
                return
            kind, payload = self.pending[3], self.pending[9:9 + length]
            self.pending = self.pending[9 + length:]
            if kind == HEADERS:
                self.heads += 1
            if kind == GOAWAY and payload[4:8] != b"\0\0\0\0":
                self.outcome = f"told {int.from_bytes(payload[4:8]):#x}"
                self.debug_data += payload[8:]

    def close(self):
        self.socket.close()
