"""Kills the gateway at random moments under a load of every kind, restarts it, and has the checker
judge what clients were told and functions saw.

CRASH_SEED replays a run as far as threads allow; CRASH_ROUNDS says how many kills.
"""

import os

import pytest

from crash.checker import CHECKS
from crash.judgement import Judgement
from crash.suite import Suite
from harness.function_server import FunctionServer
from harness.measurements import note

ROUNDS = int(os.environ.get("CRASH_ROUNDS", "20"))
SEED = os.environ.get("CRASH_SEED") or os.urandom(4).hex()
SHOWN_MAX = 20


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    """A run with all its kills, idle again."""
    print(f"CRASH_SEED={SEED} CRASH_ROUNDS={ROUNDS}")
    server = FunctionServer()
    suite = Suite(SEED, server, tmp_path_factory.mktemp("crash"))
    try:
        suite.start()
        for number in range(ROUNDS):
            suite.round(number)
        suite.finish()
        history = suite.history()
    finally:
        suite.close()
        server.close()
    resumed = sum(stream.resumed for stream in history.streams)
    note(f"crash suite: CRASH_SEED={SEED}, {suite.kills} kills, {len(history.triggers)} triggers, "
         f"{len(history.runs)} runs, {resumed} streams resumed, {len(history.cancels)} cancels, "
         f"{len(history.pauses)} pauses, {len(history.redrives)} redrives")
    return Judgement(history)


def test_the_load_did_what_it_is_for(judged):
    history = judged.history
    assert history.sent and history.runs and history.process_runs and history.follows[0].told
    if ROUNDS >= 20:
        assert any(stream.resumed for stream in history.streams)
        assert any(run.is_cut for run in history.runs), "no kill came while a function ran"
        assert any(cancel.attempts for cancel in history.cancels)
        assert history.pauses and history.redrives
        assert any(sent.sendings > 1 for sent in history.sent)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_promise(judged, check):
    wrong = list(check(judged))
    assert not wrong, f"CRASH_SEED={SEED}: {len(wrong)} violations:\n" + "\n".join(
        wrong[:SHOWN_MAX])
