"""The worker libraries, as their users run them: a process of its own, in Python and in Swift."""

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from harness.certificates import Authority
from harness.contract import REPOSITORY, pb, stubs_folder
from harness.gateway import binary
from harness.progress import LiveProgress
from harness.relay import Relay
from harness.waiting import eventually

EXAMPLES = REPOSITORY / "Examples" / "worker"
WORKERS = REPOSITORY / "Tests" / "EndToEnd" / "workers"
FAST = ["--worker-ping", "500ms", "--worker-grace", "10s"]


@pytest.fixture(params=["python", "swift"])
def language(request):
    return request.param


@pytest.fixture
def run_worker():
    processes = []

    def run(*command):
        environment = {**os.environ, "PYTHONPATH": f"{EXAMPLES}:{stubs_folder()}"}
        processes.append(subprocess.Popen(
            list(map(str, command)), env=environment, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT))
        threading.Thread(target=processes[-1].stdout.read, daemon=True).start()
        return processes[-1]

    yield run
    for process in processes:
        process.kill()
        process.wait()


@pytest.fixture
def start_worker(language, run_worker, tmp_path):
    """Starts the worker with the functions of Tests/EndToEnd/workers in the organization `org`."""
    program = {
        "python": [sys.executable, WORKERS / "library_worker.py"],
        "swift": [Path(binary()).parent / "library-worker"],
    }[language]

    def start(address, name="w", files=()):
        return run_worker(*program, address, "org", name, tmp_path, *files)

    return start


@pytest.fixture
def start_relay():
    relays = []

    def start(gateway):
        relays.append(Relay(gateway.address))
        return relays[-1]

    yield start
    for relay in relays:
        relay.close()


def worker_function(client, function_id):
    return client._create_function(
        pb.Function(function_id=function_id, worker=pb.WorkerTarget()))


def subscribed(client, function_id, **delivery):
    """The event `e`, subscribed to by `s`."""
    worker_function(client, function_id)
    client.define("e")
    client.subscribe("e", function_id, "s", **delivery)
    return client


def lines(path):
    return path.read_text().splitlines() if path.exists() else []


def test_the_example_of_the_documentation(language, start_gateway, connect, run_worker):
    gateway = start_gateway()
    client = connect(gateway)
    worker_function(client, "count-words")
    client.define("text.written")
    client.subscribe("text.written", "count-words", "s")
    program = {
        "python": [sys.executable, EXAMPLES / "word_count.py"],
        "swift": [Path(binary()).parent / "word-count-worker"],
    }[language]
    worker = run_worker(*program, gateway.address)
    progress = client.run("text.written", b'{"text": "to be or not to be"}')
    assert json.loads(progress.output()) == {"to": 2, "be": 2, "or": 1, "not": 1}
    assert progress.log_texts() == ["4 different words"]
    error = client.run("text.written", b"{}").outcome("s").error
    assert (error.code, error.final) == ("NO_TEXT", True)
    assert error.error_class == pb.InvocationError.ERROR_CLASS_INPUT
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(10) == 0


def test_killed_workers_and_deploys_lose_nothing(start_gateway, connect, start_worker, tmp_path):
    """Three workers under load: each in turn is killed with -9 or drained and replaced."""
    gateway = start_gateway(options=["--worker-ping", "500ms", "--worker-grace", "1s"])
    client = subscribed(connect(gateway, "org"), "note", max_attempts=20, initial_backoff=0.05)
    names = iter(range(1_000))
    workers = [start_worker(gateway.address, f"w{next(names)}") for _ in range(3)]
    triggers = []
    is_over = threading.Event()

    def load():
        while not is_over.wait(0.01):
            triggers.append(client.emit("e", b"{}").trigger_id)

    loader = threading.Thread(target=load)
    loader.start()
    drained = []
    for turn in range(6):
        so_far = len(triggers)
        eventually(lambda: len(triggers) >= so_far + 50, what="load")
        old = workers.pop(0)
        workers.append(start_worker(gateway.address, f"w{next(names)}"))
        if turn % 2:
            old.kill()
        else:
            old.send_signal(signal.SIGTERM)
            drained.append(old)
    is_over.set()
    loader.join()
    assert [worker.wait(10) for worker in drained] == [0, 0, 0]

    def all_succeeded():
        found = client.list_triggers()
        return [t for t in found if t.state != pb.Trigger.STATE_SUCCEEDED] == [] and found

    done = eventually(all_succeeded, 30, "every trigger has succeeded")
    assert {t.trigger_id for t in done} == set(triggers)
    # Only what ran on a killed worker may have run twice: four at a time on each of three.
    attempts = lines(tmp_path / "runs")
    invocations = {line.split()[0] for line in attempts}
    assert len(invocations) == len(triggers)
    assert len(attempts) - len(invocations) <= 12


def test_a_killed_gateway_is_survived(start_gateway, connect, start_worker, tmp_path):
    gateway = start_gateway(options=FAST)
    client = subscribed(connect(gateway, "org"), "hold", max_attempts=5, initial_backoff=0.1)
    start_worker(gateway.address)
    trigger = client.emit("e", b"{}").trigger_id
    eventually(lambda: lines(tmp_path / "holding") == ["1"], what="it runs")
    gateway.kill()
    gateway.command[gateway.command.index("--listen") + 1] = gateway.address
    gateway.start()
    client = connect(gateway, "org")
    # Its lease is lost with the gateway, which gives the attempt out again.
    eventually(lambda: lines(tmp_path / "cancelled") == ["1"], what="it is given up")
    eventually(lambda: lines(tmp_path / "holding") == ["1", "1"], what="it runs again")
    (tmp_path / "gate").touch()
    assert client.finished(trigger).state == pb.Trigger.STATE_SUCCEEDED
    invocation = client.invocation_of(trigger, "s")
    assert invocation.output.data == b"first, second, third"
    assert [attempt.number for attempt in invocation.attempts] == [1]


@pytest.mark.parametrize("fault", ["cut", "freeze"])
def test_a_lost_connection_costs_no_attempt_and_no_output(
        fault, start_gateway, connect, start_worker, start_relay, tmp_path):
    gateway = start_gateway(options=FAST)
    client = subscribed(connect(gateway, "org"), "hold", max_attempts=1)
    relay = start_relay(gateway)
    start_worker(relay.address)
    live = LiveProgress(client.trigger("e", b"{}"))
    assert live.first("output").data == b"first, "
    getattr(relay, fault)()
    # What comes next is first heard on the new connection.
    (tmp_path / "gate").touch()
    assert live.end().first("summary").state == pb.Trigger.STATE_SUCCEEDED
    outputs = b"".join(u.output.data for u in live.updates if u.HasField("output"))
    assert outputs == b"first, second, third"
    invocation = client.invocation_of(live.first("accepted").trigger.trigger_id, "s")
    assert invocation.output.data == outputs
    assert invocation.output.data_type == "text/plain; charset=utf-8"
    assert [line.text for line in invocation.logs] == ["holding"]
    assert len(invocation.attempts) == 1


def test_what_is_done_while_the_gateway_is_away_is_told_later(
        start_gateway, connect, start_worker, start_relay, tmp_path):
    gateway = start_gateway(options=FAST)
    client = subscribed(connect(gateway, "org"), "hold", max_attempts=1)
    relay = start_relay(gateway)
    worker = start_worker(relay.address)
    trigger = client.emit("e", b"{}").trigger_id
    eventually(lambda: lines(tmp_path / "holding") == ["1"], what="it runs")
    relay.refuse()
    relay.cut()
    (tmp_path / "gate").touch()
    # It drains, and does not end before it has told the result.
    worker.send_signal(signal.SIGTERM)
    with pytest.raises(subprocess.TimeoutExpired):
        worker.wait(1)
    relay.accept()
    assert worker.wait(15) == 0
    assert client.finished(trigger).state == pb.Trigger.STATE_SUCCEEDED
    assert client.invocation_of(trigger, "s").output.data == b"first, second, third"


def test_a_function_learns_that_nobody_wants_its_result(
        start_gateway, connect, start_worker, tmp_path):
    gateway = start_gateway()
    client = subscribed(connect(gateway, "org"), "hold")
    start_worker(gateway.address)
    trigger = client.emit("e", b"{}").trigger_id
    eventually(lambda: lines(tmp_path / "holding") == ["1"], what="it runs")
    client.cancel(trigger)
    eventually(lambda: lines(tmp_path / "cancelled") == ["1"], what="it is told")
    # Its place is free again: four others run at once.
    for _ in range(4):
        client.emit("e", b"{}")
    eventually(lambda: len(lines(tmp_path / "holding")) == 5, what="the next ones run")


def test_an_error_says_how_it_is_to_be_taken(start_gateway, connect, start_worker):
    gateway = start_gateway()
    client = subscribed(connect(gateway, "org"), "fail", max_attempts=5, initial_backoff=0.001)
    start_worker(gateway.address)
    invocation = client.run("e", b"{}").outcome("s")
    first, second = client.get_invocation(invocation.invocation_id).attempts
    kind = pb.InvocationError
    assert (first.error.code, first.error.message, first.error.final) == ("BUSY", "not now", False)
    assert first.error.error_class == kind.ERROR_CLASS_FUNCTION
    assert second.start_time.ToNanoseconds() - first.end_time.ToNanoseconds() > 0.9e9
    assert (second.error.code, second.error.final) == ("NO_TEA", True)
    assert second.error.error_class == kind.ERROR_CLASS_INPUT


def test_a_worker_over_mutual_tls(start_gateway, connect, start_worker, tmp_path):
    authority = Authority(tmp_path, "authority")
    files = authority.issue("worker")
    gateway = start_gateway(options=authority.issue("server").options(authority))
    address = f"localhost:{gateway.port}"
    client = connect(
        gateway, "org", address=address, credentials=authority.credentials(files))
    subscribed(client, "note")
    start_worker(address, files=[authority.file, files.certificate, files.key])
    assert client.run("e", b"{}").output() == b'{"by": "w"}'


def test_a_worker_that_breaks_a_rule_ends_and_says_why(start_gateway, start_worker):
    gateway = start_gateway()
    assert start_worker(gateway.address, "n" * 257).wait(15) != 0
