"""Clients that take their time: what does not begin, come on or end is ended."""

import socket
import struct
import time

from bystander import Bystander
from harness import frames as wire
from harness.frames import frame
from offender import HELLO, LargeAnswer, Offender, Target, framed, head
from test_floods import LARGE, NO_WINDOW, REFLECTION, SYMBOL

MIB_MAX = 24
# 50 responses of a mebibyte, which its connection may hold.
UNREAD_MIB_MAX = 128

# What a client sends before it falls silent; all within the time of a handshake or a header section.
SILENT = {
    "no-preface": b"", "half-a-preface": wire.PREFACE[:10], "no-settings": wire.PREFACE,
    "half-a-settings": HELLO[:-4], "endless-headers": HELLO + head(1, 0)}


def ended(offenders, seconds):
    end = time.monotonic() + seconds
    for one in offenders.values():
        one.listen(max(0.1, end - time.monotonic()))
        one.close()
    return {name: one.outcome or "nothing" for name, one in offenders.items()}


def test_connections_that_never_begin_are_cut(targets, watched):
    with watched(targets["plaintext"]) as bystander:
        offenders = {name: Offender(targets["plaintext"], hello) for name, hello in SILENT.items()}
        for name in ("no-preface", "endless-headers"):
            offenders[f"{name} TLS"] = Offender(targets["TLS"], SILENT[name])
        silent = socket.create_connection(targets["TLS"].address, timeout=15)
        silent.sendall(b"\x16\x03\x01\x02\x00\x01")
        outcomes = ended(offenders, 13)
        assert silent.recv(1) == b""
        silent.close()
    for name, outcome in outcomes.items():
        bystander.check(name, [outcome], MIB_MAX)
    assert "nothing" not in outcomes.values(), outcomes


FULL_STREAMS = b"".join(
    head(id, encoded=REFLECTION) + frame(
        wire.DATA, 0, id, framed(SYMBOL) * 20)
    for id in range(1, 101, 2))

# What is sent at once, what then every second, and whether the call or the connection ends.
SLOW = {
    "no-body": (head(1), b"", "call"),
    "slow-body": (LARGE, frame(wire.DATA, 0, 1, b"x"), "call"),
    "slow-large-body": (
        LARGE + frame(wire.DATA, 0, 1, bytes(16_000)) * 4, frame(wire.DATA, 0, 1, b"x"), "call"),
    "slow-headers": (head(1, 0), frame(wire.CONTINUATION, 0, 1, b""), "connection"),
    "trickled-frame": (head(1) + frame(wire.DATA, 0, 1, bytes(16_000))[:9], b"x", "connection"),
    "zero-window": (FULL_STREAMS, b"", "connection"),
    # Crumbs are no progress; the stream of one takes far longer than a minute.
    "crumbs": (FULL_STREAMS, frame(wire.WINDOW_UPDATE, 0, 1, b"\0\0\0\1"), "connection"),
}


WIDE_WINDOWS = wire.PREFACE + frame(wire.SETTINGS, 0, 0, struct.pack(">HI", 4, (1 << 31) - 1)) + frame(
    wire.WINDOW_UPDATE, 0, 0, struct.pack(">I", (1 << 31) - 65_536))


def test_slow_bodies_and_closed_windows_end(targets, watched):
    done = {}
    with watched(targets["plaintext"]) as bystander:
        offenders = {}
        for name, (start, _, _) in SLOW.items():
            hello = NO_WINDOW if name in ("zero-window", "crumbs") else HELLO
            offenders[name] = Offender(targets["plaintext"], hello)
            offenders[name].send(start)
        end = time.monotonic() + 75
        while len(done) < len(SLOW) and time.monotonic() < end:
            time.sleep(1)
            for name, (_, drip, ends) in SLOW.items():
                slow = offenders[name]
                slow.send(drip, 0.1)
                slow.listen(0.05)
                if slow.outcome or (ends == "call" and slow.answered):
                    done.setdefault(name, slow.outcome or "call ended")
        for slow in offenders.values():
            slow.close()
    for name in SLOW:
        bystander.check(name, [done.get(name, "nothing")], MIB_MAX)
    assert done.keys() == SLOW.keys(), done


def test_a_client_that_reads_nothing_is_cut(attacked):
    """It opens every window, so that all waits in sockets and in the gateway."""
    gateway = attacked()
    answer = LargeAnswer(gateway)
    with Bystander(gateway) as bystander:
        deaf = Offender(Target.of(gateway), WIDE_WINDOWS, receive_bytes=4_096)
        deaf.socket.sendall(answer.ask(range(1, 101, 2)))
        end = time.monotonic() + 75
        while not (is_cut := "a full socket" in gateway.log_text()) and time.monotonic() < end:
            time.sleep(0.5)
        deaf.close()
    bystander.check("unread", ["cut" if is_cut else "nothing"], UNREAD_MIB_MAX)
    assert is_cut


def test_half_closed_connections_are_closed(targets, watched):
    with watched(targets["plaintext"]) as bystander:
        offenders = {}
        for name in targets:
            offenders[name] = Offender(targets[name])
            offenders[name].send(head(1))
            socket.socket.shutdown(offenders[name].socket, socket.SHUT_WR)
        outcomes = ended(offenders, 5)
        time.sleep(0.5)
    bystander.check("half-closed", list(outcomes.values()), MIB_MAX)
    assert "nothing" not in outcomes.values(), outcomes


def test_idle_connections_are_ended(attacked):
    gateway = attacked("--connection-idle-max", "2s")
    with Bystander(gateway) as bystander:
        offenders = {number: Offender(Target.of(gateway)) for number in range(200)}
        outcomes = ended(offenders, 6)
    bystander.check("idle", list(outcomes.values()), MIB_MAX)
    assert "nothing" not in outcomes.values()
