"""The real program, started on a free port and a data directory of its own."""

import os
import select
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from harness.contract import REPOSITORY

FUNCTIONS = REPOSITORY / "Tests" / "EndToEnd" / "functions"
START_SECONDS_MAX = 30
STOP_SECONDS_MAX = 30


def binary():
    path = os.environ.get("EVENT_GATEWAY_BIN", ".build/debug/event-gateway")
    return str(REPOSITORY / path)


class Gateway:
    """One gateway process at a time over one data directory; `start` again after it ended."""

    running = set()

    def __init__(
        self, data, *, listen=("127.0.0.1:0",), functions=(FUNCTIONS,), options=(), wrapper=(),
        environment=None
    ):
        """`wrapper` is a command that runs the gateway, such as one that limits it."""
        self.data = Path(data)
        self.command = [*wrapper, binary(), "serve", "--data", str(data)]
        for address in listen:
            self.command += ["--listen", address]
        for folder in functions:
            self.command += ["--allow-process", str(folder)]
        self.command += options
        self.listeners = self.command.count("--listen") + self.command.count("--listen-plaintext")
        self.environment = {**os.environ, **(environment or {})}
        self.log = tempfile.NamedTemporaryFile(prefix="event-gateway-", suffix=".log")
        self.process = None
        self.addresses = []

    def start(self):
        """Returns once the gateway says that it accepts connections; raises if it does not."""
        self.launch()
        self.addresses = [self._next_address() for _ in range(self.listeners)]
        return self

    def _next_address(self):
        line = self._next_line()
        prefix = "event-gateway listening on "
        if not line.startswith(prefix):
            code = self.process.wait(STOP_SECONDS_MAX) if not line else None
            raise AssertionError(f"said {line!r}, exit code {code}; its log:\n{self.log_text()}")
        return line.removeprefix(prefix).removesuffix(" with TLS\n").strip()

    def launch(self):
        """Starts the program and does not wait for anything."""
        self.process = subprocess.Popen(
            self.command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.log,
            env=self.environment)
        Gateway.running.add(self)

    def _next_line(self):
        deadline = time.monotonic() + START_SECONDS_MAX
        descriptor, line = self.process.stdout.fileno(), b""
        while not line.endswith(b"\n"):
            ready, _, _ = select.select([descriptor], [], [], deadline - time.monotonic())
            if not ready:
                raise AssertionError(f"no line in {START_SECONDS_MAX} s:\n{self.log_text()}")
            byte = os.read(descriptor, 1)
            if not byte:
                break
            line += byte
        return line.decode()

    @property
    def address(self):
        """The first one."""
        return self.addresses[0] if self.addresses else None

    @property
    def port(self):
        return int(self.address.rpartition(":")[2])

    @property
    def pid(self):
        return self.process.pid

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def wait(self):
        """The exit code, once the program has ended by itself."""
        code = self.process.wait(STOP_SECONDS_MAX)
        self.process.stdout.close()
        Gateway.running.discard(self)
        return code

    def terminate(self):
        """Asks it to drain and end; returns its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.wait()

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        return self.wait()

    def close(self):
        if self.is_running():
            try:
                self.terminate()
            except subprocess.TimeoutExpired:
                self.kill()
        self.log.close()

    def log_text(self):
        return Path(self.log.name).read_text(errors="replace")

    def resident_kib(self):
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0])
