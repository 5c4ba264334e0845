"""Frames that cost the gateway more than their sender. Offenders come again as soon as they are cut,
four at a time, for as long as it takes to see how another client fares."""

import itertools
import struct
import threading
import time

import pytest

import offender
from harness import frames as wire
from harness.frames import frame
from offender import HELLO, Offender, framed, head

AT_ONCE = 4
SECONDS_MIN, SECONDS_MAX = 1.0, 15
MIB_MAX = 24
# A connection with TLS holds some 100 KiB, and is there for a while after it has ended.
TLS_MIB_MAX = 64
ENHANCE_YOUR_CALM, PROTOCOL_ERROR, STREAM_CLOSED = "told 0xb", "told 0x1", "told 0x5"


def repeated(first, part, times=400):
    """One opening, then the same bytes again and again."""
    yield first
    yield from itertools.repeat(part * times, 500)


def on_streams(part, each=100):
    """The same for every new stream."""
    ids = itertools.count(1, 2)
    for _ in range(500):
        yield b"".join(part(next(ids)) for _ in range(each))


def update(stream, increment):
    return frame(wire.WINDOW_UPDATE, 0, stream, struct.pack(">I", increment))


LARGE = head(1) + frame(wire.DATA, 0, 1, struct.pack(">BI", 0, 4 << 20))
NO_WINDOW = wire.PREFACE + frame(wire.SETTINGS, 0, 0, struct.pack(">HI", 4, 0))
REFLECTION = offender.head_block("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo")
# ServerReflectionRequest.file_containing_symbol; the answer has some kilobytes.
NAME = b"dispatch.events.v1.TriggerService"
SYMBOL = bytes([0x22, len(NAME)]) + NAME
DRIBBLE = head(1, encoded=REFLECTION) + frame(
    wire.DATA, 0, 1, framed(SYMBOL) * 20)
TINY_CONTINUATION = frame(wire.CONTINUATION, 0, 1, wire.block([("x", "y")]))

# What is sent, and the GOAWAY that is due; a reset of the socket may overtake it.
FLOODS = {
    "ping": (lambda: repeated(b"", frame(wire.PING, 0, 0, bytes(8))), ENHANCE_YOUR_CALM),
    "settings": (lambda: repeated(b"", frame(wire.SETTINGS, 0, 0)), ENHANCE_YOUR_CALM),
    "settings-ack": (
        lambda: repeated(b"", frame(wire.SETTINGS, wire.ACK, 0)), PROTOCOL_ERROR),
    "priority": (
        lambda: repeated(b"", frame(wire.PRIORITY, 0, 1, b"\0\0\0\0\x10")), ENHANCE_YOUR_CALM),
    "priority-update": (
        lambda: repeated(b"", frame(0x10, 0, 0, b"\0\0\0\1u=1")), ENHANCE_YOUR_CALM),
    "window-update": (lambda: repeated(head(1), update(0, 1)), ENHANCE_YOUR_CALM),
    "unknown-frame": (lambda: repeated(b"", frame(0x7F, 0, 0)), ENHANCE_YOUR_CALM),
    "empty-data": (lambda: repeated(head(1), frame(wire.DATA, 0, 1)), ENHANCE_YOUR_CALM),
    "one-byte-data": (lambda: repeated(LARGE, frame(wire.DATA, 0, 1, b"x")), ENHANCE_YOUR_CALM),
    "padded-data": (
        lambda: repeated(head(1), frame(wire.DATA, wire.PADDED, 1, b"\x28" + bytes(40)), 100),
        ENHANCE_YOUR_CALM),
    "data-dribble": (lambda: repeated(DRIBBLE, update(1, 1)), ENHANCE_YOUR_CALM),
    "rapid-reset": (
        lambda: on_streams(lambda id: head(id) + frame(wire.RST_STREAM, 0, id, b"\0\0\0\x08")),
        ENHANCE_YOUR_CALM),
    "reset-of-closed": (
        lambda: repeated(head(1), frame(wire.RST_STREAM, 0, 1, b"\0\0\0\x08")),
        ENHANCE_YOUR_CALM),
    "made-you-reset-window": (
        lambda: on_streams(lambda id: head(id) + update(id, 0x7FFFFFFF)), ENHANCE_YOUR_CALM),
    "made-you-reset-zero": (
        lambda: on_streams(lambda id: head(id) + update(id, 0)), PROTOCOL_ERROR),
    "made-you-reset-data": (
        lambda: on_streams(lambda id: head(id, wire.END_HEADERS | wire.END_STREAM)
                           + frame(wire.DATA, 0, id, b"x")), STREAM_CLOSED),
    "malformed-requests": (
        lambda: on_streams(lambda id: head(id, encoded=wire.block([(":path", "/")]))),
        ENHANCE_YOUR_CALM),
    "too-many-streams": (lambda: on_streams(head), ENHANCE_YOUR_CALM),
    "continuation": (lambda: repeated(head(1, 0), TINY_CONTINUATION), ENHANCE_YOUR_CALM),
    "empty-continuation": (
        lambda: repeated(head(1, 0), frame(wire.CONTINUATION, 0, 1)), ENHANCE_YOUR_CALM),
}
HELLOS = {"data-dribble": NO_WINDOW}
# Plaintext and TLS differ in what stands before the frames, not in the frames: some are enough.
OVER_TLS = ["ping", "rapid-reset", "made-you-reset-window", "one-byte-data", "continuation"]


def flood(target, name, outcomes):
    """One offender: sends until it is stopped, or has sent 200,000 frames."""
    parts, _ = FLOODS[name]
    one = Offender(target, HELLOS.get(name, HELLO))
    for part in parts():
        if not one.send(part):
            break
    one.listen(2)
    one.close()
    outcomes.append(one.outcome or "nothing")


def besiege(bystander, attack):
    """Has `attack` made again and again, by some at once, until the bystander has seen enough."""
    start = time.monotonic()

    def again():
        while time.monotonic() - start < SECONDS_MAX:
            attack()
            if bystander.has_seen_enough and time.monotonic() - start >= SECONDS_MIN:
                return

    threads = [threading.Thread(target=again) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def check_flood(name, target, watched):
    outcomes = []
    with watched(target) as bystander:
        besiege(bystander, lambda: flood(target, name, outcomes))
    if target.context:
        bystander.check(f"{name} TLS", outcomes, TLS_MIB_MAX)
    else:
        bystander.check(name, outcomes, MIB_MAX)
    expected = FLOODS[name][1]
    assert expected in outcomes
    assert set(outcomes) <= {expected, "cut"}


@pytest.mark.parametrize("name", FLOODS)
def test_a_flood_is_told_or_cut(targets, watched, name):
    check_flood(name, targets["plaintext"], watched)


@pytest.mark.parametrize("name", OVER_TLS)
def test_over_tls_as_well(targets, watched, name):
    check_flood(name, targets["TLS"], watched)
