"""Schemas on the command line: setting, changing, listing and trying them, and what is refused."""

import json
import os
import pty
import subprocess

import pytest

from harness.contract import pb
from harness.gateway import binary

ORDER = {
    "type": "object", "properties": {"order": {"type": "integer"}, "note": {"type": "string"}},
    "required": ["order"]}
WITH_CUSTOMER = {**ORDER, "required": ["order", "customer"]}


@pytest.fixture
def run(gateway, organization):
    def run(*arguments, stdin=None, code=0):
        """Returns what the command wrote, to stdout if it succeeded."""
        result = subprocess.run(
            [binary(), *arguments, "--gateway", gateway.address, "--org", organization],
            input=stdin, capture_output=True, timeout=60, text=True)
        assert result.returncode == code, (result.returncode, result.stdout, result.stderr)
        return result.stderr if code and result.stderr else result.stdout
    return run


@pytest.fixture
def file(tmp_path):
    """Writes a schema to a file; returns its path."""
    def file(schema, name="schema.json"):
        path = tmp_path / name
        path.write_text(schema if isinstance(schema, str) else json.dumps(schema))
        return str(path)
    return file


def test_an_event_is_created_with_its_schema(run, file, client):
    run("event", "create", "e", "--schema", file(ORDER), "--enforcement", "audit",
        "--format-assertion", "--compatibility", "backward")

    schema = client.get_event("e").schema
    assert json.loads(schema.definition) == ORDER
    assert (schema.enforcement, schema.compatibility) == (
        pb.Schema.ENFORCEMENT_AUDIT, pb.Schema.COMPATIBILITY_BACKWARD)
    assert schema.format_assertion and schema.revision == 1


def test_a_schema_comes_from_stdin_as_well(run, client):
    run("event", "create", "e", "--schema", "-", stdin=json.dumps(ORDER))
    assert json.loads(client.get_event("e").schema.definition) == ORDER


def test_an_update_of_one_option_keeps_the_others(run, file, client):
    run("event", "create", "e", "--schema", file(ORDER), "--format-assertion")

    assert run("event", "update", "e", "--enforcement", "audit") == "updated event e\n"
    run("event", "update", "e", "--compatibility", "backward")
    run("event", "update", "e", "--metadata", "team=shop")
    said = run("event", "update", "e", "--no-format-assertion")

    schema = client.get_event("e").schema
    assert json.loads(schema.definition) == ORDER
    assert (schema.enforcement, schema.compatibility) == (
        pb.Schema.ENFORCEMENT_AUDIT, pb.Schema.COMPATIBILITY_BACKWARD)
    assert not schema.format_assertion
    assert said.splitlines()[1].startswith("schema revision 2: ")


def test_an_update_on_top_of_what_has_changed_is_refused(
        run, file, client, gateway, organization, tmp_path):
    run("event", "create", "e", "--schema", file(ORDER))
    os.mkfifo(tmp_path / "fifo")
    command = subprocess.Popen(
        [binary(), "event", "update", "e", "--schema", str(tmp_path / "fifo"),
         "--gateway", gateway.address, "--org", organization], stderr=subprocess.PIPE, text=True)
    # It opens the file once it has read the event.
    with open(tmp_path / "fifo", "w") as fifo:
        run("event", "update", "e", "--enforcement", "audit")
        fifo.write(json.dumps(WITH_CUSTOMER))

    _, said = command.communicate(timeout=60)

    assert command.returncode == 1
    assert said.startswith("error: ABORTED ETAG_MISMATCH: ")
    assert client.get_event("e").schema.enforcement == pb.Schema.ENFORCEMENT_AUDIT
    assert json.loads(client.get_event("e").schema.definition) == ORDER


def test_an_update_of_the_schema_says_what_it_changes(run, file):
    run("event", "create", "e")
    assert run("event", "update", "e", "--schema", file(ORDER)).splitlines() == [
        "updated event e", "schema revision 1"]
    assert run("event", "update", "e", "--schema", file(WITH_CUSTOMER)).splitlines() == [
        "updated event e", "schema revision 2: BREAKING", "  'customer' is required now"]
    assert run("event", "update", "e", "--schema", file(ORDER)).splitlines() == [
        "updated event e", "schema revision 3: COMPATIBLE",
        "  'customer' is not required any more"]
    assert run("event", "update", "e", "--schema", file({**ORDER, "not": {}})).splitlines()[1] \
        == "schema revision 4: UNKNOWN"
    shown = json.loads(run("event", "update", "e", "--schema", file(ORDER), "-o", "json"))
    assert (shown["schema"]["revision"], shown["schema"]["change"]) == ("5", "CHANGE_UNKNOWN")


def test_a_breaking_update_is_refused_if_asked_to(run, file, client):
    run("event", "create", "e", "--schema", file(ORDER), "--compatibility", "backward")
    refusal = run("event", "update", "e", "--schema", file(WITH_CUSTOMER), code=1)
    assert refusal.startswith("error: FAILED_PRECONDITION SCHEMA_INCOMPATIBLE: ")
    assert "'customer' is required now" in refusal
    assert json.loads(client.get_event("e").schema.definition) == ORDER


def test_a_schema_is_cleared_and_its_revisions_stay(run, file, client):
    run("event", "create", "e", "--schema", file(ORDER))
    run("event", "update", "e", "--clear-schema")
    assert not client.get_event("e").HasField("schema")
    assert len(run("event", "schemas", "e").splitlines()) == 2
    refusal = run("event", "update", "e", "--enforcement", "audit", code=64)
    assert "the event has no schema" in refusal
    assert "SCHEMA_NOT_FOUND" in run("event", "schema", "e", code=1)


def test_revisions_are_a_table(run, file):
    run("event", "create", "e", "--schema", file(ORDER))
    run("event", "update", "e", "--schema", file(WITH_CUSTOMER))

    head, first, second = run("event", "schemas", "e").splitlines()

    assert head.split() == ["REVISION", "CHANGE", "CREATED", "NOTES"]
    assert first.split()[:2] == ["1", "-"] and first.endswith("-")
    assert second.split()[:2] == ["2", "BREAKING"]
    assert second.endswith("'customer' is required now")
    listed = [json.loads(s) for s in run("event", "schemas", "e", "-o", "json").splitlines()]
    assert [s["schema"]["revision"] for s in listed] == ["1", "2"]


def test_a_schema_is_printed_as_it_was_written(run, file):
    first = '{"title":\t"\u202e", \r\n "type" : "object"}\n'
    run("event", "create", "e", "--schema", "-", stdin=first)
    run("event", "update", "e", "--schema", file(ORDER))

    assert json.loads(run("event", "schema", "e")) == ORDER
    # Text mode reads line ends as one character.
    assert run("event", "schema", "e", "--revision", "1") == first.replace("\r\n", "\n")
    shown = json.loads(run("event", "schema", "e", "--revision", "2", "-o", "json"))
    assert (shown["event"], shown["schema"]["change"]) == ("e", "CHANGE_BREAKING")
    assert "SCHEMA_NOT_FOUND" in run("event", "schema", "e", "--revision", "9", code=1)


def test_a_schema_is_safe_to_show_at_a_terminal(gateway, organization, run):
    run("event", "create", "e", "--schema", "-", stdin='{"title": "\u202e\u009b"}')
    ours, its = pty.openpty()
    subprocess.run(
        [binary(), "event", "schema", "e", "--gateway", gateway.address, "--org", organization],
        stdout=its, check=True, timeout=60)
    os.close(its)
    assert os.read(ours, 1_000).decode().strip() == r'{"title": "\u{202e}\u{9b}"}'
    os.close(ours)


def test_a_payload_is_tried_against_the_events_schema(run, file, client):
    run("event", "create", "e", "--schema", file(ORDER))

    assert run("event", "validate", "e", "--data", '{"order": 1}') == "valid by schema revision 1\n"
    lines = run("event", "validate", "e", "--data", '{"note": 1}', code=1).splitlines()
    assert lines == [
        "the payload has no 'order', which is required (/required)",
        "/note is 1; it must be a string (/properties/note/type)"]
    assert client.list_triggers() == []
    shown = json.loads(run("event", "validate", "e", "--data", "[]", "-o", "json", code=1))
    assert shown["violations"][0]["keywordLocation"] == "/type"
    assert run("event", "validate", "e", "--data-file", file({"order": 2}, "payload"))


def test_a_payload_is_tried_against_a_schema_that_is_not_written(run, file):
    assert run("event", "validate", "--schema", file(ORDER), "--data", '{"order": 1}') == "valid\n"
    assert "'customer'" in run(
        "event", "validate", "--schema", file(WITH_CUSTOMER), "--data", '{"order": 1}', code=1)
    dated = file({"format": "date"})
    run("event", "validate", "--schema", dated, "--data", '"x"')
    run("event", "validate", "--schema", dated, "--data", '"x"', "--format-assertion", code=1)
    refusal = run("event", "validate", "--schema", file('{"type": 1}'), "--data", "1", code=1)
    assert refusal.startswith("error: INVALID_ARGUMENT SCHEMA_INVALID: schema.definition ")


def test_an_event_without_a_schema_takes_anything(run, client):
    client.define("e")
    assert run("event", "validate", "e", "--data", "x") == "valid: the event has no schema\n"


def test_a_refused_payload_has_a_line_for_each_violation(run, file):
    run("event", "create", "e", "--schema", file(ORDER))
    payload = '{"order": "1", "note": 2}'
    expected = [
        "error: INVALID_ARGUMENT SCHEMA_VIOLATION: 2 problems",
        "  data/order: is a string; it must be an integer (/properties/order/type)",
        "  data/note: is 2; it must be a string (/properties/note/type)"]

    assert run("emit", "e", "--data", payload, code=1).splitlines() == expected
    assert run("trigger", "e", "--data", payload, code=1).splitlines() == expected
    lines = run("emit", "e", "--stdin", stdin=f'{{"order": 1}}\n{payload}\n', code=1).splitlines()
    assert lines == [f"line 2: {expected[0]}", *expected[1:]]
    assert run("emit", "e", "--data", "[]", code=1).splitlines() == [
        "error: INVALID_ARGUMENT SCHEMA_VIOLATION: data is an array; it must be an object (/type)"]
    refusal = run("emit", "e", "--data", "1", "--data-type", "text/plain", code=1)
    assert refusal.startswith("error: INVALID_ARGUMENT UNSUPPORTED_CONTENT_TYPE: data_type ")


def test_names_of_a_payload_forge_no_lines(run, file):
    run("event", "create", "e", "--schema", file({"additionalProperties": False}))
    refusal = run("emit", "e", "--data", json.dumps({"a\nb\x1b": 1, "c\u202e": 2}), code=1)
    assert len(refusal.splitlines()) == 3
    assert "\x1b" not in refusal and "\u202e" not in refusal


@pytest.mark.parametrize("schema, words", [
    ('{"type": ', "is not JSON: "), ('{"type": "object",}', "line 1, column "),
    ('{"type": "text"}', "(/type)"), ('{"pattern": "(?=a)"}', "look-ahead"),
    ('{"$ref": "https://example.com/a.json"}', "nothing is fetched"), ("[]", "is no schema: "),
])
def test_what_is_no_schema_is_refused_with_its_place(run, file, schema, words):
    refusal = run("event", "create", "e", "--schema", file(schema), code=1)
    assert refusal.startswith("error: INVALID_ARGUMENT SCHEMA_INVALID: event.schema.definition is ")
    assert words in refusal


def test_a_schema_is_shown_below_its_name(run):
    run("event", "create", "e", "--schema", "-", stdin='{\n  "type": "object"\n}\n')
    assert '  definition: |\n    {\n      "type": "object"\n    }\n' in run("event", "get", "e")
