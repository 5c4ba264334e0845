"""Waiting for what another process does: bounded, and never a guess at how long it takes."""

import time


def eventually(condition, within=15, what=""):
    """Asks until `condition()` is true and returns its value; fails after `within` seconds."""
    deadline = time.monotonic() + within
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not so within {within} s: {what or condition}")
        time.sleep(0.01)
