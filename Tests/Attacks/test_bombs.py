"""Few bytes that would become many: each is answered, and nothing of it is kept. They come again and
again on one connection after the other."""

import struct
import time
import zlib

import pytest

import offender
from harness import frames as wire
from harness.frames import block, frame
from offender import Offender, head

MIB_MAX = 24
SECONDS_MIN, SECONDS_MAX = 1.0, 15
ENCODED = block([*offender.HEAD, ("grpc-encoding", "gzip")])


def gzipped(count):
    squeeze = zlib.compressobj(9, zlib.DEFLATED, 31)
    zeros = bytes(1 << 20)
    return b"".join(squeeze.compress(zeros) for _ in range(count >> 20)) + squeeze.flush()


def in_frames(stream, payload):
    """DATA of at most 16 KiB each, the last one ending the stream."""
    parts = [payload[start:start + 16_384] for start in range(0, len(payload), 16_384)]
    return b"".join(
        frame(wire.DATA, wire.END_STREAM if part is parts[-1] else 0, stream, part)
        for part in parts)


def continued(encoded, each=16_000):
    """A header section in HEADERS and CONTINUATION frames."""
    parts = [encoded[start:start + each] for start in range(0, len(encoded), each)]
    return frame(wire.HEADERS, 0, 1, parts[0]) + b"".join(
        frame(wire.CONTINUATION, wire.END_HEADERS if part is parts[-1] else 0, 1, part)
        for part in parts[1:])


# Of 48 MiB, more than eleven times the most that a message may have.
ZEROS = gzipped(48 << 20)
# One field of 4 KB in the table, and 8,000 references to it.
REFERENCES = b"\x40\x01x\x7f\xa1\x1e" + b"y" * 4000 + b"\xbe" * 8_000
LARGE_TRAILERS = frame(
    wire.HEADERS, wire.END_HEADERS | wire.END_STREAM, 1, block([("x", "y" * 12_000)]))

ANSWERED, RESET, COMPRESSION_ERROR = "answered", "reset 0xb", "told 0x9"

# What is sent, and what becomes of it; a connection that is told may be cut before it reads that.
BOMBS = {
    "oversized-headers": (
        head(1, encoded=block([*offender.HEAD, ("x", "y" * 12_000)])), ANSWERED),
    "oversized-continuation": (
        continued(block([*offender.HEAD, ("x", "y" * 100_000)])), COMPRESSION_ERROR),
    "many-fields": (
        head(1, encoded=block([*offender.HEAD, *[("x", "")] * 3_000])), ANSWERED),
    "oversized-trailers": (head(1) + LARGE_TRAILERS, ANSWERED),
    "hpack-bomb": (head(1, encoded=offender.HEAD_BLOCK + REFERENCES), RESET),
    "hpack-continuation": (
        continued(offender.HEAD_BLOCK + REFERENCES + b"\xbe" * 100_000), RESET),
    "giant-length": (head(1) + frame(wire.DATA, 0, 1, b"\0\xff\xff\xff\xff"), ANSWERED),
    "gzip-bomb": (
        head(1, encoded=ENCODED) + in_frames(1, struct.pack(">BI", 1, len(ZEROS)) + ZEROS),
        ANSWERED),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_answered_and_costs_nothing(targets, watched, name):
    bomb, expected = BOMBS[name]
    outcomes = []
    with watched(targets["plaintext"]) as bystander:
        start = time.monotonic()
        while time.monotonic() - start < SECONDS_MAX:
            one = Offender(targets["plaintext"])
            one.send(bomb)
            one.listen(5, lambda one: one.answered)
            outcomes.append(one.told)
            one.close()
            if bystander.has_seen_enough and time.monotonic() - start >= SECONDS_MIN:
                break
    bystander.check(name, outcomes, MIB_MAX)
    assert expected in outcomes
    assert set(outcomes) <= ({expected, "cut"} if expected == COMPRESSION_ERROR else {expected})
