"""A local HTTPS server that speaks HTTP/2 to who asks for it by ALPN, else HTTP/1.1."""

import socket
import ssl
import threading
from dataclasses import dataclass

import h2.config
import h2.connection
import h2.events


@dataclass
class Stream:
    """One request, as it came."""
    connection: int
    headers: dict
    body: bytes = b""


class HTTP2Server:
    """Answers with 200 and the beginning of what it was sent; everything that came is kept."""

    def __init__(self, files, protocols=("h2", "http/1.1")):
        """`files` are the server's certificate and key."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(files.certificate, files.key)
        context.set_alpn_protocols(list(protocols))
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.streams = []
        self.protocols = []
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self):
        return f"https://localhost:{self._listener.getsockname()[1]}/f"

    def close(self):
        self._listener.close()

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        try:
            with self._context.wrap_socket(connection, server_side=True) as secured:
                number = len(self.protocols)
                self.protocols.append(secured.selected_alpn_protocol())
                if secured.selected_alpn_protocol() == "h2":
                    self._serve_http2(secured, number)
                else:
                    self._serve_http1(secured, number)
        except OSError:
            pass

    def _serve_http2(self, secured, number):
        http = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
        http.initiate_connection()
        secured.sendall(http.data_to_send())
        open_streams = {}
        while data := secured.recv(65536):
            for event in http.receive_data(data):
                match event:
                    case h2.events.RequestReceived():
                        headers = {k.decode(): v.decode() for k, v in event.headers}
                        open_streams[event.stream_id] = Stream(number, headers)
                    case h2.events.DataReceived():
                        open_streams[event.stream_id].body += event.data
                        http.acknowledge_received_data(
                            event.flow_controlled_length, event.stream_id)
                    case h2.events.StreamEnded():
                        stream = open_streams.pop(event.stream_id)
                        self.streams.append(stream)
                        http.send_headers(event.stream_id, [(":status", "200")])
                        http.send_data(event.stream_id, stream.body[:100], end_stream=True)
            secured.sendall(http.data_to_send())

    def _serve_http1(self, secured, number):
        received = b""
        while data := secured.recv(65536):
            received += data
            head, end, body = received.partition(b"\r\n\r\n")
            lines = head.decode().split("\r\n")
            headers = dict(line.lower().split(": ", 1) for line in lines[1:])
            if not end or len(body) < int(headers["content-length"]):
                continue
            self.streams.append(Stream(number, headers, body))
            reply = body[:100]
            secured.sendall(
                b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(reply) + reply)
            received = b""
