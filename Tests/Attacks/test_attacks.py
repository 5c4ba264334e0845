"""Each attack against the real program: it ends in being told or cut, memory stays within a bound,
and another client is served meanwhile."""

import itertools
import socket
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


BEGIN = wire.PREFACE + frame(wire.SETTINGS, 0, 0)
NO_WINDOW = wire.PREFACE + frame(wire.SETTINGS, 0, 0, struct.pack(">HI", 4, 0))
REFLECTION = offender.head_block("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo")
# ServerReflectionRequest.file_containing_symbol; the answer has some kilobytes.
NAME = b"dispatch.events.v1.TriggerService"
SYMBOL = bytes([0x22, len(NAME)]) + NAME
FULL_STREAMS = b"".join(
    head(id, encoded=REFLECTION) + frame(
        wire.DATA, 0, id, (b"\0" + struct.pack(">I", len(SYMBOL)) + SYMBOL) * 20)
    for id in range(1, 101, 2))

# What is sent at once, what then every second, and whether the call or the connection ends.
SLOW = {
    "no-body": (head(1), b"", "call"),
    "slow-body": (LARGE, frame(wire.DATA, 0, 1, b"x"), "call"),
    "trickled-frame": (head(1) + frame(wire.DATA, 0, 1, bytes(16_000))[:9], b"x", "connection"),
    "zero-window": (FULL_STREAMS, b"", "connection"),
}


def test_slow_bodies_and_closed_windows_end(gateway):
    with Bystander(gateway) as bystander:
        offenders = {}
        for name, (start, _, _) in SLOW.items():
            offenders[name] = Offender(gateway.port, NO_WINDOW if name == "zero-window" else BEGIN)
            offenders[name].send(start, time.monotonic() + ATTACK_SECONDS_MAX)
        done = {}
        end = time.monotonic() + 70
        while len(done) < len(SLOW) and time.monotonic() < end:
            time.sleep(1)
            for name, (_, drip, ends) in SLOW.items():
                slow = offenders[name]
                slow.send(drip, time.monotonic() + 0.1)
                slow.listen(0.05)
                if slow.outcome or (ends == "call" and slow.answered):
                    done.setdefault(name, slow.outcome or "answered")
        for slow in offenders.values():
            slow.close()
    bystander.check("slow bodies", "ended")
    assert done.keys() == SLOW.keys(), done


def test_a_half_closed_connection_is_closed(gateway):
    with Bystander(gateway) as bystander:
        offender = Offender(gateway.port)
        offender.send(head(1), time.monotonic() + ATTACK_SECONDS_MAX)
        offender.socket.shutdown(socket.SHUT_WR)
        offender.listen(5)
        offender.close()
    bystander.check("half-closed", offender.outcome or "nothing")
    assert offender.outcome


def resident_kib(gateway):
    status = Path(f"/proc/{gateway.pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0])


def descriptors(gateway):
    return len(list(Path(f"/proc/{gateway.pid}/fd").iterdir()))


def test_100_000_cancelled_calls_leave_nothing(gateway):
    """Each is one of Health/Watch that has had its first answer, and ends by RST_STREAM. 1,000 at
    most on one connection: more would be a rapid reset."""
    watch = offender.head_block("/grpc.health.v1.Health/Watch")
    begin, cancelled, levels = descriptors(gateway), 0, []
    with Bystander(gateway) as bystander:
        while cancelled < 100_000:
            client = Offender(gateway.port)
            for first in range(1, 2_000, 200):
                ids = range(first, first + 200, 2)
                until = time.monotonic() + 10
                assert client.send(b"".join(
                    head(id, encoded=watch) + frame(wire.DATA, wire.END_STREAM, id, bytes(5))
                    for id in ids), until)
                client.listen(10, lambda client: client.heads >= first // 2 + 100)
                assert client.heads >= first // 2 + 100, client.outcome
                assert client.send(b"".join(
                    frame(wire.RST_STREAM, 0, id, b"\0\0\0\x08") for id in ids), until)
                cancelled += len(ids)
            client.close()
            levels.append(resident_kib(gateway))
    bystander.check("100,000 cancelled", "served")
    # From the second tenth on, when what is kept for reuse is there.
    assert max(levels) - levels[len(levels) // 5] <= 4 * 1024, levels
    deadline = time.monotonic() + 5
    while descriptors(gateway) > begin + 1 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert descriptors(gateway) <= begin + 1
