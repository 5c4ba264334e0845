"""The servers that are measured: how each is started, asked and watched."""

import os
import pathlib
import shutil
import socket
import subprocess
import threading
import time

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent.parent
SERVER_CPU, LOAD_CPU = "0", str((os.cpu_count() or 1) - 1)
TICKS = os.sysconf("SC_CLK_TCK")


class Server:
    """One process, pinned to a processor of its own, with one event loop where it lets us choose."""

    name = ""
    streams = True
    get = False
    environment: dict = {}

    def __init__(self, work, tls=None):
        self.work, self.tls = work, tls

    def program(self):
        raise NotImplementedError

    def arguments(self):
        return ["--tls", *self.tls] if self.tls else []

    def path(self, size, replies):
        return "/echo.Echo/Stream" if replies else "/echo.Echo/Unary"

    def missing(self):
        """Why it cannot be measured, or None."""
        program = self.program()
        return None if os.access(program, os.X_OK) else f"{program} is missing"

    def start(self):
        command = ["taskset", "-c", SERVER_CPU, str(self.program()), *self.arguments()]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            env={**os.environ, **self.environment})
        self.port = self.find_port()

    def find_port(self):
        watchdog = threading.Timer(20, self.process.kill)
        watchdog.start()
        line = self.process.stdout.readline()
        watchdog.cancel()
        if not line:
            raise RuntimeError(f"{self.name} did not start")
        return int(line.rsplit(" ", 1)[1])

    def stop(self):
        self.process.kill()
        self.process.communicate()

    def cpu_seconds(self):
        stat = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text()
        fields = stat.rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def resident_bytes(self):
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        raise RuntimeError(f"{self.name} is gone")


class Ours(Server):
    name = "event-gateway"

    def program(self):
        return ROOT / ".build/release/echo-server"

    def arguments(self):
        return ["1", *super().arguments()]


class GRPCGo(Server):
    name = "grpc-go"
    environment = {"GOMAXPROCS": "1"}

    def program(self):
        return HERE / ".build/grpc-go-echo"


class GRPCCpp(Server):
    name = "grpc C++"

    def program(self):
        return HERE / ".build/grpc-cpp-echo"


class GRPCSwift(Server):
    name = "grpc-swift-2"

    def program(self):
        return HERE / "grpc-swift-echo/.build/release/grpc-swift-echo"


class Nghttpd(Server):
    """A static file of a response's size, by GET: no request body, no trailers."""

    name = "nghttpd"
    streams = False
    get = True
    next_port = 20000 + os.getpid() % 10000

    def program(self):
        return shutil.which("nghttpd") or "nghttpd"

    def path(self, size, replies):
        return f"/{size}"

    def arguments(self):
        for size in (100, 65536):
            body = b"\0" + size.to_bytes(4, "big") + bytes(size)
            pathlib.Path(self.work, str(size)).write_bytes(body)
        Nghttpd.next_port += 1
        self.port = Nghttpd.next_port
        options = ["-n", "1", "-d", self.work]
        if self.tls:
            certificate, key = self.tls
            return [*options, str(self.port), key, certificate]
        return [*options, "--no-tls", str(self.port)]

    def find_port(self):
        # What it prints stays in a buffer: ask the port itself.
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return self.port
            except ConnectionRefusedError:
                time.sleep(0.05)
        raise RuntimeError("nghttpd did not start")


class NghttpdPost(Nghttpd):
    """The same file for the same frames that the others get and send: POST, and a trailer."""

    name = "nghttpd, POST"
    get = False

    def arguments(self):
        return ["--trailer", "grpc-status: 0", *super().arguments()]


ALL = [Ours, GRPCGo, GRPCCpp, GRPCSwift, Nghttpd, NghttpdPost]
