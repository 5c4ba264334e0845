"""A local HTTP server whose paths are functions that a test writes in Python."""

import http.client
import threading
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Received:
    """One request, as it came."""
    path: str
    method: str
    headers: dict
    body: bytes

    def attribute(self, name):
        """A CloudEvents attribute, decoded as the HTTP binding 3.1.3.2 says."""
        value = self.headers.get(f"ce-{name}")
        return None if value is None else urllib.parse.unquote(value)


@dataclass
class Reply:
    status: int = 200
    body: bytes = b""
    headers: dict = field(default_factory=dict)


@dataclass
class Held:
    url: str
    release: Callable[[], None]
    # What the path answers with, for functions that hold only some requests.
    answer: Callable[[Received], Reply]


class FunctionServer:
    """Paths answer as `function` says; everything that came is kept."""

    def __init__(self):
        self._replies = {}
        self._received = []
        self._gates = []
        self._changed = threading.Condition()
        self._connections = 0
        self.connections_accepted = 0
        self._http = _Server(("127.0.0.1", 0), _handler(self))
        self._http.connection_counted = self._count_connection
        # It looks so often whether it is to stop, which nearly every test waits for.
        threading.Thread(
            target=self._http.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def port(self):
        return self._http.server_port

    def function(self, path, reply=None):
        """Registers `reply`, a `Reply` or a callable from `Received` to one; returns the URL."""
        self._replies[path] = reply if reply is not None else Reply()
        return f"http://127.0.0.1:{self.port}{path}"

    def hold(self, path, reply=Reply()):
        """A function that answers only after its `release` was called; at most for a minute."""
        gate = threading.Event()
        self._gates.append(gate)

        def answer(request):
            gate.wait(60)
            return reply

        return Held(self.function(path, answer), gate.set, answer)

    def received(self, path):
        with self._changed:
            return [request for request in self._received if request.path == path]

    def wait_for(self, path, count=1, within=20):
        """What came to `path`, once it is at least `count` requests."""
        with self._changed:
            def enough():
                return sum(request.path == path for request in self._received) >= count
            assert self._changed.wait_for(enough, within), f"{path} was not called {count} times"
        return self.received(path)

    def settle(self, within=60):
        """Once the only client is gone: returns when all that it had sent has been answered.

        Connections are accepted in their order, so ours comes after all of the client's.
        """
        probe = http.client.HTTPConnection("127.0.0.1", self.port, timeout=within)
        probe.request("GET", "/settled")
        probe.getresponse().read()
        probe.close()
        with self._changed:
            settled = self._changed.wait_for(lambda: self._connections == 0, within)
        assert settled, f"{self._connections} connections are open {within} s after their client"

    def _count_connection(self, change):
        with self._changed:
            self._connections += change
            self.connections_accepted += max(change, 0)
            self._changed.notify_all()

    def close(self):
        for gate in self._gates:
            gate.set()
        self._http.shutdown()
        self._http.server_close()

    def _answer(self, request):
        with self._changed:
            self._received.append(request)
            self._changed.notify_all()
        reply = self._replies.get(request.path, Reply(404, b"no such function"))
        return reply(request) if callable(reply) else reply


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512
    connection_counted = staticmethod(lambda change: None)

    def process_request(self, request, client_address):
        self.connection_counted(1)
        super().process_request(request, client_address)

    def shutdown_request(self, request):
        super().shutdown_request(request)
        self.connection_counted(-1)

    def handle_error(self, request, client_address):
        """A gateway that goes away in the middle is what some tests are about."""


def _handler(server):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _serve(self):
            length = int(self.headers.get("content-length", 0))
            body = self.rfile.read(length)
            if len(body) < length:
                # Whoever called is gone: an incomplete message (RFC 9112, section 8) is no call.
                self.close_connection = True
                return
            headers = {name.lower(): value for name, value in self.headers.items()}
            reply = server._answer(Received(self.path, self.command, headers, body))
            self.send_response(reply.status)
            for name, value in {"content-length": str(len(reply.body)), **reply.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.body)

        do_GET = do_POST = do_PUT = _serve

        def log_message(self, *arguments):
            pass

    return Handler
