"""Functions that are processes which take one invocation after another."""

import base64
import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

from harness.client import Client, duration
from harness.contract import REPOSITORY, pb
from harness.gateway import FUNCTIONS
from harness.progress import LiveProgress
from harness.refusal import refused
from harness.waiting import eventually

ERROR = pb.InvocationError
SUCCEEDED = pb.Invocation.STATE_SUCCEEDED


class Kept:
    """The function `f` on kept processes, and the processes that it has had."""

    def __init__(self, client, folder, **keep_alive):
        self.client = client
        self.folder = folder
        client.define("order.created")
        client.process_function(
            "f", FUNCTIONS / "kept.py", folder, keep_alive=keep_alive_of(**keep_alive))
        self.subscribe()

    def subscribe(self, max_attempts=1, **delivery):
        subscription = self.client.subscription_ids()
        for name in subscription:
            self.client.subscriptions.DeleteSubscription(
                pb.DeleteSubscriptionRequest(subscription_id=name))
        self.client.subscribe(
            "order.created", "f", "s", max_attempts=max_attempts, initial_backoff=0.01, **delivery)

    def run(self, data=None, **fields):
        return self.client.run(
            "order.created", json.dumps(data).encode(), **fields).outcome("s")

    @property
    def pids(self):
        try:
            return [int(line) for line in (self.folder / "pids").read_text().split()]
        except FileNotFoundError:
            return []

    def wait_until(self, name):
        """Until a process waits for `name`, with a FIFO that `release` opens."""
        eventually(lambda: (self.folder / f"{name}.waits").exists(), what=f"{name} is waited for")

    def hold(self, name):
        os.mkfifo(self.folder / name)
        return {"wait_for": name}

    def release(self, name):
        (self.folder / name).write_text("go")


def keep_alive_of(processes=1, invocations=0, idle=None):
    return pb.ProcessTarget.KeepAlive(
        processes_max=processes, invocations_max=invocations,
        idle_timeout=None if idle is None else duration(idle))


def is_running(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_until_gone(*pids):
    for pid in pids:
        eventually(lambda pid=pid: not is_running(pid), what=f"process {pid} is gone")


@pytest.fixture
def kept(client, tmp_path):
    return lambda **keep_alive: Kept(client, tmp_path, **keep_alive)


# What it is asked and answers


def test_one_process_takes_one_invocation_after_another(kept):
    kept = kept()

    outputs = [json.loads(kept.run(number).output.data) for number in range(20)]

    assert [output["event"]["data"] for output in outputs] == list(range(20))
    assert {output["pid"] for output in outputs} == set(kept.pids)
    assert len(kept.pids) == 1


def test_it_gets_the_event_with_what_it_needs_to_know_of_the_invocation(kept, client):
    outcome = kept().run(
        {"a": "line\nline"}, source="/shop", metadata={"tenant": "eu"}, ordering_key="k")

    event = json.loads(outcome.output.data)["event"]
    assert event["id"] == outcome.trigger_id
    assert event["dispatchinvocation"] == outcome.invocation_id
    assert event["dispatchattempt"] == "1"
    assert event["dispatchdeadline"] > event["time"]
    assert (event["source"], event["tenant"], event["partitionkey"]) == ("/shop", "eu", "k")
    assert event["data"] == {"a": "line\nline"}


@pytest.mark.parametrize("answer, output, data_type", [
    ({}, b"", ""),
    ({"output": {"a": [1, None]}}, b'{"a":[1,null]}', "application/json"),
    ({"output": "text", "data_type": "text/plain"}, b"text", "text/plain"),
    ({"output_base64": base64.b64encode(bytes(range(256))).decode()}, bytes(range(256)), ""),
])
def test_what_it_answers_is_the_output(kept, answer, output, data_type):
    outcome = kept().run({"answer": answer})

    assert outcome.state == SUCCEEDED
    assert (outcome.output.data, outcome.output.data_type) == (output, data_type)


def test_an_output_beyond_what_is_kept_is_cut_off_and_marked(kept):
    large = {"answer": {"output": "x" * 300_000, "data_type": "text/plain"}}

    outcome = kept().run(large)

    assert outcome.state == SUCCEEDED
    assert len(outcome.output.data) == 256 << 10
    assert outcome.output.truncated


def test_an_error_is_one_of_the_function_and_tried_again(kept):
    kept = kept()
    kept.subscribe(max_attempts=2)

    outcome = kept.run({"answer": {"error": {"code": "NO_STOCK", "message": "none left"}}})

    assert (outcome.error.error_class, outcome.error.code, outcome.error.message) \
        == (ERROR.ERROR_CLASS_FUNCTION, "NO_STOCK", "none left")
    assert len(outcome.attempts) == 2
    assert len(kept.pids) == 1


def test_a_final_error_is_not_tried_again(kept):
    kept = kept()
    kept.subscribe(max_attempts=5)

    outcome = kept.run({"answer": {"error": {"final": True, "retry_after": 1.5}}})

    assert outcome.error.final
    assert outcome.error.retry_after.ToMilliseconds() == 1500
    assert len(outcome.attempts) == 1


def test_logs_are_of_the_invocation_that_runs(kept):
    kept = kept()

    for number in range(3):
        outcome = kept.run({"log": f"this is {number}"})
        assert [line.text for line in outcome.logs] == [f"this is {number}"]


def test_an_example_in_python_answers(start_gateway, connect):
    client = connect(start_gateway(functions=[REPOSITORY / "Examples" / "functions"]))
    client.define("order.created")
    client.process_function(
        "weigh", REPOSITORY / "Examples" / "functions" / "weigh-order",
        keep_alive=keep_alive_of())
    client.subscribe("order.created", "weigh", "s")

    order = {"order": 7, "items": [{"sku": "tea", "quantity": 2}, {"sku": "cup", "quantity": 1}]}
    outcome = client.run("order.created", json.dumps(order).encode()).outcome("s")

    assert json.loads(outcome.output.data) == {"grams": 500}
    assert [line.text for line in outcome.logs] == ["weighed order 7"]


# What goes wrong


@pytest.mark.parametrize("garbage, times, problem", [
    ("hello\n", 1, "not JSON"), ("{}\n", 1, "without an id"),
    ('{"id": "x"}\n', 1, "another invocation"), ("[]\n", 1, "not an object"),
    ("\n", 1, "not JSON"), ("x", 2_100_000, "longer than 2097152 bytes"),
    ('{"id": "x", "id": "y"}\n', 1, "not JSON"),
])
def test_an_answer_that_is_none_fails_the_attempt_and_ends_the_process(
        kept, garbage, times, problem):
    kept = kept()

    outcome = kept.run({"write": garbage, "times": times})

    assert (outcome.error.error_class, outcome.error.code) \
        == (ERROR.ERROR_CLASS_FUNCTION, "PROCESS_PROTOCOL")
    assert not outcome.error.final
    assert problem in outcome.error.message
    wait_until_gone(kept.pids[0])
    assert kept.run().state == SUCCEEDED
    assert len(kept.pids) == 2


@pytest.mark.parametrize("answer, problem", [
    ({"outptu": 1}, "unknown member: 'outptu'"), ({"output": 1, "output_base64": ""}, "both"),
    ({"output": 1, "error": {}}, "both"), ({"output_base64": "*"}, "not base64"),
    ({"output": 1, "data_type": "text/plain"}, "not text"), ({"data_type": "x"}, "MIME type"),
    ({"error": []}, "not an object"), ({"error": {"code": "a b"}}, "error.code"),
    ({"error": {"retry_after": -1}}, "error.retry_after"),
])
def test_an_answer_that_says_what_it_can_not_is_refused(kept, answer, problem):
    outcome = kept().run({"answer": answer})

    assert outcome.error.code == "PROCESS_PROTOCOL"
    assert problem in outcome.error.message


def test_a_process_that_exits_is_replaced(kept):
    kept = kept()
    kept.subscribe(max_attempts=2)

    outcome = kept.run({"exit_once": 3})

    assert outcome.state == SUCCEEDED
    first = outcome.attempts[0].error
    assert (first.error_class, first.code, first.message) \
        == (ERROR.ERROR_CLASS_FUNCTION, "PROCESS_DIED",
            "the process exited with code 3 before it answered")
    assert len(kept.pids) == 2


def test_a_process_that_is_killed_is_replaced(kept, client):
    kept = kept()
    kept.subscribe(max_attempts=2)
    trigger = client.emit("order.created", json.dumps(kept.hold("gate")).encode()).trigger_id
    kept.wait_until("gate")

    os.kill(kept.pids[0], signal.SIGKILL)
    eventually(lambda: len(kept.pids) == 2, what="another process")
    kept.release("gate")

    assert client.finished(trigger).state == pb.Trigger.STATE_SUCCEEDED
    attempts = client.invocation_of(trigger, "s").attempts
    assert [attempt.error.code for attempt in attempts] == ["PROCESS_DIED", ""]
    assert "signal 9" in attempts[0].error.message


def test_a_process_that_is_killed_while_it_is_idle_fails_nothing(kept):
    kept = kept()
    kept.run()
    os.kill(kept.pids[0], signal.SIGKILL)
    wait_until_gone(kept.pids[0])

    for _ in range(3):
        assert kept.run().state == SUCCEEDED
    assert len(kept.pids) == 2


def test_one_that_is_too_late_is_killed_and_replaced(kept):
    kept = kept()
    kept.subscribe(attempt_timeout=0.5)
    held = kept.hold("gate")

    outcome = kept.run(held)

    assert outcome.error.code == "ATTEMPT_TIMEOUT"
    wait_until_gone(kept.pids[0])
    assert kept.run().state == SUCCEEDED
    assert len(kept.pids) == 2


def test_a_cancelled_invocation_ends_its_process(kept, client):
    kept = kept()
    live = LiveProgress(
        client.trigger("order.created", json.dumps(kept.hold("gate")).encode()))
    kept.wait_until("gate")

    client.cancel(live.first("accepted").trigger.trigger_id)

    wait_until_gone(kept.pids[0])
    assert kept.run().state == SUCCEEDED


def test_one_that_dies_at_once_is_not_started_over_and_over(client, tmp_path):
    client.define("order.created")
    client.process_function(
        "f", FUNCTIONS / "dies_at_once.sh", tmp_path, keep_alive=keep_alive_of())
    client.subscribe(
        "order.created", "f", "s", max_attempts=5, initial_backoff=0.01, max_backoff=0.01)

    outcome = client.run("order.created").outcome("s")

    assert [attempt.error.code for attempt in outcome.attempts] == ["PROCESS_DIED"] * 5
    assert (tmp_path / "starts").read_text().split() == ["start"] * 5
    first, last = outcome.attempts[0], outcome.attempts[-1]
    # 100, 200, 400 and 800 ms between the starts.
    assert last.end_time.ToNanoseconds() - first.start_time.ToNanoseconds() >= 1.4e9


# How many, and how long


def test_no_more_run_than_there_may_be_processes(kept, client):
    kept = kept(processes=2)
    gates = ["one", "two", "three"]
    triggers = [client.emit("order.created", json.dumps(kept.hold(gate)).encode()).trigger_id
                for gate in gates]
    kept.wait_until("one")
    kept.wait_until("two")

    assert client.invocations(trigger_id=triggers[2])[0].state == pb.Invocation.STATE_PENDING

    for gate in gates:
        kept.release(gate)
    assert {client.finished(t).state for t in triggers} == {pb.Trigger.STATE_SUCCEEDED}
    assert len(kept.pids) == 2


def test_a_process_is_replaced_after_so_many_invocations(kept):
    kept = kept(invocations=2)

    for _ in range(5):
        assert kept.run().state == SUCCEEDED

    assert len(kept.pids) == 3
    wait_until_gone(*kept.pids[:2])


def test_an_idle_process_ends(kept):
    kept = kept(idle=1)
    kept.run()

    wait_until_gone(kept.pids[0])

    assert kept.run().state == SUCCEEDED
    assert len(kept.pids) == 2


def test_an_update_replaces_the_processes_and_a_deletion_ends_them(kept, client):
    kept = kept()
    kept.run()
    function = client.get_function("f")
    client.update_function(pb.Function(function_id="f", metadata={"a": "b"}), mask=["metadata"])
    kept.run()
    assert len(kept.pids) == 1, "nothing that it was started with has changed"

    function.process.environment["COLOR"] = "blue"
    client.update_function(
        pb.Function(function_id="f", process=function.process), mask=["process"])

    wait_until_gone(kept.pids[0])
    assert kept.run().state == SUCCEEDED
    assert len(kept.pids) == 2
    client.functions.DeleteFunction(pb.DeleteFunctionRequest(function_id="f", force=True))
    wait_until_gone(*kept.pids)


def test_a_busy_process_answers_before_it_is_replaced(kept, client):
    kept = kept()
    trigger = client.emit("order.created", json.dumps(kept.hold("gate")).encode()).trigger_id
    kept.wait_until("gate")
    function = client.get_function("f")
    function.process.environment["COLOR"] = "blue"

    client.update_function(
        pb.Function(function_id="f", process=function.process), mask=["process"])
    kept.release("gate")

    assert client.finished(trigger).state == pb.Trigger.STATE_SUCCEEDED
    wait_until_gone(kept.pids[0])
    assert kept.run().state == SUCCEEDED


# The gateway's own end


def test_the_gateways_end_is_the_processes_end(start_gateway, connect, tmp_path):
    gateway = start_gateway()
    kept = Kept(connect(gateway), tmp_path, processes=3)
    kept.run()

    assert gateway.terminate() == 0

    assert not is_running(kept.pids[0])


def test_a_killed_gateway_leaves_no_process_and_loses_nothing(start_gateway, connect, tmp_path):
    gateway = start_gateway()
    kept = Kept(connect(gateway), tmp_path)
    held = json.dumps(kept.hold("gate")).encode()
    trigger = kept.client.emit("order.created", held).trigger_id
    kept.wait_until("gate")

    gateway.kill()
    # It waits for the FIFO; then it finds that nobody reads its answer.
    kept.release("gate")
    wait_until_gone(kept.pids[0])
    (tmp_path / "gate.waits").unlink()
    gateway.start()
    client = Client(gateway.address)
    kept.wait_until("gate")
    kept.release("gate")

    assert client.finished(trigger).state == pb.Trigger.STATE_SUCCEEDED
    assert len(kept.pids) == 2
    client.close()


def test_thousands_of_invocations_leave_nothing_open(start_gateway, connect, tmp_path):
    gateway = start_gateway()
    kept = Kept(connect(gateway), tmp_path, processes=4)
    files = Path(f"/proc/{gateway.pid}/fd")

    def run(count):
        requests = (
            pb.EmitEventsRequest(sequence=number, emit=pb.EmitEventRequest(
                event="order.created", data=b"{}"))
            for number in range(count))
        accepted = [answer.accepted.trigger_id for answer in kept.client.emit_each(requests, 60)]
        assert len(accepted) == count and all(accepted)
        eventually(lambda: not kept.client.invocations(
            states=[pb.Invocation.STATE_PENDING, pb.Invocation.STATE_RUNNING,
                    pb.Invocation.STATE_RETRYING]), within=120, what="all have run")

    run(100)
    open_files = len(list(files.iterdir()))
    run(3000)

    assert len(list(files.iterdir())) <= open_files + 4, "the connections and pipes of before"
    children = subprocess.run(
        ["ps", "--ppid", str(gateway.pid), "-o", "stat="], capture_output=True).stdout.split()
    assert len(children) <= 4
    assert not [state for state in children if state.startswith(b"Z")]


# Definitions


@pytest.mark.parametrize("field, value", [
    ("processes_max", -1), ("processes_max", 65), ("invocations_max", -1),
    ("idle_timeout", duration(0.999)), ("idle_timeout", duration(86_400.001)),
])
def test_a_value_outside_of_its_bounds_is_refused(client, scripts, field, value):
    name = f"function.process.keep_alive.{field}"
    with refused("INVALID_ARGUMENT", "FIELD_INVALID", field=name):
        client.process_function(
            "f", scripts / "kept.py", keep_alive=pb.ProcessTarget.KeepAlive(**{field: value}))


@pytest.mark.parametrize("field, value", [
    ("processes_max", 64), ("invocations_max", 2**31 - 1), ("idle_timeout", duration(1)),
    ("idle_timeout", duration(86_400)),
])
def test_a_value_at_its_bound_is_taken(client, scripts, field, value):
    created = client.process_function(
        "f", scripts / "kept.py", keep_alive=pb.ProcessTarget.KeepAlive(**{field: value}))

    assert getattr(created.process.keep_alive, field) == value


def test_what_is_not_said_has_its_default(client, scripts):
    keep_alive = client.process_function(
        "f", scripts / "kept.py", keep_alive=pb.ProcessTarget.KeepAlive()).process.keep_alive

    assert keep_alive.processes_max == 1
    assert keep_alive.invocations_max == 0
    assert keep_alive.idle_timeout.seconds == 300
