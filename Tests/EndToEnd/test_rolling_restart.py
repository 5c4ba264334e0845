"""Two gateways, of which one after the other is restarted under load: no client sees a failed call."""

import socket
import subprocess
import threading
import time

import grpc
import pytest

from harness.client import Client
from harness.contract import pb, services
from harness.gateway import binary
from harness.waiting import eventually

CALLERS = 6
ROUNDS = 4


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


@pytest.fixture
def pair(tmp_path, start_gateway, scripts):
    """Both with the event `order.created`, whose function takes a moment, and `order.paid`, which has
    none: what is emitted faster than it runs would hold up the streams."""
    gateways = [
        start_gateway(tmp_path / name, listen=[f"127.0.0.1:{free_port()}"],
                      options=["--drain-seconds", "20"])
        for name in ("a", "b")]
    for gateway in gateways:
        client = Client(gateway.address)
        client.process_function("echo", scripts / "echo.sh")
        client.define("order.created", function_id="echo")
        client.define("order.paid")
        client.close()
    return gateways


class Load:
    """Callers that do not rest until it is over; the first failure counts."""

    def __init__(self, *calls):
        self.failure, self.counts = None, [0] * CALLERS
        self._over = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, args=(number, calls[number % len(calls)]))
            for number in range(CALLERS)]

    def _run(self, number, call):
        while not self._over.is_set() and self.failure is None:
            try:
                call()
            except Exception as failure:
                self.failure = failure
            self.counts[number] += 1

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        for thread in self._threads:
            thread.join()


def restart_in_turn(gateways, load):
    for number in range(ROUNDS):
        # Every caller is at it, and has been since the last restart: also by the way of the other one.
        before = list(load.counts)
        eventually(lambda: load.failure or all(
            now >= then + 5 for now, then in zip(load.counts, before)), within=60)
        gateway = gateways[number % 2]
        assert gateway.terminate() == 0
        gateway.start()
        # Clients come back to it after their backoff; both gone at once would be another matter.
        time.sleep(1.5)


@pytest.mark.parametrize("policy", ["pick_first", "round_robin"])
def test_grpcio_sees_no_failed_call(pair, policy):
    channel = grpc.insecure_channel(
        "ipv4:" + ",".join(gateway.address for gateway in pair),
        options=[("grpc.lb_policy_name", policy), ("grpc.initial_reconnect_backoff_ms", 200)])
    events, triggers = services.EventServiceStub(channel), services.TriggerServiceStub(channel)

    def read():
        assert events.GetEvent(pb.GetEventRequest(event="order.created"), timeout=30).event

    def write():
        request = pb.EmitEventRequest(event="order.paid", data=b"x")
        assert triggers.EmitEvent(request, timeout=30).trigger_id

    def stream():
        request = pb.TriggerEventRequest(event="order.created", data=b"x")
        *_, last = triggers.TriggerEvent(request, timeout=30)
        assert last.summary.succeeded == 1

    with Load(read, write, stream) as load:
        restart_in_turn(pair, load)
    channel.close()
    assert load.failure is None, load.failure
    assert min(load.counts) >= 5 * ROUNDS


def test_the_command_line_sees_no_failed_call(pair):
    addresses = ",".join(gateway.address for gateway in pair)

    def run(*arguments):
        result = subprocess.run(
            [binary(), *arguments, "--gateway", addresses, "--timeout", "30"],
            capture_output=True, text=True, timeout=60)
        assert result.returncode == 0, result.stderr

    with Load(
        lambda: run("event", "get", "order.created"),
        lambda: run("emit", "order.paid", "--data", "{}"),
        lambda: run("trigger", "order.created", "--data", "{}"),
    ) as load:
        restart_in_turn(pair, load)
    assert load.failure is None, load.failure
