#!/usr/bin/env python3
"""An HTTP function: writes an invoice for each order it is sent.

    invoice_server.py [--port N] [--busy-once ORDER]

Port 0, the default, picks a free one; the first line on stdout is the URL to register. The gateway
sends a CloudEvent in binary mode: attributes as `ce-` headers, the payload as the body. The body of
the answer is the function's output. 2xx is success; 503 means "try again", after Retry-After.

A trigger may come twice (a gateway that dies after the call asks again when it is back), so the
invoice is filed under the event's id: the second call gets the same invoice.
"""

import argparse
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Ledger:
    """The invoices, by the id of the event that asked for them."""

    def __init__(self, busy_once: int | None) -> None:
        self._lock = threading.Lock()
        self._invoices: dict[str, dict] = {}
        self._busy_once = busy_once

    def is_busy(self, order: dict) -> bool:
        """True for the first request about the order that was named on the command line."""
        with self._lock:
            busy = order["order"] == self._busy_once
            self._busy_once = None if busy else self._busy_once
            return busy

    def invoice(self, event_id: str, order: dict) -> dict:
        with self._lock:
            new = {
                "invoice": f"R-{order['order']}",
                "customer": order["customer"],
                "amount": order["total"],
            }
            return self._invoices.setdefault(event_id, new)


class InvoiceHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # The gateway keeps its connections.
    ledger: Ledger

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        try:
            order = json.loads(body)
            if self.ledger.is_busy(order):
                self.answer(503, {"error": "doing the books"}, {"Retry-After": "1"})
            else:
                self.answer(200, self.ledger.invoice(self.headers["ce-id"], order))
        except (ValueError, KeyError, TypeError) as error:
            # 400 says that another try would not help.
            self.answer(400, {"error": f"this is no order: {error!r}"})

    def answer(self, status: int, content: dict, headers: dict[str, str] | None = None) -> None:
        body = json.dumps(content, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet: the demo's output is the gateway's."""


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--port", type=int, default=0)
    options.add_argument("--busy-once", type=int, metavar="ORDER")
    chosen = options.parse_args()
    InvoiceHandler.ledger = Ledger(chosen.busy_once)
    server = ThreadingHTTPServer(("127.0.0.1", chosen.port), InvoiceHandler)
    print(f"http://127.0.0.1:{server.server_port}/invoices", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
