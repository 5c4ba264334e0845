"""Each attack against the real program: it ends in being told or cut, memory stays within a bound,
and another client is served meanwhile."""

import itertools
import struct
import threading
import time
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

import offender
from harness import frames as wire
from harness.frames import frame
from harness.gateway import Gateway
from offender import Offender, head

ATTACK_SECONDS_MAX = 5
GROWTH_KIB_MAX = 32 * 1024
WAIT_SECONDS_MAX = 1.0
ENHANCE_YOUR_CALM = "told 0xb"


@pytest.fixture(scope="module")
def gateway(tmp_path_factory):
    gateway = Gateway(tmp_path_factory.mktemp("attacked"))
    yield gateway.start()
    assert gateway.is_running(), gateway.log_text()[-2000:]
    gateway.close()


class Bystander:
    """Calls all the time from a connection of its own; keeps the longest wait."""

    def __init__(self, gateway):
        self.gateway = gateway
        self.longest, self.calls, self.error = 0.0, 0, None
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self._run)

    def __enter__(self):
        self.channel = grpc.insecure_channel(self.gateway.address)
        self.stub = health_pb2_grpc.HealthStub(self.channel)
        self.stub.Check(health_pb2.HealthCheckRequest(), timeout=10)
        Path(f"/proc/{self.gateway.pid}/clear_refs").write_text("5")
        self.before = self._peak_kib()
        self.thread.start()
        return self

    def _run(self):
        # Once at least: some attacks are over at once.
        while self.calls == 0 or not self.stopped.wait(0.01):
            start = time.monotonic()
            try:
                self.stub.Check(health_pb2.HealthCheckRequest(), timeout=10)
            except grpc.RpcError as error:
                self.error = error
                return
            self.longest = max(self.longest, time.monotonic() - start)
            self.calls += 1

    def __exit__(self, *_):
        self.stopped.set()
        self.thread.join()
        self.channel.close()
        self.growth_kib = self._peak_kib() - self.before

    def _peak_kib(self):
        status = Path(f"/proc/{self.gateway.pid}/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0])

    def check(self, name, outcome):
        print(f"\n{name:22} {outcome:14} +{self.growth_kib / 1024:5.1f} MiB  "
              f"longest wait {self.longest * 1000:4.0f} ms", end="")
        assert self.error is None and self.calls > 0
        assert self.growth_kib <= GROWTH_KIB_MAX
        assert self.longest <= WAIT_SECONDS_MAX


def odd_ids():
    return itertools.count(1, 2)


def repeated(first, part, times=400):
    """One opening, then the same bytes again and again."""
    yield first
    yield from itertools.repeat(part * times, 500)


def on_streams(part, each=100):
    """The same for every new stream."""
    ids = odd_ids()
    for _ in range(500):
        yield b"".join(part(next(ids)) for _ in range(each))


LARGE = head(1) + frame(wire.DATA, 0, 1, struct.pack(">BI", 0, 4 << 20))

FLOODS = {
    "ping": (repeated(b"", frame(wire.PING, 0, 0, bytes(8))), ENHANCE_YOUR_CALM),
    "settings": (repeated(b"", frame(wire.SETTINGS, 0, 0)), ENHANCE_YOUR_CALM),
    "priority": (
        repeated(b"", frame(wire.PRIORITY, 0, 1, b"\0\0\0\0\x10")), ENHANCE_YOUR_CALM),
    "window-update": (
        repeated(head(1), frame(wire.WINDOW_UPDATE, 0, 0, b"\0\0\0\1")), ENHANCE_YOUR_CALM),
    "unknown-frame": (repeated(b"", frame(0x7F, 0, 0)), ENHANCE_YOUR_CALM),
    "empty-data": (repeated(head(1), frame(wire.DATA, 0, 1)), ENHANCE_YOUR_CALM),
    "one-byte-data": (repeated(LARGE, frame(wire.DATA, 0, 1, b"x")), ENHANCE_YOUR_CALM),
    "rapid-reset": (
        on_streams(lambda id: head(id) + frame(wire.RST_STREAM, 0, id, b"\0\0\0\x08")), None),
    "made-you-reset": (
        on_streams(lambda id: head(id) + frame(wire.WINDOW_UPDATE, 0, id, b"\x7f\xff\xff\xff")),
        ENHANCE_YOUR_CALM),
    "too-many-streams": (on_streams(head), None),
    "continuation": (
        repeated(head(1, 0), frame(wire.CONTINUATION, 0, 1, wire.block([("x", "y")]))), None),
}


@pytest.mark.parametrize("name", FLOODS)
def test_a_flood_is_told_or_cut(gateway, name):
    parts, expected = FLOODS[name]
    with Bystander(gateway) as bystander:
        offender = Offender(gateway.port)
        until = time.monotonic() + ATTACK_SECONDS_MAX
        for part in parts:
            if not offender.send(part, until):
                break
        offender.listen(1)
        offender.close()
    bystander.check(name, offender.outcome or "nothing")
    assert offender.outcome is not None
    # A reset of the socket may overtake the GOAWAY.
    assert expected is None or offender.outcome in (expected, "cut")


ANSWERED = {
    "oversized-headers": head(1, encoded=wire.block([*offender.HEAD, ("x", "y" * 12_000)])),
    # One field of 4 KB in the table, and 8,000 references to it.
    "hpack-bomb": head(
        1, encoded=offender.HEAD_BLOCK + b"\x40\x01x\x7f\xa1\x1e" + b"y" * 4000 + b"\xbe" * 8_000),
    "giant-length": head(1) + frame(wire.DATA, 0, 1, b"\0\xff\xff\xff\xff"),
}


@pytest.mark.parametrize("name", ANSWERED)
def test_a_bomb_is_answered_and_costs_nothing(gateway, name):
    with Bystander(gateway) as bystander:
        offender = Offender(gateway.port)
        offender.send(ANSWERED[name], time.monotonic() + ATTACK_SECONDS_MAX)
        offender.listen(2, lambda offender: offender.answered)
        offender.close()
    bystander.check(name, offender.outcome or ("answered" if offender.answered else "nothing"))
    assert offender.answered or offender.outcome


SILENT = {
    "no-preface": b"", "half-a-preface": wire.PREFACE[:10], "no-settings": wire.PREFACE,
    "half-a-settings": wire.PREFACE + frame(wire.SETTINGS, 0, 0)[:5],
    "endless-headers": wire.PREFACE + frame(wire.SETTINGS, 0, 0) + head(1, 0),
}


def test_connections_that_never_begin_are_cut(gateway):
    with Bystander(gateway) as bystander:
        offenders = {name: Offender(gateway.port, hello) for name, hello in SILENT.items()}
        end = time.monotonic() + 13
        for offender in offenders.values():
            offender.listen(max(0.1, end - time.monotonic()))
            offender.close()
    bystander.check("slow handshakes", "cut")
    assert all(offender.outcome for offender in offenders.values()), \
        {name: offender.outcome for name, offender in offenders.items()}
