"""The command line, as a client of a running gateway."""

import json
import os
import subprocess

import pytest

from harness.certificates import Authority
from harness.contract import pb
from harness.function_server import Reply
from harness.gateway import binary


@pytest.fixture
def run(gateway, organization):
    """Runs a command against the gateway; returns what it wrote and its exit code."""
    def run(*arguments, stdin=None, address=None, environment=None):
        options = ["--gateway", address or gateway.address, "--org", organization]
        return subprocess.run(
            [binary(), *arguments, *options], input=stdin, capture_output=True, timeout=60,
            env={**os.environ, **(environment or {})})
    return run


@pytest.fixture
def ok(run):
    """Runs a command that must succeed; returns its text."""
    def ok(*arguments, **options):
        result = run(*arguments, **options)
        assert result.returncode == 0, result.stderr.decode()
        return result.stdout.decode()
    return ok


@pytest.fixture
def objects(ok):
    """Runs a command with `-o json`; returns an object for each line."""
    return lambda *arguments, **options: [
        json.loads(line) for line in ok(*arguments, "-o", "json", **options).splitlines()]


@pytest.fixture
def echo(ok, scripts):
    """`order.created`, with a function that gives back its payload."""
    ok("function", "create", "echo", "--command", str(scripts / "echo.sh"))
    ok("event", "create", "order.created")
    ok("subscription", "create", "--event", "order.created", "--function", "echo", "--id", "s")


def failure(result, code=1):
    """The error text of a command that must fail."""
    assert result.returncode == code, (result.returncode, result.stdout, result.stderr)
    return result.stderr.decode()


def test_events_are_created_and_shown(objects, client):
    created = objects(
        "event", "create", "order.created", "--data", '{"a": 1}', "--data-type", "application/json",
        "--metadata", "team=billing", "--metadata", "k=a=b")[0]

    assert created["event"] == "order.created"
    assert created["metadata"] == {"team": "billing", "k": "a=b"}
    assert "createTime" in created and "etag" in created
    assert client.get_event("order.created").data == b'{"a": 1}'
    assert objects("event", "get", "order.created") == [created]
    assert objects("event", "list") == [created]


def test_events_are_shown_as_text(ok):
    ok("event", "create", "order.created", "--metadata", "team=billing")

    for text in (ok("event", "list"), ok("event", "get", "order.created")):
        assert "order.created" in text


def test_more_events_than_a_page_has_are_all_listed(objects, client):
    for number in range(60):
        client.define(f"e{number:02}")

    assert [e["event"] for e in objects("event", "list")] == [f"e{n:02}" for n in range(60)]


def test_event_data_comes_from_a_file(ok, client, tmp_path):
    (tmp_path / "data").write_bytes(bytes(range(256)))

    ok("event", "create", "order.created", "--data-file", str(tmp_path / "data"),
       "--data-type", "application/octet-stream")

    assert client.get_event("order.created").data == bytes(range(256))


def test_events_are_updated_field_by_field(ok, objects, client, scripts):
    client.process_function("echo", scripts / "echo.sh")
    ok("event", "create", "order.created", "--data", "1", "--metadata", "a=b")

    changed = objects("event", "update", "order.created", "--function", "echo")[0]

    assert changed["functionId"] == "echo"
    assert changed["metadata"] == {"a": "b"}
    cleared = objects("event", "update", "order.created", "--clear-function")[0]
    assert "functionId" not in cleared or cleared["functionId"] == ""
    assert client.get_event("order.created").data == b"1"


def test_events_are_deleted(ok, run, echo):
    assert "IN_USE" in failure(run("event", "delete", "order.created"))
    ok("event", "delete", "order.created", "--force")
    assert "EVENT_NOT_FOUND" in failure(run("event", "get", "order.created"))


def test_process_functions_are_created_and_shown(objects, client, scripts):
    created = objects(
        "function", "create", "env", "--command", str(scripts / "environment.sh"), "--arg", "a b",
        "--arg=-x", "--env", "KEY=a=b", "--max-concurrency", "3", "--metadata", "k=v")[0]

    assert created["functionId"] == "env"
    function = client.get_function("env")
    assert function.process.command == str(scripts / "environment.sh")
    assert function.process.arguments == ["a b", "-x"]
    assert function.process.environment == {"KEY": "a=b"}
    assert function.flow.max_concurrency == 3
    assert function.metadata == {"k": "v"}
    assert objects("function", "get", "env") == [created]
    assert objects("function", "list") == [created]


def test_kept_processes_are_created(objects, client, scripts):
    objects(
        "function", "create", "kept", "--command", str(scripts / "kept.py"), "--keep-alive", "3",
        "--keep-alive-invocations", "100", "--keep-alive-idle", "10s")

    kept = client.get_function("kept").process.keep_alive
    assert (kept.processes_max, kept.invocations_max, kept.idle_timeout.seconds) == (3, 100, 10)


def test_http_functions_say_how_they_are_called(objects, client, tmp_path):
    authority = Authority(tmp_path, "functions")
    objects(
        "function", "create", "mail", "--url", "https://mail.test", "--structured",
        "--connect-timeout", "1.5s", "--response-timeout", "2m", "--ca", str(authority.file))

    target = client.get_function("mail").http
    assert target.content_mode == pb.HttpTarget.CONTENT_MODE_STRUCTURED
    assert target.connect_timeout.ToMilliseconds() == 1500
    assert target.response_timeout.seconds == 120
    assert target.ca_certificates == authority.file.read_text()


@pytest.mark.parametrize("options", [
    ["--command", "/bin/true", "--structured"], ["--worker", "--connect-timeout", "1s"],
    ["--url", "http://mail.test", "--keep-alive", "1"],
    ["--command", "/bin/true", "--keep-alive-idle", "1s"],
    ["--url", "http://mail.test", "--signing-secret", "keep", "--signing-secret", "env:HOME"],
])
def test_options_that_do_not_go_together_are_refused(run, options):
    result = run("function", "create", "f", *options)

    assert result.returncode == 64
    assert result.stderr


def test_http_functions_are_created_updated_and_deleted(ok, objects, client):
    ok("function", "create", "mail", "--url", "http://mail.test", "--header", "x-key=secret")
    assert client.get_function("mail").http.headers == {"x-key": "secret"}

    changed = objects("function", "update", "mail", "--url", "http://post.test")[0]
    assert changed["http"]["url"] == "http://post.test"
    assert "mail" in ok("function", "list")
    ok("function", "delete", "mail")
    assert objects("function", "list") == []


def test_subscriptions_are_created_updated_and_deleted(ok, objects, client, echo):
    created = objects(
        "subscription", "create", "--event", "order.*", "--function", "echo", "--id", "all",
        "--max-attempts", "7", "--attempt-timeout", "2.5", "--initial-backoff", "0.5",
        "--metadata", "k=v")[0]

    assert created["subscriptionId"] == "all"
    delivery = client.get_subscription("all").delivery
    assert delivery.max_attempts == 7
    assert delivery.attempt_timeout.ToMilliseconds() == 2500
    assert delivery.initial_backoff.ToMilliseconds() == 500
    assert objects("subscription", "get", "all") == [created]
    assert [s["subscriptionId"] for s in objects("subscription", "list")] == ["all", "s"]
    assert [s["subscriptionId"] for s in objects("subscription", "list", "--event", "order.*")] \
        == ["all"]
    changed = objects("subscription", "update", "all", "--max-attempts", "9")[0]
    assert changed["delivery"]["maxAttempts"] == 9
    ok("subscription", "delete", "all")
    assert [s["subscriptionId"] for s in objects("subscription", "list", "--function", "echo")] \
        == ["s"]


def test_trigger_streams_its_results_as_json(objects, echo):
    updates = objects(
        "trigger", "order.created", "--data", '{"a": 1}', "--metadata", "k=v", "--source", "/shop",
        "--request-id", "r-1")

    assert "accepted" in updates[0] and "summary" in updates[-1]
    assert updates[0]["accepted"]["trigger"]["source"] == "/shop"
    assert updates[-1]["summary"]["succeeded"] == 1
    assert updates[-1]["summary"]["state"] == "STATE_SUCCEEDED"
    states = [u["invocation"]["state"] for u in updates if "invocation" in u]
    assert states == ["STATE_RUNNING", "STATE_SUCCEEDED"]


def test_trigger_streams_its_results_as_text(ok, echo):
    text = ok("trigger", "order.created", "--data", '"the payload"')

    assert "the payload" in text
    assert "SUCCEEDED" in text.upper()


@pytest.mark.parametrize("arguments, stdin", [
    (["--data", "payload"], None),
    (["--data-file", "-"], b"payload"),
    (["-"], b"payload"),
])
def test_trigger_takes_its_payload_from_an_option_or_stdin(objects, client, echo, arguments, stdin):
    accepted = objects("trigger", "order.created", *arguments, stdin=stdin)[0]["accepted"]

    assert client.get_trigger(accepted["trigger"]["triggerId"]).data == b"payload"


def test_trigger_takes_its_payload_from_a_file(objects, client, echo, tmp_path):
    (tmp_path / "data").write_bytes(bytes(range(256)))

    accepted = objects("trigger", "order.created", "--data-file", str(tmp_path / "data"),
                       "--data-type", "application/octet-stream")[0]["accepted"]

    trigger = client.get_trigger(accepted["trigger"]["triggerId"])
    assert (trigger.data, trigger.data_type) == (bytes(range(256)), "application/octet-stream")


def test_trigger_exits_with_one_when_an_invocation_failed(run, client, functions):
    client.define("order.created")
    client.http_function("bad", functions.function("/bad", Reply(400)))
    client.subscribe("order.created", "bad", "bad")

    for arguments in ([], ["-o", "json"]):
        result = run("trigger", "order.created", "--data", "{}", *arguments)
        assert result.returncode == 1
        assert b"HTTP_400" in result.stdout


def test_emit_answers_with_the_trigger(objects, ok, client, echo):
    answer = objects("emit", "order.created", "--data", "{}")[0]

    assert answer["invocationCount"] == 1
    trigger = client.finished(answer["triggerId"])
    assert trigger.state == pb.Trigger.STATE_SUCCEEDED
    assert answer["triggerId"] in ok("triggers", answer["triggerId"])


def test_triggers_and_invocations_are_listed_and_shown(objects, ok, client, echo):
    client.define("order.paid")
    progress = client.run("order.created", b"{}")
    other = client.run("order.paid", b"{}").trigger_id
    invocation_id = progress.outcome().invocation_id

    assert [t["triggerId"] for t in objects("triggers")] == [other, progress.trigger_id]
    assert [t["triggerId"] for t in objects("triggers", "--event", "order.paid")] == [other]
    assert objects("triggers", progress.trigger_id)[0]["state"] == "STATE_SUCCEEDED"
    assert [i["invocationId"] for i in objects("invocations")] == [invocation_id]
    for option in (["--trigger", progress.trigger_id], ["--subscription", "s"],
                   ["--function", "echo"], ["--state", "SUCCEEDED"]):
        assert [i["invocationId"] for i in objects("invocations", *option)] == [invocation_id]
    assert objects("invocations", "--state", "FAILED") == []
    assert objects("invocations", "--trigger", other) == []
    shown = objects("invocations", invocation_id)[0]
    assert (shown["state"], shown["output"]["data"]) == ("STATE_SUCCEEDED", "e30=")
    assert invocation_id in ok("invocations")
    assert progress.trigger_id in ok("triggers")


def test_errors_name_what_is_wrong(run):
    error = failure(run("event", "get", "nope"))
    assert error.startswith("error: NOT_FOUND EVENT_NOT_FOUND: ")
    assert "'nope'" in error


def test_errors_have_a_line_for_every_field(run):
    lines = failure(run("event", "create", "No Name", "--data-type", "nope")).splitlines()
    assert lines[0].startswith("error: INVALID_ARGUMENT FIELD_INVALID: ")
    assert any("event.event" in line for line in lines[1:])
    assert any("event.data_type" in line for line in lines[1:])


def test_a_gateway_that_is_not_there_is_a_clear_error(run):
    error = failure(run("event", "list", address="127.0.0.1:1"))
    assert error.startswith("error: UNAVAILABLE")
    assert "127.0.0.1:1" in error


@pytest.mark.parametrize("arguments", [
    ["event", "create"], ["event", "paint"], ["trigger"], ["event", "list", "-o", "xml"],
    ["function", "create", "f"], ["event", "create", "e", "--metadata", "no-equals-sign"],
    ["event", "list", "--gateway", "127.0.0.1:7070,"],
])
def test_wrong_usage_is_explained_with_exit_code_64(run, arguments):
    assert "Usage" in failure(run(*arguments), 64)


def test_the_gateway_is_named_by_the_environment_as_well(gateway, organization, client):
    client.define("order.created")
    result = subprocess.run(
        [binary(), "event", "list", "--org", organization], capture_output=True, timeout=60,
        env={**os.environ, "EVENT_GATEWAY": gateway.address})
    assert result.returncode == 0
    assert b"order.created" in result.stdout


@pytest.mark.parametrize("others", ["127.0.0.1:1,{}", "unix:/nonexistent,127.0.0.1:1,{}"])
def test_of_several_addresses_the_first_that_answers_is_taken(run, gateway, others):
    assert run("event", "list", address=others.format(gateway.address)).returncode == 0


def test_addresses_that_all_fail_are_all_named(run):
    result = run("event", "list", address="127.0.0.1:1,unix:/nonexistent")
    assert result.returncode == 1
    assert "127.0.0.1:1: " in result.stderr.decode()
    assert "unix:/nonexistent: " in result.stderr.decode()


def test_help_names_every_command(run):
    result = subprocess.run([binary(), "--help"], capture_output=True, timeout=60)
    assert result.returncode == 0
    for command in ("serve", "event", "function", "subscription", "trigger", "emit",
                    "invocations", "triggers", "explain"):
        assert command in result.stdout.decode()
