"""What docs/schemas.md shows is so: its commands say what it says, and its tables are right."""

import re

import pytest

from harness.contract import pb
from harness.page import Page
from harness.refusal import refused

PAGE = Page("docs/schemas.md")


def rows(name):
    """The cells of a table's rows, without their backticks."""
    table = PAGE.text.partition(f"<!-- {name} -->\n")[2].partition("\n\n")[0]
    lines = [line[2:-2].split(" | ") for line in table.splitlines()[2:]]
    assert len(lines) >= 5
    return [tuple(cell.strip().strip("`") for cell in cells) for cells in lines]


def schema(text, **options):
    return pb.Schema(definition=text.encode(), **options)


def test_the_commands_say_what_the_page_says(start_gateway, tmp_path):
    outcome = PAGE.run(start_gateway(), tmp_path / "repository")
    assert outcome.returncode == 0, outcome.stdout
    PAGE.expect_shown(outcome.stdout)


@pytest.mark.parametrize("old, new, change", rows("changes"))
def test_a_change_is_what_its_row_says(client, old, new, change):
    client.define("e", schema=schema(old))

    event = client.events.UpdateEvent(
        pb.UpdateEventRequest(event=pb.Event(event="e", schema=schema(new))))

    assert event.schema.change == pb.Schema.Change.Value(f"CHANGE_{change}"), event.schema
    backward = schema(old, compatibility=pb.Schema.COMPATIBILITY_BACKWARD)
    client.define("f", schema=backward)
    backward.definition = new.encode()
    update = pb.UpdateEventRequest(event=pb.Event(event="f", schema=backward))
    if change == "BREAKING":
        with refused("FAILED_PRECONDITION", "SCHEMA_INCOMPATIBLE"):
            client.events.UpdateEvent(update)
    else:
        client.events.UpdateEvent(update)


@pytest.mark.parametrize("text, payload, verdict", rows("payloads"))
def test_a_payload_is_what_its_row_says(client, text, payload, verdict):
    answer = client.events.ValidateEvent(
        pb.ValidateEventRequest(schema=schema(text), data=payload.encode()))
    assert answer.valid == (verdict == "valid"), answer


@pytest.mark.parametrize("text, words", rows("refused"))
def test_a_schema_is_refused_as_its_row_says(client, text, words):
    with refused("INVALID_ARGUMENT", "SCHEMA_INVALID") as refusals:
        client.define("e", schema=schema(text))
    assert words in refusals[0].message


def test_the_formats_that_are_listed_are_checked(client):
    listed = PAGE.text.partition("Then these are checked: ")[2].partition(".")[0]
    names = re.findall(r"`([a-z0-9-]+)`", listed)
    assert len(names) >= 15
    for name in names:
        text = f'{{"format": "{name}"}}'
        for asserted in (True, False):
            answer = client.events.ValidateEvent(pb.ValidateEventRequest(
                schema=schema(text, format_assertion=asserted), data=rb'"( {\u0001"'))
            assert answer.valid != asserted, name
