"""Clients that make the gateway hold much, or have many of something. Bounds are small here, so that
an attack is over soon; what they bound is the same."""

import itertools
import socket
import struct
import time
from pathlib import Path

from bystander import Bystander
from harness import frames as wire
from harness.frames import frame
from offender import HELLO, LargeAnswer, Offender, Target, head, head_block
from test_floods import LARGE, NO_WINDOW

BUFFERED_MIB = 32
# What is buffered, 128 KiB for each of 40 connections, and what is on its way between both.
HOARD_MIB_MAX = 2 * BUFFERED_MIB + 64
# Handlers have their response in hand, more than once, when they are told to let go of it.
RESPONSES_MIB_MAX = BUFFERED_MIB + 192
CONNECTIONS = 40


def stream_ids(count=500):
    return range(1, 2 * count, 2)


def all_told(offenders, seconds, is_told):
    """Which of them were refused something, cut or told within that time; the others are held."""
    end = time.monotonic() + seconds
    for one in offenders:
        one.listen(max(0.1, end - time.monotonic()), is_told)
    return ["refused" if is_told(one) else one.outcome or "held" for one in offenders]


def test_hoarded_requests(attacked):
    """Messages of 4 MiB of which all but the end comes."""
    gateway = attacked("--buffered-max", str(BUFFERED_MIB))
    part = bytes(16_000)
    with Bystander(gateway) as bystander:
        offenders = [Offender(Target.of(gateway)) for _ in range(CONNECTIONS)]
        for one in offenders:
            one.send(b"".join(
                head(id) + frame(wire.DATA, 0, id, struct.pack(">BI", 0, 4 << 20))
                + frame(wire.DATA, 0, id, part) * 4 for id in stream_ids(100)))
        outcomes = all_told(offenders, 5, lambda one: one.answered)
        for one in offenders:
            one.close()
    bystander.check("hoarded requests", outcomes, HOARD_MIB_MAX)
    # The first of them are within the bound.
    assert outcomes.count("refused") >= CONNECTIONS - BUFFERED_MIB // 6


def test_hoarded_responses(attacked):
    """A mebibyte for each call, 480 in all, and no window for any."""
    gateway = attacked("--buffered-max", str(BUFFERED_MIB))
    answer = LargeAnswer(gateway)
    with Bystander(gateway) as bystander:
        offenders = [Offender(Target.of(gateway), NO_WINDOW) for _ in range(8)]
        for one in offenders:
            one.send(answer.ask(stream_ids(60)))
        outcomes = all_told(offenders, 10, lambda one: one.heads >= 60)
        refused = sum(one.refusals for one in offenders)
        bystander.watch(5)
        for one in offenders:
            one.close()
    bystander.check("hoarded responses", f"{refused} of 480 refused", RESPONSES_MIB_MAX)
    assert "held" not in outcomes
    assert 480 - refused <= BUFFERED_MIB + 8


def test_hoarded_calls(attacked):
    """Streams that stay open for nothing."""
    gateway = attacked("--buffered-max", str(BUFFERED_MIB))
    watch = head_block("/grpc.health.v1.Health/Watch")
    with Bystander(gateway) as bystander:
        offenders = [Offender(Target.of(gateway)) for _ in range(CONNECTIONS)]
        for one in offenders:
            one.send(b"".join(
                head(id, encoded=watch) + frame(wire.DATA, wire.END_STREAM, id, bytes(5))
                for id in stream_ids()))
        all_told(offenders, 10, lambda one: one.heads >= 500)
        refused = sum(one.refusals for one in offenders)
        served = sum(one.heads for one in offenders) - refused
        bystander.watch(5)
        for one in offenders:
            one.close()
    bystander.check("hoarded calls", f"{refused} of {served + refused} refused", HOARD_MIB_MAX)
    assert refused > 0
    assert served >= 10 * CONNECTIONS


def test_too_many_connections_in_all(attacked):
    """From many addresses, so that none has too many."""
    gateway = attacked("--connections-max", "100", listen=("0.0.0.0:0",))
    target = Target.of(gateway)
    with Bystander(gateway, address=target.authority) as bystander:
        offenders = [
            Offender(target, HELLO, source=f"127.0.1.{number % 200 + 1}") for number in range(400)]
        outcomes = [one.outcome or "held" for one in offenders
                    if not one.listen(0.01)]
        end = time.monotonic() + 5
        while outcomes.count("cut") < 301 and time.monotonic() < end:
            for one in offenders:
                one.listen(0.01)
            outcomes = [one.outcome or "held" for one in offenders]
        for one in offenders:
            one.close()
    bystander.check("too many connections", outcomes, 24)
    assert outcomes.count("held") <= 100


def test_too_many_connections_of_one_peer(attacked, tmp_path):
    """The bystander comes by another way: it is not to suffer from its neighbour."""
    path = tmp_path / "gateway.sock"
    gateway = attacked(
        "--connections-per-peer-max", "50", listen=("127.0.0.1:0", f"unix:{path}"))
    with Bystander(gateway, address=f"unix:{path}") as bystander:
        offenders = [Offender(Target.of(gateway)) for _ in range(200)]
        end, outcomes = time.monotonic() + 5, []
        while outcomes.count("cut") < 150 and time.monotonic() < end:
            for one in offenders:
                one.listen(0.01)
            outcomes = [one.outcome or "held" for one in offenders]
        for one in offenders:
            one.close()
    bystander.check("one peer's connections", outcomes, 24)
    assert outcomes.count("held") <= 50


def test_connections_come_and_go(targets, watched):
    """A thousand a second or so, each closed at once, some by reset."""
    with watched(targets["plaintext"]) as bystander:
        end, count = time.monotonic() + 2, 0
        for count in itertools.count():
            with socket.create_connection(targets["plaintext"].address) as one:
                if count % 2:
                    one.sendall(HELLO + head(1) + LARGE)
                if count % 3 == 0:
                    one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            if time.monotonic() > end:
                break
    bystander.check("come and go", f"{count} gone", 24)


def resident_kib(gateway):
    status = Path(f"/proc/{gateway.pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0])


def descriptors(gateway):
    return len(list(Path(f"/proc/{gateway.pid}/fd").iterdir()))


def test_100_000_cancelled_calls_leave_nothing(gateway, targets, watched):
    """Each is one of Health/Watch that has had its first answer, and ends by RST_STREAM. 1,000 at
    most on one connection: more would be a rapid reset."""
    watch = head_block("/grpc.health.v1.Health/Watch")
    begin, cancelled, levels = descriptors(gateway), 0, []
    with watched(targets["plaintext"]) as bystander:
        while cancelled < 100_000:
            client = Offender(targets["plaintext"])
            for first in range(1, 2_000, 200):
                ids = range(first, first + 200, 2)
                assert client.send(b"".join(
                    head(id, encoded=watch) + frame(wire.DATA, wire.END_STREAM, id, bytes(5))
                    for id in ids))
                client.listen(10, lambda client: client.heads >= first // 2 + 100)
                assert client.heads >= first // 2 + 100, client.outcome
                assert client.send(b"".join(
                    frame(wire.RST_STREAM, 0, id, b"\0\0\0\x08") for id in ids))
                cancelled += len(ids)
            client.close()
            levels.append(resident_kib(gateway))
    bystander.check("100,000 cancelled", "served", 24)
    # From the second tenth on, when what is kept for reuse is there.
    assert max(levels) - levels[len(levels) // 5] <= 4 * 1024, levels
    deadline = time.monotonic() + 5
    while descriptors(gateway) > begin + 1 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert descriptors(gateway) <= begin + 1
