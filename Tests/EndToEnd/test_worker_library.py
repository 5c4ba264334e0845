"""The worker library in Examples/worker, as its users run it: a process of its own."""

import json
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from harness.contract import REPOSITORY, pb, stubs_folder
from harness.progress import LiveProgress
from harness.waiting import eventually

LIBRARY = REPOSITORY / "Examples" / "worker"

FLAKY = """
import os, sys, time
from dispatch_worker import Worker
worker = Worker(sys.argv[1], organization=sys.argv[2], name=sys.argv[3], concurrency=4)
@worker.function("f")
def f(job):
    with open(sys.argv[4], "a") as runs:
        runs.write(f"{job.invocation_id} {job.attempt}\\n")
    time.sleep(0.02)
    return {"by": sys.argv[3]}
worker.run()
"""


@pytest.fixture
def run_worker():
    processes = []

    def run(*command, log=subprocess.DEVNULL):
        environment = {**os.environ, "PYTHONPATH": f"{LIBRARY}:{stubs_folder()}"}
        processes.append(subprocess.Popen(
            [sys.executable, *map(str, command)], env=environment, stdout=log, stderr=log))
        return processes[-1]

    yield run
    for process in processes:
        process.kill()
        process.wait()


def worker_function(client, function_id):
    return client._create_function(
        pb.Function(function_id=function_id, worker=pb.WorkerTarget()))


def test_the_example_of_the_documentation(start_gateway, connect, run_worker):
    gateway = start_gateway()
    client = connect(gateway)
    worker_function(client, "count-words")
    client.define("text.written")
    client.subscribe("text.written", "count-words", "s")
    worker = run_worker(LIBRARY / "word_count.py", gateway.address)
    progress = client.run("text.written", b'{"text": "to be or not to be"}')
    assert json.loads(progress.output()) == {"to": 2, "be": 2, "or": 1, "not": 1}
    assert progress.log_texts() == ["4 different words"]
    failed = client.run("text.written", b"{}").outcome("s")
    assert (failed.error.code, failed.error.final) == ("Final", True)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(10) == 0


def test_killed_workers_and_deploys_lose_nothing(start_gateway, connect, run_worker, tmp_path):
    """Three workers under load: each in turn is killed with -9 or drained and replaced."""
    gateway = start_gateway(options=["--worker-ping", "500ms", "--worker-grace", "1s"])
    client = connect(gateway, "org")
    worker_function(client, "f")
    client.define("e")
    client.subscribe("e", "f", "s", max_attempts=20, initial_backoff=0.05)
    script, runs = tmp_path / "flaky.py", tmp_path / "runs"
    script.write_text(FLAKY)

    def start(name):
        return run_worker(script, gateway.address, "org", name, runs)

    names = iter(range(1_000))
    workers = [start(f"w{next(names)}") for _ in range(3)]
    triggers = []
    is_over = threading.Event()

    def load():
        while not is_over.wait(0.01):
            triggers.append(client.emit("e", b"{}").trigger_id)

    loader = threading.Thread(target=load)
    loader.start()
    drained = []
    for turn in range(6):
        time.sleep(1)
        old = workers.pop(0)
        workers.append(start(f"w{next(names)}"))
        if turn % 2:
            old.kill()
        else:
            old.send_signal(signal.SIGTERM)
            drained.append(old)
    is_over.set()
    loader.join()
    assert [worker.wait(10) for worker in drained] == [0, 0, 0]

    def unfinished():
        found = client.list_triggers()
        return [t for t in found if t.state != pb.Trigger.STATE_SUCCEEDED] == [] and found

    done = eventually(unfinished, 30, "every trigger has succeeded")
    assert {t.trigger_id for t in done} == set(triggers)
    # Only what ran on a killed worker may have run twice: four at a time on each of three.
    attempts = runs.read_text().splitlines()
    invocations = {line.split()[0] for line in attempts}
    assert len(invocations) == len(triggers)
    assert len(attempts) - len(invocations) <= 12


def test_a_restart_of_the_gateway_is_survived(start_gateway, connect, run_worker, tmp_path):
    gateway = start_gateway()
    client = connect(gateway, "org")
    worker_function(client, "f")
    client.define("e")
    client.subscribe("e", "f", "s", max_attempts=5, initial_backoff=0.1)
    script, runs = tmp_path / "flaky.py", tmp_path / "runs"
    script.write_text(FLAKY)
    port = gateway.address.rpartition(":")[2]
    run_worker(script, gateway.address, "org", "w", runs)
    client.run("e", b"{}")
    gateway.kill()
    gateway.command[gateway.command.index("--listen") + 1] = f"127.0.0.1:{port}"
    gateway.start()
    client = connect(gateway, "org")
    live = LiveProgress(client.trigger("e", b"{}"))
    assert live.end().first("summary").state == pb.Trigger.STATE_SUCCEEDED
