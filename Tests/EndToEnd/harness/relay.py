"""A TCP relay in front of a gateway: connections that break, and such that only fall silent."""

import socket
import threading


class Relay:
    """`cut` closes the connections; `freeze` lets nothing more through on those that are open."""

    def __init__(self, target):
        host, _, port = target.rpartition(":")
        self._target = (host, int(port))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self._listener.getsockname()[1]
        self._lock = threading.Lock()
        self._open = []
        self._frozen = []
        self._accepts = threading.Event()
        self._accepts.set()
        threading.Thread(target=self._accept, daemon=True).start()

    def refuse(self):
        """Takes no new connections until `accept`: those that come are closed at once."""
        self._accepts.clear()

    def accept(self):
        self._accepts.set()

    def cut(self):
        with self._lock:
            pairs, self._open = self._open + self._frozen, []
            self._frozen = []
        for connection in pairs:
            _close(connection)

    def freeze(self):
        with self._lock:
            self._frozen += self._open
            self._open = []

    def close(self):
        _close(self._listener)
        self.cut()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
                if not self._accepts.is_set():
                    client.close()
                    continue
                server = socket.create_connection(self._target)
            except OSError:
                if self._listener.fileno() < 0:
                    return
                client.close()
                continue
            with self._lock:
                self._open += [client, server]
            for source, sink in ((client, server), (server, client)):
                threading.Thread(target=self._pass, args=(source, sink), daemon=True).start()

    def _pass(self, source, sink):
        try:
            while data := source.recv(1 << 16):
                with self._lock:
                    if source in self._frozen:
                        continue
                sink.sendall(data)
        except OSError:
            pass
        with self._lock:
            if source in self._frozen:
                return
        _close(source)
        _close(sink)


def _close(connection):
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    connection.close()
