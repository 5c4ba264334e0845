"""The workers of docs/workers.md on bare generated code: nothing is lost, whoever dies."""

import json
import signal
import threading

import pytest

from harness.contract import pb
from harness.relay import Relay
from harness.waiting import eventually

PROGRAMS = ["cpp-worker", "go-worker"]


@pytest.fixture
def run(start_program):
    def run(program, address, name):
        return start_program(program, address, "org", name)
    return run


def subscribed(client):
    client._create_function(pb.Function(function_id="count-words", worker=pb.WorkerTarget()))
    client.define("text.written")
    client.subscribe("text.written", "count-words", "s", max_attempts=20, initial_backoff=0.05)
    return client


def emit(client):
    return client.emit("text.written", b'{"text": "to be"}').trigger_id


def all_succeeded(client, triggers):
    def found():
        done = client.list_triggers()
        return [t for t in done if t.state != pb.Trigger.STATE_SUCCEEDED] == [] and done
    done = eventually(found, 30, "every trigger has succeeded")
    assert {trigger.trigger_id for trigger in done} == set(triggers)


@pytest.mark.parametrize("program", PROGRAMS)
def test_an_example_counts_words(program, start_gateway, connect, run):
    gateway = start_gateway()
    client = subscribed(connect(gateway, "org"))
    worker = run(program, gateway.address, "blue")
    progress = client.run("text.written", b'{"text": "To be or not to be"}')
    assert json.loads(progress.output()) == {"to": 2, "be": 2, "or": 1, "not": 1}
    assert progress.log_texts() == ["4 different words"]
    assert [attempt.worker for attempt in progress.outcome("s").attempts] == ["blue"]
    error = client.run("text.written", b"{}").outcome("s").error
    assert (error.code, error.final) == ("NO_TEXT", True)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(10) == 0


@pytest.mark.parametrize("program", PROGRAMS)
def test_killed_workers_and_deploys_lose_nothing(program, start_gateway, connect, run):
    gateway = start_gateway("--worker-ping", "500ms", "--worker-grace", "1s")
    client = subscribed(connect(gateway, "org"))
    names = (f"w{number}" for number in range(1_000))
    workers = {name: run(program, gateway.address, name) for name, _ in zip(names, range(2))}
    triggers, killed = [], set()
    is_over = threading.Event()

    def load():
        while not is_over.wait(0.01):
            triggers.append(emit(client))

    loader = threading.Thread(target=load)
    loader.start()
    for turn in range(4):
        so_far = len(triggers)
        eventually(lambda: len(triggers) >= so_far + 30, what="load")
        name = next(names)
        workers[name] = run(program, gateway.address, name)
        oldest = next(iter(workers))
        old = workers.pop(oldest)
        if turn % 2:
            killed.add(oldest)
            old.kill()
        else:
            old.send_signal(signal.SIGTERM)
            assert old.wait(10) == 0
    is_over.set()
    loader.join()
    all_succeeded(client, triggers)
    # Nothing fails but by the loss of a worker that was killed.
    for invocation in client.invocations(event="text.written"):
        for attempt in client.get_invocation(invocation.invocation_id).attempts[:-1]:
            assert attempt.error.code == "WORKER_LOST" and attempt.worker in killed


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_killed_gateway_is_survived(program, start_gateway, connect, run):
    gateway = start_gateway()
    client = subscribed(connect(gateway, "org"))
    run(program, gateway.address, "w")
    triggers = [emit(client) for _ in range(20)]
    gateway.kill()
    gateway.command[gateway.command.index("--listen") + 1] = gateway.address
    gateway.start()
    client = connect(gateway, "org")
    triggers += [emit(client) for _ in range(20)]
    all_succeeded(client, triggers)


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_connection_that_falls_silent_is_given_up(program, start_gateway, connect, run):
    gateway = start_gateway("--worker-ping", "500ms")
    client = subscribed(connect(gateway, "org"))
    relay = Relay(gateway.address)
    run(program, relay.address, "w")
    assert client.finished(emit(client)).state == pb.Trigger.STATE_SUCCEEDED
    relay.freeze()
    trigger = emit(client)
    assert client.finished(trigger).state == pb.Trigger.STATE_SUCCEEDED
    assert len(client.invocation_of(trigger, "s").attempts) == 1
    relay.close()
