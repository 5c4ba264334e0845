"""How much of a function runs: by key, by rate, and as long as it works."""

import json
import subprocess
import threading
import time

import pytest

from harness.client import duration
from harness.contract import pb
from harness.function_server import Reply
from harness.gateway import binary
from harness.refusal import refused
from harness.waiting import eventually

CLOSED, OPEN, HALF_OPEN = (
    pb.CircuitState.STATE_CLOSED, pb.CircuitState.STATE_OPEN, pb.CircuitState.STATE_HALF_OPEN)


class Customers:
    """An endpoint that holds each request of a customer until the customer is let go."""

    def __init__(self, functions, path="/customers"):
        self.url = functions.function(path, self._answer)
        self.path = path
        self._changed = threading.Condition()
        self._released = set()
        self._all = False
        self.running = {}
        self.most = {}

    def _answer(self, request):
        customer = json.loads(request.body)["customer"]
        with self._changed:
            self.running[customer] = self.running.get(customer, 0) + 1
            self.most[customer] = max(self.most.get(customer, 0), self.running[customer])
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._all or customer in self._released, 60)
            self.running[customer] -= 1
        return Reply()

    def release(self, *customers):
        with self._changed:
            self._released.update(customers)
            self._all = not customers
            self._changed.notify_all()

    def wait_for(self, customer, count, within=30):
        with self._changed:
            assert self._changed.wait_for(
                lambda: self.running.get(customer, 0) >= count, within), self.running


def emit(client, customer, count=1, event="order.created"):
    """Returns once all are durable."""
    requests = [
        pb.EmitEventsRequest(sequence=number, emit=pb.EmitEventRequest(
            event=event, data=json.dumps({"customer": customer}).encode()))
        for number in range(count)]
    answers = list(client.emit_each(requests))
    assert all(answer.HasField("accepted") for answer in answers), answers[:3]
    return [answer.accepted.trigger_id for answer in answers]


def running(client, function_id="f", **filters):
    return sum(invocation.state == pb.Invocation.STATE_RUNNING
               for invocation in client.invocations(function_id=function_id, **filters))


@pytest.fixture
def customers(client, functions):
    """order.created, of which two run at a time for each customer."""
    customers = Customers(functions)
    define(client, customers.url, concurrency_key="/data/customer", max_concurrency_per_key=2)
    yield customers
    customers.release()


def define(client, url, function_id="f", event="order.created", **flow):
    client.http_function(function_id, url, flow=pb.FlowControl(**flow))
    client.define(event)
    client.subscribe(event, function_id, f"to-{function_id}", initial_backoff=0.1, jitter=0,
                     max_attempts=20)


# Keys


def test_of_each_key_run_as_many_as_may_and_a_blocked_one_stalls_no_other(client, customers):
    ids = emit(client, "hot", 50)
    customers.wait_for("hot", 2)
    ids += emit(client, "other", 3)
    customers.wait_for("other", 2)
    ids += emit(client, "third")
    customers.wait_for("third", 1)
    assert customers.running["hot"] == 2
    assert running(client) == 5

    customers.release()
    for trigger_id in ids:
        assert client.finished(trigger_id).state == pb.Trigger.STATE_SUCCEEDED
    assert customers.most == {"hot": 2, "other": 2, "third": 1}


def test_another_key_starts_behind_thousands_of_a_blocked_one(client, customers):
    ids = emit(client, "hot", 5000)
    emit(client, "other")
    customers.wait_for("other", 1)
    assert customers.running["hot"] == 2

    customers.release("other")
    for trigger_id in ids[100:]:
        client.cancel(trigger_id)
    customers.release()
    for trigger_id in ids[:100]:
        assert client.finished(trigger_id).state == pb.Trigger.STATE_SUCCEEDED
    assert customers.most == {"hot": 2, "other": 1}


def test_what_waits_for_its_key_goes_on_after_a_kill(start_gateway, connect, functions):
    gateway = start_gateway()
    client = connect(gateway)
    customers = Customers(functions)
    define(client, customers.url, concurrency_key="/data/customer", max_concurrency_per_key=1)
    ids = emit(client, "hot", 300)
    customers.wait_for("hot", 1)

    gateway.kill()
    # What the killed gateway had called is not called by the next one at the same time.
    customers.release("hot")
    functions.settle()
    gateway.start()
    client = connect(gateway)

    for trigger_id in ids:
        assert client.finished(trigger_id).state == pb.Trigger.STATE_SUCCEEDED
    assert customers.most == {"hot": 1}


def test_a_limit_that_is_raised_is_in_force_at_once(client, customers):
    emit(client, "hot", 100)
    customers.wait_for("hot", 2)
    flow = pb.FlowControl(max_concurrency_per_key=7)
    client.update_function(
        pb.Function(function_id="f", flow=flow), ["flow.max_concurrency_per_key"])
    customers.wait_for("hot", 7)
    flow = client.get_function("f").flow
    assert (flow.concurrency_key, flow.max_concurrency_per_key) == ("/data/customer", 7)


def test_a_key_may_be_an_attribute(client, functions):
    held = functions.hold("/held")
    define(client, held.url, concurrency_key="/partitionkey", max_concurrency_per_key=1)
    client.subscribe("order.created", "f", "again")
    first = client.emit("order.created", ordering_key="k-1").trigger_id
    functions.wait_for("/held", 1)
    client.emit("order.created", ordering_key="k-2")
    functions.wait_for("/held", 2)
    assert running(client, trigger_id=first) == 1, "both of its invocations have the same key"
    held.release()
    assert client.finished(first).state == pb.Trigger.STATE_SUCCEEDED


# Rate


def test_attempts_start_by_their_rate(client, functions):
    times = []

    def answer(request):
        times.append(time.monotonic())
        return Reply()

    define(client, functions.function("/rated", answer), rate_per_second=20, burst=5)
    ids = [client.emit("order.created").trigger_id for _ in range(45)]
    for trigger_id in ids:
        assert client.finished(trigger_id).state == pb.Trigger.STATE_SUCCEEDED

    # 40 after the burst take two seconds at least; a call may have been late by some of that.
    assert len(times) == 45
    assert times[-1] - times[0] > 1.5
    for first in range(0, 45, 5):
        within = sum(times[first] <= moment < times[first] + 0.5 for moment in times)
        assert within <= 5 + 10 + 10, f"{within} in half a second"
    for trigger_id in ids:
        invocation = client.invocation_of(trigger_id, "to-f")
        assert len(invocation.attempts) == 1


def test_what_waits_for_the_rate_holds_up_no_other_function(client, functions):
    define(client, functions.function("/slow"), "slow", rate_per_second=0.001, burst=1)
    define(client, functions.function("/quick"), "quick", event="order.paid")
    waiting = [client.emit("order.created").trigger_id for _ in range(5)]
    functions.wait_for("/slow", 1)
    for _ in range(20):
        quick = client.emit("order.paid").trigger_id
        assert client.finished(quick).state == pb.Trigger.STATE_SUCCEEDED
    assert len(functions.received("/slow")) == 1

    client.update_function(
        pb.Function(function_id="slow"), ["flow.rate_per_second", "flow.burst"])
    for trigger_id in waiting:
        assert client.finished(trigger_id).state == pb.Trigger.STATE_SUCCEEDED


# Circuit breaker


class Flaky:
    """An endpoint that answers 503, and once it is mended holds what comes until it is let go."""

    def __init__(self, functions, path="/flaky"):
        self.url = functions.function(path, self._answer)
        self.path = path
        self.is_broken = True
        self.gate = threading.Event()

    def _answer(self, request):
        if self.is_broken:
            return Reply(503, b"out of order")
        self.gate.wait(60)
        return Reply()


@pytest.fixture
def flaky(functions):
    flaky = Flaky(functions)
    yield flaky
    flaky.gate.set()


def breaker(failures=3, seconds=1.0, successes=1):
    return pb.CircuitBreaker(
        failure_threshold=failures, open_duration=duration(seconds), success_threshold=successes)


def circuit(client, function_id="f"):
    return client.get_function(function_id).circuit


def test_a_circuit_opens_tries_once_and_closes(client, functions, flaky):
    define(client, flaky.url, circuit_breaker=breaker(successes=2))
    created = circuit(client)
    assert (created.state, created.reason) == (CLOSED, "")

    ids = [client.emit("order.created").trigger_id for _ in range(10)]
    eventually(lambda: circuit(client).state == OPEN)
    opened = circuit(client)
    assert opened.reason.startswith("3 attempts in a row failed: HTTP_503"), opened.reason
    assert opened.change_time.ToNanoseconds() >= created.change_time.ToNanoseconds()
    listed = client.functions.ListFunctions(pb.ListFunctionsRequest()).functions
    assert [function.circuit.state for function in listed] == [OPEN]

    flaky.is_broken = False
    half_open = eventually(lambda: circuit(client).state == HALF_OPEN and circuit(client))
    assert half_open.change_time.ToNanoseconds() > opened.change_time.ToNanoseconds()
    # The one that is let through is held by the endpoint: nothing else runs meanwhile.
    assert running(client) <= 1
    flaky.gate.set()
    for trigger_id in ids:
        assert client.finished(trigger_id).state == pb.Trigger.STATE_SUCCEEDED
    assert circuit(client).state == CLOSED
    assert circuit(client).reason


def test_an_open_circuit_costs_no_attempts(client, functions, flaky):
    define(client, flaky.url, circuit_breaker=breaker(failures=1, seconds=3600))
    first = client.emit("order.created").trigger_id
    eventually(lambda: circuit(client).state == OPEN)
    # Its retry is due within a tenth of a second, and these at once.
    others = [client.emit("order.created").trigger_id for _ in range(5)]
    define(client, functions.function("/clock"), "clock", event="tick", rate_per_second=10, burst=1)
    for _ in range(5):
        client.finished(client.emit("tick").trigger_id)
    assert len(functions.received(flaky.path)) == 1
    assert [len(client.invocation_of(trigger_id, "to-f").attempts)
            for trigger_id in (first, *others)] == [1, 0, 0, 0, 0, 0]

    # Another breaker begins anew, and lets through what waited.
    flaky.is_broken = False
    flaky.gate.set()
    client.update_function(
        pb.Function(function_id="f", flow=pb.FlowControl(circuit_breaker=breaker(failures=2))),
        ["flow.circuit_breaker"])
    assert circuit(client).state == CLOSED
    for trigger_id in (first, *others):
        assert client.finished(trigger_id).state == pb.Trigger.STATE_SUCCEEDED


def test_an_open_circuit_is_logged_once_and_forgotten_with_its_function(
    start_gateway, connect, functions, flaky
):
    gateway = start_gateway()
    client = connect(gateway)
    define(client, flaky.url, circuit_breaker=breaker(failures=1, seconds=3600))
    for _ in range(5):
        client.emit("order.created")
    eventually(lambda: circuit(client).state == OPEN)
    assert gateway.log_text().count("the circuit of a function is open") == 1

    client.functions.DeleteFunction(pb.DeleteFunctionRequest(function_id="f", force=True))
    client.http_function("f", flaky.url, flow=pb.FlowControl(circuit_breaker=breaker()))
    assert circuit(client).state == CLOSED
    client.update_function(pb.Function(function_id="f"), ["flow.circuit_breaker"])
    assert not client.get_function("f").HasField("circuit")


def test_payloads_that_are_refused_open_no_circuit(client, functions):
    define(
        client, functions.function("/picky", Reply(400)),
        circuit_breaker=breaker(failures=1, seconds=3600))
    for _ in range(3):
        trigger_id = client.emit("order.created").trigger_id
        assert client.finished(trigger_id).state == pb.Trigger.STATE_FAILED
    assert circuit(client).state == CLOSED


# Commands


def test_flow_control_on_the_command_line(gateway, organization, client):
    def run(*arguments):
        result = subprocess.run(
            [binary(), "function", *arguments, "--gateway", gateway.address, "--org",
             organization], capture_output=True, timeout=60)
        assert result.returncode == 0, result.stderr.decode()
        return result.stdout.decode()

    run("create", "f", "--url", "http://mail.test", "--concurrency-key", "/data/customer",
        "--max-concurrency-per-key", "3", "--rate", "2.5", "--burst", "7",
        "--circuit-failures", "4", "--circuit-open", "1m", "--circuit-successes", "2")
    flow = client.get_function("f").flow
    assert (flow.concurrency_key, flow.max_concurrency_per_key) == ("/data/customer", 3)
    assert (flow.rate_per_second, flow.burst, flow.max_concurrency) == (2.5, 7, 64)
    assert flow.circuit_breaker == breaker(4, 60, 2)
    shown = run("get", "f")
    assert "circuit:\n  state: STATE_CLOSED" in shown, shown
    assert "STATE_CLOSED" in run("list")

    run("update", "f", "--rate", "9")
    changed = client.get_function("f").flow
    assert (changed.rate_per_second, changed.burst) == (9, 7)
    assert changed.circuit_breaker == breaker(4, 60, 2)
    run("update", "f", "--rate", "0", "--concurrency-key", "", "--clear-circuit")
    assert client.get_function("f").flow == pb.FlowControl(max_concurrency=64)


# Bad input


@pytest.mark.parametrize("field, flow", [
    ("concurrency_key", {"concurrency_key": "data", "max_concurrency_per_key": 1}),
    ("concurrency_key", {"concurrency_key": "/a~2", "max_concurrency_per_key": 1}),
    ("concurrency_key", {"concurrency_key": "/" + 256 * "x", "max_concurrency_per_key": 1}),
    ("concurrency_key", {"max_concurrency_per_key": 1}),
    ("max_concurrency_per_key", {"concurrency_key": "/data"}),
    ("max_concurrency_per_key", {"concurrency_key": "/data", "max_concurrency_per_key": -1}),
    ("max_concurrency_per_key", {"concurrency_key": "/data", "max_concurrency_per_key": 65}),
    ("max_concurrency_per_key",
     {"concurrency_key": "/data", "max_concurrency_per_key": 3, "max_concurrency": 2}),
    ("rate_per_second", {"rate_per_second": float("nan")}),
    ("rate_per_second", {"rate_per_second": float("inf")}),
    ("rate_per_second", {"rate_per_second": -1}),
    ("rate_per_second", {"rate_per_second": 0.000001}),
    ("rate_per_second", {"rate_per_second": 100000.5}),
    ("rate_per_second", {"burst": 1}),
    ("burst", {"rate_per_second": 1, "burst": -1}),
    ("burst", {"rate_per_second": 1, "burst": 100001}),
    ("circuit_breaker.failure_threshold", {"circuit_breaker": breaker(failures=1001)}),
    ("circuit_breaker.failure_threshold", {"circuit_breaker": breaker(failures=-1)}),
    ("circuit_breaker.open_duration", {"circuit_breaker": breaker(seconds=0.099)}),
    ("circuit_breaker.open_duration", {"circuit_breaker": breaker(seconds=86401)}),
    ("circuit_breaker.success_threshold", {"circuit_breaker": breaker(successes=101)}),
])
def test_flow_control_beyond_its_limits_is_refused(client, field, flow):
    flow = pb.FlowControl(**flow)
    with refused("INVALID_ARGUMENT", "FIELD_INVALID", field=f"function.flow.{field}"):
        client.http_function("f", "http://mail.test", flow=flow)
    client.http_function("f", "http://mail.test")
    with refused("INVALID_ARGUMENT", "FIELD_INVALID", field=f"function.flow.{field}"):
        client.update_function(pb.Function(function_id="f", flow=flow), ["flow"])


def test_flow_control_at_its_limits_is_taken(client):
    flow = pb.FlowControl(
        max_concurrency=1000, concurrency_key="/" + 255 * "x", max_concurrency_per_key=1000,
        rate_per_second=100000, burst=100000, circuit_breaker=breaker(1000, 86400, 100))
    assert client.http_function("most", "http://mail.test", flow=flow).flow == flow
    flow = pb.FlowControl(
        max_concurrency=1, concurrency_key="/", max_concurrency_per_key=1,
        rate_per_second=0.00001, circuit_breaker=breaker(1, 0.1, 1))
    assert client.http_function("least", "http://mail.test", flow=flow).flow == flow


def test_a_circuit_that_a_client_sends_is_ignored(client):
    target = pb.HttpTarget(url="http://mail.test")
    made = client.functions.CreateFunction(pb.CreateFunctionRequest(function=pb.Function(
        function_id="f", http=target, circuit=pb.CircuitState(state=OPEN, reason="mine"))))
    assert not made.HasField("circuit")
