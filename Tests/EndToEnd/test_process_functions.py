"""Functions that are local commands."""

import os
from pathlib import Path

import pytest

from harness.contract import pb
from harness.waiting import eventually

ERROR = pb.InvocationError


@pytest.fixture
def run(client, scripts):
    """Runs a script as a function of a trigger, and returns its outcome."""
    client.define("order.created")

    def run(script, *arguments, data=b"", environment=None, max_attempts=1, **delivery):
        client.process_function("f", scripts / script, *arguments, environment=environment)
        client.subscribe(
            "order.created", "f", "s", max_attempts=max_attempts, initial_backoff=0.01, **delivery)
        return client.run(
            "order.created", data, source="/shop", metadata={"Trace Id": "äöü"}).outcome("s")

    return run


def is_running(pid):
    """Whether the process is there and more than a zombie that nobody has asked for yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_until_gone(folder):
    for pid in (folder / "pids").read_text().split():
        eventually(lambda pid=pid: not is_running(pid), what=f"process {pid} is gone")


def test_the_payload_comes_on_stdin_and_stdout_is_the_output(run):
    payload = bytes(range(256)) * 100

    outcome = run("echo.sh", data=payload)

    assert outcome.state == pb.Invocation.STATE_SUCCEEDED
    assert outcome.output.data == payload
    assert not outcome.output.truncated


def test_arguments_are_passed_as_they_are(run):
    assert run("arguments.sh", "a b", "$HOME", "*", "").output.data == b"a b\n$HOME\n*\n\n"


def test_the_environment_has_the_events_attributes_and_what_the_function_adds(run):
    outcome = run("environment.sh", environment={"KEY": "a=b"})

    lines = dict(line.partition("=")[::2] for line in outcome.output.data.decode().splitlines())
    assert lines["CE_SPECVERSION"] == "1.0"
    assert lines["CE_ID"] == outcome.trigger_id
    assert lines["CE_SOURCE"] == "/shop"
    assert lines["CE_TYPE"] == "order.created"
    assert lines["CE_TIME"].endswith("Z")
    assert lines["CE_DATACONTENTTYPE"] == "application/json"
    assert lines["CE_DISPATCHSUBSCRIPTION"] == "s"
    assert lines["CE_DISPATCHATTEMPT"] == "1"
    assert lines["KEY"] == "a=b"
    assert lines["PATH"]
    assert "GATEWAY_SECRET" not in lines
    assert "äöü" in outcome.output.data.decode()


def test_stderr_becomes_log_lines(run):
    outcome = run("exit.sh", 0)

    assert outcome.state == pb.Invocation.STATE_SUCCEEDED
    assert [(line.text, line.attempt) for line in outcome.logs] == [("about to fail", 1)]
    assert outcome.logs[0].time.seconds > 0


def test_log_lines_are_made_valid_text(run):
    assert [line.text for line in run("binary_logs.sh").logs] == ["caf\ufffd", "no end"]


def test_an_exit_code_is_an_error_of_the_function(run):
    outcome = run("exit.sh", 3)

    assert outcome.state == pb.Invocation.STATE_FAILED
    assert (outcome.error.error_class, outcome.error.code) == (ERROR.ERROR_CLASS_FUNCTION, "EXIT_3")
    assert outcome.error.message
    assert [line.text for line in outcome.logs] == ["about to fail"]


def test_an_exit_code_is_tried_again(run):
    outcome = run("exit.sh", 3, max_attempts=3)

    assert [attempt.error.code for attempt in outcome.attempts] == ["EXIT_3"] * 3
    assert [line.attempt for line in outcome.logs] == [1, 2, 3]


def test_a_signal_is_an_error_of_the_function(run):
    outcome = run("exit.sh", "-9")

    assert outcome.state == pb.Invocation.STATE_FAILED
    assert (outcome.error.error_class, outcome.error.code) \
        == (ERROR.ERROR_CLASS_FUNCTION, "SIGNAL_9")


def test_the_timeout_kills_the_whole_group(run, tmp_path):
    outcome = run("hang.sh", tmp_path, attempt_timeout=1)

    assert outcome.state == pb.Invocation.STATE_FAILED
    assert (outcome.error.error_class, outcome.error.code) \
        == (ERROR.ERROR_CLASS_TIMEOUT, "ATTEMPT_TIMEOUT")
    assert len((tmp_path / "pids").read_text().split()) == 2
    wait_until_gone(tmp_path)


def test_a_child_that_is_left_behind_neither_holds_up_the_outcome_nor_survives(run, tmp_path):
    outcome = run("leave_child.sh", tmp_path, attempt_timeout=20)

    assert outcome.state == pb.Invocation.STATE_SUCCEEDED
    assert outcome.output.data == b"left\n"
    wait_until_gone(tmp_path)


def test_a_function_that_does_not_read_its_payload_succeeds(run):
    outcome = run("deaf.sh", data=bytes(1 << 20))

    assert outcome.state == pb.Invocation.STATE_SUCCEEDED
    assert outcome.output.data == b"did not listen\n"


def test_output_beyond_what_is_kept_is_cut_off_and_marked(run):
    outcome = run("flood.sh", (256 << 10) + 1)

    assert outcome.state == pb.Invocation.STATE_SUCCEEDED
    assert len(outcome.output.data) == 256 << 10
    assert outcome.output.truncated


def test_output_of_exactly_what_is_kept_is_whole(run):
    outcome = run("flood.sh", 256 << 10)

    assert len(outcome.output.data) == 256 << 10
    assert not outcome.output.truncated


def test_a_command_that_has_gone_since_is_a_clear_final_error(client, connect, start_gateway,
                                                              tmp_path):
    folder = tmp_path / "allowed"
    folder.mkdir()
    script = folder / "script.sh"
    script.write_text("#!/bin/sh\n")
    script.chmod(0o755)
    client = connect(start_gateway(functions=[folder]))
    client.process_function("f", script)
    client.define("order.created", function_id="f")
    script.unlink()

    outcome = client.run("order.created").outcome()

    assert outcome.state == pb.Invocation.STATE_FAILED
    assert outcome.error.error_class == ERROR.ERROR_CLASS_SYSTEM
    assert outcome.error.code == "SPAWN_FAILED"
    assert outcome.error.final
    assert str(script) in outcome.error.message


def test_no_more_of_a_function_run_than_it_allows(client, scripts, tmp_path):
    os.mkfifo(tmp_path / "gate")
    client.define("order.created")
    client.process_function("wait", scripts / "wait_for.sh", tmp_path, max_concurrency=1)
    client.subscribe("order.created", "wait", "s")
    first = client.emit("order.created", b"x").trigger_id
    eventually(lambda: (tmp_path / "runs").exists())
    second = client.emit("order.created", b"x").trigger_id

    waiting = client.invocations(trigger_id=second)[0]
    assert waiting.state == pb.Invocation.STATE_PENDING

    (tmp_path / "gate").write_text("go\n")
    client.finished(first)
    eventually(lambda: (tmp_path / "runs").read_text().split() == [first, second])
    (tmp_path / "gate").write_text("go\n")
    assert client.finished(second).state == pb.Trigger.STATE_SUCCEEDED


def test_an_invocation_whose_function_is_deleted_by_force_fails_clearly(client, scripts, tmp_path):
    os.mkfifo(tmp_path / "gate")
    client.define("order.created")
    client.process_function("wait", scripts / "wait_for.sh", tmp_path, max_concurrency=1)
    client.subscribe("order.created", "wait", "s")
    running = client.emit("order.created", b"x").trigger_id
    eventually(lambda: (tmp_path / "runs").exists())
    pending = client.emit("order.created", b"x").trigger_id

    client.functions.DeleteFunction(pb.DeleteFunctionRequest(function_id="wait", force=True))
    (tmp_path / "gate").write_text("go\n")

    assert client.finished(running).state == pb.Trigger.STATE_SUCCEEDED
    assert client.finished(pending).state == pb.Trigger.STATE_FAILED
    error = client.get_invocation(client.invocations(trigger_id=pending)[0].invocation_id).error
    assert (error.error_class, error.code) == (ERROR.ERROR_CLASS_SYSTEM, "FUNCTION_NOT_FOUND")
    assert error.final
