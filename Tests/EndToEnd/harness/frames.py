"""HTTP/2 frames made by hand (RFC 9113 section 4.1), also those that no client would send."""

import socket
import struct
import time

from hpack import Decoder
from hpack.hpack import encode_integer

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
(DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE,
 CONTINUATION) = range(10)
ACK = END_STREAM = 1
END_HEADERS, PADDED, PRIORITIZED = 4, 8, 32


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def _string(text):
    """RFC 7541 section 5.2, without Huffman coding."""
    return encode_integer(len(text), 7) + text.encode()


def block(fields):
    """A header block of literals without indexing, which may stand anywhere in a section."""
    return b"".join(b"\0" + _string(name) + _string(value) for name, value in fields)


def request_fields(path, **changes):
    """Of a gRPC request. A name of `changes` is a field's, with _ for the colon of a pseudo-header
    field; None leaves the field out."""
    fields = {
        ":method": "POST", ":scheme": "http", ":path": path, ":authority": "localhost",
        "content-type": "application/grpc", "te": "trailers"}
    for name, value in changes.items():
        fields[name.replace("_", ":") if name.startswith("_") else name.replace("_", "-")] = value
    return [(name, value) for name, value in fields.items() if value is not None]


class Connection:
    """A client that reads frames one by one, without an opinion on them."""

    SECONDS_MAX = 10

    def __init__(self, port, hello=PREFACE + frame(SETTINGS, 0, 0)):
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=self.SECONDS_MAX)
        self._buffer = b""
        self._decoder = Decoder()
        self.send(hello)

    def send(self, *frames):
        try:
            self._socket.sendall(b"".join(frames))
        except OSError:
            pass  # Cut already; what came before is still there to be read.

    def finish_sending(self):
        self._socket.shutdown(socket.SHUT_WR)

    def next(self):
        """The next frame as (kind, flags, stream, payload); None once the connection is closed."""
        head = self._read(9)
        if head is None:
            return None
        kind, flags, stream = struct.unpack(">BBI", head[3:])
        payload = self._read(int.from_bytes(head[:3], "big"))
        return None if payload is None else (kind, flags, stream & 0x7FFFFFFF, payload)

    def fields(self, payload):
        """Of a HEADERS frame; to be asked of each one in order."""
        return dict(self._decoder.decode(payload))

    def _read(self, count):
        deadline = time.monotonic() + self.SECONDS_MAX
        while len(self._buffer) < count:
            try:
                received = self._socket.recv(1 << 16)
            except ConnectionError:
                received = b""
            if not received or time.monotonic() > deadline:
                return None
            self._buffer += received
        result, self._buffer = self._buffer[:count], self._buffer[count:]
        return result

    def close(self):
        self._socket.close()
