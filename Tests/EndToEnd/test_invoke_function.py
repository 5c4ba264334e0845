"""InvokeFunction: a function of any kind, run once and directly."""

import collections
import json
import os
import signal
import subprocess
import threading
import time

import grpc
import pytest

from harness.contract import pb
from harness.function_server import Reply
from harness.gateway import binary
from harness.grpc_functions import GrpcFunctions, R, hang, output
from harness.measurements import note
from harness.refusal import refused
from harness.waiting import eventually
from harness.worker import M, RawWorker
from test_process_functions import wait_until_gone

ERROR = pb.InvocationError


class Run:
    """An InvokeFunction stream that was read to its end."""

    def __init__(self, stream):
        self.updates = list(stream)
        self.kinds = [update.WhichOneof("update") for update in self.updates]
        assert self.kinds[0] == "started" and self.kinds[-1] == "result", self.kinds
        self.id = self.updates[0].started.id
        self.result = self.updates[-1].result

    @property
    def chunks(self):
        return [u.output for u in self.updates if u.HasField("output")]

    @property
    def streamed(self):
        data = b""
        for chunk in self.chunks:
            assert chunk.offset == len(data)
            data += chunk.data
        return data

    @property
    def logs(self):
        return [u.log.text for u in self.updates if u.HasField("log")]


@pytest.fixture
def run(client):
    return lambda *arguments, **fields: Run(client.invoke(*arguments, **fields))


@pytest.fixture
def service():
    service = GrpcFunctions()
    yield service
    service.close()


@pytest.fixture
def worker(client, gateway, organization):
    """A worker of the function `w`, with no credit."""
    client._create_function(pb.Function(function_id="w", worker=pb.WorkerTarget()))
    worker = RawWorker(gateway.address, organization, functions=("w",), worker="blue")
    yield worker
    worker.cut()


# Each kind


def test_a_command_runs(run, client, scripts, tmp_path):
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    client.process_function("f", scripts / "chatty.sh", fifo)
    stream = client.invoke("f")
    told = [next(stream) for _ in range(3)]
    assert {u.WhichOneof("update") for u in told} == {"started", "output", "log"}
    fifo.write_text("word\n")    # it waited for that: what it said before came at once
    rest = list(stream)

    assert rest[-1].result.output.data == b"first\nsecond word\n"
    assert not rest[-1].result.HasField("error")
    assert "done" in [u.log.text for u in rest if u.HasField("log")]


def test_what_a_command_sees(run, client, scripts):
    client.process_function("f", scripts / "environment.sh")

    ran = run("f", b"{}", metadata={"tenant": "seven"}, data_type="text/html")

    seen = dict(line.split("=", 1) for line in ran.streamed.decode().splitlines())
    assert seen["CE_ID"] == ran.id
    assert seen["CE_TYPE"] == "dispatch.invoke"
    assert seen["CE_SOURCE"] == f"/organizations/{client.organization}/functions/f"
    assert seen["CE_DATACONTENTTYPE"] == "text/html"
    assert seen["CE_TENANT"] == "seven"
    assert seen["CE_DISPATCHATTEMPT"] == "1"
    assert "CE_DISPATCHSUBSCRIPTION" not in seen
    assert run("f", event="order.created").streamed.decode().count("CE_TYPE=order.created") == 1


def test_an_http_endpoint_runs(run, client, functions):
    client.http_function("f", functions.function("/f", Reply(
        200, b"sent", {"content-type": "text/plain"})))

    ran = run("f", b'{"a": 1}')

    assert ran.result.output.data == ran.streamed == b"sent"
    assert ran.result.output.data_type == "text/plain"
    request, = functions.received("/f")
    assert request.body == b'{"a": 1}'
    assert request.attribute("id") == ran.id
    assert request.attribute("dispatchsubscription") is None


def test_a_grpc_service_runs(run, client, service):
    client.grpc_function("f", service.address)
    service.function("f", lambda i: [R(log="hello"), R(output=b"a"), R(output=b"b")])

    ran = run("f", b"payload", timeout=5)

    assert (ran.result.output.data, ran.logs) == (b"ab", ["hello"])
    call, = service.received("f")
    assert (call.request.invocation_id, call.request.subscription_id) == ("", "")
    assert (call.request.function_id, call.request.attempt) == ("f", 1)
    assert call.request.trigger.trigger_id == ran.id
    assert call.data == b"payload"
    assert 3 < call.seconds_left <= 5


def test_a_worker_runs_it(client, worker):
    worker.credit(1)
    stream = client.invoke("w", b"payload")
    assignment = worker.expect("assignment")
    assert (assignment.function_id, assignment.invocation_id) == ("w", "")
    assert assignment.trigger.data == b"payload"
    worker.started(assignment.lease)
    worker.send(progress=M.Progress(
        lease=assignment.lease, output=b"half, ", logs=[pb.LogLine(text="working")]))
    worker.result(assignment.lease, b"whole", data_type="text/plain")

    ran = Run(stream)
    assert worker.expect("result_ack").accepted
    assert ran.result.output.data == ran.streamed == b"half, whole"
    assert ran.result.output.data_type == "text/plain"
    assert ran.result.worker == "blue"
    assert ran.logs == ["working"]


def test_nothing_of_it_is_kept(run, client, functions):
    client.http_function("f", functions.function("/f"))
    run("f")
    assert client.list_triggers() == []
    assert client.invocations() == []


# Failures


@pytest.mark.parametrize("reply, code, error_class", [
    (Reply(503, b"busy", {"retry-after": "7"}), "HTTP_503", ERROR.ERROR_CLASS_FUNCTION),
    (Reply(422, b"no"), "HTTP_422", ERROR.ERROR_CLASS_INPUT),
])
def test_a_failure_is_a_result_and_is_not_tried_again(
    run, client, functions, reply, code, error_class
):
    client.http_function("f", functions.function("/f", reply))

    ran = run("f")

    assert (ran.result.error.code, ran.result.error.error_class) == (code, error_class)
    assert ran.result.output.data == reply.body
    assert len(functions.received("/f")) == 1


def test_a_timeout_is_a_result_and_its_command_is_killed(run, client, scripts, tmp_path):
    client.process_function("f", scripts / "hang.sh", tmp_path)

    ran = run("f", timeout=0.5)

    assert (ran.result.error.error_class, ran.result.error.code) \
        == (ERROR.ERROR_CLASS_TIMEOUT, "ATTEMPT_TIMEOUT")
    wait_until_gone(tmp_path)


def test_an_address_where_nobody_is_is_a_result(run, client):
    client.grpc_function("f", "127.0.0.1:1")

    error = run("f").result.error

    assert (error.error_class, error.code) == (ERROR.ERROR_CLASS_SYSTEM, "GRPC_UNAVAILABLE")


def test_a_large_output_is_cut_and_marked(run, client, scripts):
    client.process_function("f", scripts / "flood.sh", 1_000_000)

    ran = run("f")

    assert len(ran.result.output.data) == len(ran.streamed) == 256 << 10
    assert ran.result.output.truncated


# Its end from outside


def test_a_cancelled_call_kills_the_command(client, scripts, tmp_path):
    client.process_function("f", scripts / "hang.sh", tmp_path)
    stream = client.invoke("f")
    next(stream)
    eventually((tmp_path / "pids").exists)
    stream.cancel()
    wait_until_gone(tmp_path)


def test_the_calls_deadline_resets_the_call_of_the_function(client, service):
    client.grpc_function("f", service.address)
    service.function("f", hang)

    with pytest.raises(grpc.RpcError) as raised:
        Run(client.invoke("f", seconds_max=0.5))

    assert raised.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED
    call, = service.wait_for("f")
    assert call.ended.wait(10)


def test_a_cancelled_call_takes_the_work_from_its_worker(client, worker):
    worker.credit(1)
    stream = client.invoke("w")
    assignment = worker.expect("assignment")
    worker.started(assignment.lease)
    stream.cancel()
    assert worker.expect("cancel").lease == assignment.lease


def test_a_shutdown_stops_what_does_not_finish_in_the_drain(start_gateway, connect, scripts, tmp_path):
    gateway = start_gateway(options=["--drain-seconds", "0"])
    client = connect(gateway)
    client.process_function("f", scripts / "hang.sh", tmp_path)
    stream = client.invoke("f")
    next(stream)
    eventually((tmp_path / "pids").exists)
    assert gateway.terminate() == 0
    with pytest.raises(grpc.RpcError):
        list(stream)
    wait_until_gone(tmp_path)


# Its turn


def test_it_counts_in_the_functions_concurrency(run, client, functions):
    held = functions.hold("/f", Reply(200, b"done"))
    client.http_function("f", held.url, flow=pb.FlowControl(max_concurrency=1))
    client.define("e")
    client.subscribe("e", "f", "s")
    trigger = client.emit("e").trigger_id
    functions.wait_for("/f")

    with refused("UNAVAILABLE", "FUNCTION_BUSY") as refusals:
        Run(client.invoke("f", timeout=0.5))
    assert "max_concurrency" in refusals[0].message
    assert "google.rpc.RetryInfo" in refusals[0].details
    assert len(functions.received("/f")) == 1, "nothing has run"

    threading.Timer(0.3, held.release).start()
    assert run("f").result.output.data == b"done"
    client.finished(trigger)


def test_without_a_worker_it_is_busy(client):
    client._create_function(pb.Function(function_id="f", worker=pb.WorkerTarget()))
    with refused("UNAVAILABLE", "FUNCTION_BUSY") as refusals:
        Run(client.invoke("f", timeout=0.3))
    assert "no worker had room" in refusals[0].message


def test_it_waits_for_a_worker_within_its_timeout(client, worker):
    stream = client.invoke("w", timeout=20)
    time.sleep(0.3)
    worker.credit(1)
    assignment = worker.expect("assignment")
    worker.result(assignment.lease, b"late")
    assert Run(stream).result.output.data == b"late"


def test_only_so_many_may_wait(client):
    client._create_function(pb.Function(function_id="f", worker=pb.WorkerTarget()))
    streams = [client.invoke("f", timeout=3) for _ in range(64 + 4)]
    codes = collections.Counter()
    for stream in streams:
        try:
            list(stream)
        except grpc.RpcError as error:
            codes[error.code().name] += 1
    assert codes == {"UNAVAILABLE": 64, "RESOURCE_EXHAUSTED": 4}


# Bad input, by name


def test_a_function_that_does_not_exist_is_not_found(client):
    with refused("NOT_FOUND", "FUNCTION_NOT_FOUND") as refusals:
        Run(client.invoke("nope"))
    assert refusals[0].resource == ("Function", "nope")


def test_another_organizations_function_is_not_found(client, connect, gateway, functions):
    client.http_function("f", functions.function("/f"))
    with refused("NOT_FOUND", "FUNCTION_NOT_FOUND"):
        Run(connect(gateway, "somebody-else").invoke("f"))


@pytest.mark.parametrize("function_id", ["", "Upper", "a b", "a" * 129])
def test_an_ill_formed_id_is_refused(client, function_id):
    with refused("INVALID_ARGUMENT", "FIELD_INVALID", field="function_id"):
        Run(client.invoke(function_id))


@pytest.mark.parametrize("field, value", [
    ("data", bytes((1 << 20) + 1)), ("data_type", "json"), ("data_type", "a/" + "b" * 127),
    ("metadata", {"": "x"}), ("metadata", {f"k{n}": "v" for n in range(65)}),
    ("event", "Not a name"), ("event", "order.*"),
    ("timeout", -1), ("timeout", 0.0005), ("timeout", 3600.001),
])
def test_an_ill_formed_field_is_refused(client, functions, field, value):
    client.http_function("f", functions.function("/f"))
    with refused("INVALID_ARGUMENT", "FIELD_INVALID", field=field):
        Run(client.invoke("f", **{field: value}))
    assert functions.received("/f") == []


@pytest.mark.parametrize("field, value", [
    ("data", bytes(1 << 20)), ("timeout", 0), ("timeout", 3600), ("event", "a.b"),
])
def test_a_field_at_its_limit_is_taken(run, client, functions, field, value):
    client.http_function("f", functions.function("/f"))
    assert not run("f", **{field: value}).result.HasField("error")


# A slow reader


def test_a_reader_that_does_not_read_costs_little_and_misses_no_output(
    start_gateway, connect, scripts, tmp_path
):
    """64 MiB of logs come while nobody reads."""
    script = tmp_path / "functions" / "logs.sh"
    script.parent.mkdir()
    script.write_text(
        "#!/bin/sh\nhead -c 200000 /dev/zero | tr '\\0' x\n"
        f"yes {'y' * 1000} | head -c 64000000 >&2\necho >{tmp_path}/done\n")
    script.chmod(0o755)
    gateway = start_gateway(functions=[script.parent])
    client = connect(gateway)
    client.process_function("f", script)
    before = gateway.resident_kib()
    stream = client.invoke("f")
    eventually((tmp_path / "done").exists, within=30)
    grown = gateway.resident_kib() - before
    note(f"64 MB of logs that nobody reads: {grown} KiB")

    ran = Run(stream)

    assert grown < 20_000, f"{grown} KiB"
    assert len(ran.result.output.data) == 200_000
    assert not ran.result.output.truncated


# The command


@pytest.fixture
def invoke(gateway, organization):
    def invoke(*arguments, stdin=None):
        return subprocess.run(
            [binary(), "invoke", *arguments, "--gateway", gateway.address, "--org", organization],
            input=stdin, capture_output=True, timeout=60)
    return invoke


def test_the_command_writes_the_output_as_it_is(invoke, client, scripts):
    client.process_function("f", scripts / "echo.sh")
    payload = bytes(range(256))

    done = invoke("f", "--data-file", "-", stdin=payload)

    assert done.returncode == 0, done.stderr
    assert done.stdout == payload
    assert done.stderr.startswith(b"succeeded in ")


def test_the_command_shows_logs_and_fails_with_the_function(invoke, client, scripts):
    client.process_function("f", scripts / "exit.sh", 3)

    done = invoke("f", "--data", "{}")

    assert done.returncode == 1
    assert done.stdout == b""
    assert done.stderr.decode().splitlines() == [
        "! about to fail", "FAILED EXIT_3: the command exited with code 3"]


def test_the_command_tells_programs_each_message(invoke, client, scripts):
    client.process_function("f", scripts / "echo.sh")

    done = invoke("f", "--data", "hi", "--metadata", "a=b", "--event", "x.y", "-o", "json")

    messages = [json.loads(line) for line in done.stdout.splitlines()]
    assert [list(m)[0] for m in messages] == ["started", "output", "result"]
    assert messages[-1]["result"]["output"]["data"] == "aGk="


def test_the_command_explains_a_refusal(invoke):
    done = invoke("nope")
    assert done.returncode == 1
    assert done.stderr.decode().startswith("error: NOT_FOUND FUNCTION_NOT_FOUND: ")


def test_an_interrupted_command_stops_the_function(gateway, organization, client, scripts, tmp_path):
    client.process_function("f", scripts / "hang.sh", tmp_path)
    command = subprocess.Popen(
        [binary(), "invoke", "f", "--gateway", gateway.address, "--org", organization],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    eventually((tmp_path / "pids").exists)
    command.send_signal(signal.SIGINT)
    command.wait(20)
    wait_until_gone(tmp_path)


def test_a_grpc_function_is_made_and_run_by_commands(invoke, gateway, organization, service):
    def command(*arguments):
        done = subprocess.run(
            [binary(), *arguments, "--gateway", gateway.address, "--org", organization],
            capture_output=True, text=True, timeout=60)
        return done.returncode, done.stdout + done.stderr

    service.function("quote", output(b"9.99"))
    code, said = command(
        "function", "create", "quote", "--grpc", service.address, "--grpc-metadata", "x-key=7")
    assert code == 0, said
    assert invoke("quote").stdout == b"9.99"
    assert service.received("quote")[0].metadata["x-key"] == "7"
    assert service.address in command("function", "list")[1]
    assert command("function", "create", "g", "--grpc-metadata", "a=b")[0] == 64
    assert command("function", "create", "g", "--grpc", "a:1", "--url", "http://b")[0] == 64
    assert command("function", "create", "g", "--grpc", "a:1", "--grpc-ca", "/no/file")[0] == 64
