"""Schemas of events: what is refused at the door, and what is kept of what they were."""

import threading

import pytest

from harness.contract import pb
from harness.function_server import Reply
from harness.refusal import refused
from harness.waiting import eventually

ORDER = b'{"type": "object", "required": ["order"], "properties": {"order": {"type": "integer"}}}'
STRICTER = ORDER.replace(b'["order"]', b'["order", "due"]')
GOOD, BAD = b'{"order": 1}', b'{"order": "one"}'
SCHEMA = pb.Schema


def schema(definition=ORDER, **fields):
    return pb.Schema(definition=definition, **fields)


def update_schema(client, event, definition, **fields):
    return client.update_event(
        pb.Event(event=event, schema=schema(definition, **fields)), ["schema"])


def revisions(client, event):
    found, token = [], ""
    while True:
        page = client.events.ListEventSchemas(pb.ListEventSchemasRequest(
            event=event, page_token=token))
        found += [each.schema.revision for each in page.schemas]
        token = page.next_page_token
        if not token:
            return found


@pytest.fixture
def orders(client):
    return client.define("order.created", schema=schema())


# At the door


def test_a_payload_that_violates_the_schema_is_refused_with_each_place(client, orders):
    for call in (client.emit, client.run):
        with refused("INVALID_ARGUMENT", "SCHEMA_VIOLATION") as refusal:
            call("order.created", BAD)
        assert refusal[0].fields == {
            "data/order": "is a string; it must be an integer (/properties/order/type)"}
    assert client.list_triggers() == []
    assert client.get_event("order.created").schema_violation_count == 2


def test_twenty_violations_are_told(client):
    client.define("e", schema=schema(b'{"items": {"type": "string"}}'))
    with refused("INVALID_ARGUMENT", "SCHEMA_VIOLATION") as refusal:
        client.emit("e", b"[" + b",".join([b"1"] * 30) + b"]")
    assert list(refusal[0].fields) == [f"data/{index}" for index in range(20)]


def test_a_trigger_records_the_revision_that_it_was_checked_against(client, orders):
    first = client.emit("order.created", GOOD).trigger_id
    update_schema(client, "order.created", STRICTER)
    second = client.emit("order.created", b'{"order": 1, "due": 2}').trigger_id
    assert [client.get_trigger(each).schema_revision for each in (first, second)] == [1, 2]


def test_each_message_of_a_stream_is_checked_for_itself(client, orders):
    answers = client.emit_each([
        pb.EmitEventsRequest(
            sequence=number, emit=pb.EmitEventRequest(event="order.created", data=data))
        for number, data in enumerate([GOOD, BAD, GOOD], 1)])
    results = {answer.sequence: answer for answer in answers}
    assert [results[n].WhichOneof("result") for n in (1, 2, 3)] == ["accepted", "error", "accepted"]
    assert "SCHEMA_VIOLATION" in str(results[2].error)


def test_each_cloudevent_of_a_batch_is_checked_for_itself(client, orders):
    batch = pb.CloudEventBatch(events=[
        pb.CloudEvent(
            id=str(number), source="/s", spec_version="1.0", type="order.created",
            binary_data=data,
            attributes={"datacontenttype": pb.CloudEvent.CloudEventAttributeValue(
                ce_string="application/json")})
        for number, data in enumerate([GOOD, BAD])])
    good, bad = client.triggers.EmitCloudEvents(batch).results
    assert good.accepted.trigger_id
    assert "SCHEMA_VIOLATION" in str(bad.error)
    assert "events[1].data/order" in str(bad.error)


@pytest.mark.parametrize("data, data_type", [
    (b"\x00", "application/octet-stream"), (b"x", "text/plain"), (b"<a/>", "application/xml")])
def test_a_payload_that_is_no_json_is_of_an_unsupported_type(client, orders, data, data_type):
    with refused("INVALID_ARGUMENT", "UNSUPPORTED_CONTENT_TYPE", field="data_type"):
        client.emit("order.created", data, data_type=data_type)


def test_types_that_build_on_json_are_checked(client, orders):
    client.emit("order.created", GOOD, data_type="application/vnd.shop+json; charset=utf-8")
    with refused("INVALID_ARGUMENT", "SCHEMA_VIOLATION"):
        client.emit("order.created", BAD, data_type="application/vnd.shop+json")


def test_an_empty_payload_is_no_json(client, orders):
    with refused("INVALID_ARGUMENT", "SCHEMA_VIOLATION", field="data"):
        client.emit("order.created")


def test_the_default_payload_is_checked_when_it_is_written(client):
    with refused("INVALID_ARGUMENT", "SCHEMA_VIOLATION", field="event.data/order"):
        client.define("order.created", schema=schema(), data=BAD)
    client.define("order.created", schema=schema(), data=GOOD)
    client.emit("order.created")
    with refused("INVALID_ARGUMENT", "SCHEMA_VIOLATION", field="event.data/order"):
        client.update_event(pb.Event(event="order.created", data=BAD), ["data"])


def test_an_audited_violation_is_counted_and_taken(client):
    client.define("e", schema=schema(enforcement=SCHEMA.ENFORCEMENT_AUDIT))
    trigger = client.get_trigger(client.emit("e", BAD).trigger_id)
    assert (trigger.schema_revision, trigger.schema_violation_count) == (1, 1)
    assert client.emit("e", b"x", data_type="text/plain").trigger_id
    assert client.get_event("e").schema_violation_count == 2
    listed = client.events.ListEvents(pb.ListEventsRequest()).events
    assert [event.schema_violation_count for event in listed] == [2]


def test_a_schema_that_is_off_checks_nothing(client):
    client.define("e", schema=schema(enforcement=SCHEMA.ENFORCEMENT_OFF))
    trigger = client.get_trigger(client.emit("e", BAD).trigger_id)
    assert (trigger.schema_revision, trigger.schema_violation_count) == (0, 0)
    assert client.get_event("e").schema_violation_count == 0


@pytest.mark.parametrize("payload", [
    b"[" * 1_000_000, b'{"a":' * 170_000 + b"1" + b"}" * 170_000,
    b'{"order": 1, "order": 2}', b'{"order": "\xff"}', b'{"order": 1} x', b'"\\ud800"', b"{",
], ids=["arrays", "objects", "twice", "UTF-8", "rest", "surrogate", "end"])
def test_what_is_no_json_is_refused_and_the_gateway_goes_on(client, orders, payload):
    with refused("INVALID_ARGUMENT", "SCHEMA_VIOLATION", field="data") as refusal:
        client.emit("order.created", payload)
    assert "(line 1, column " in refusal[0].fields["data"]
    client.emit("order.created", GOOD)


def test_huge_numbers_are_numbers(client):
    client.define("e", schema=schema(b'{"type": "integer", "minimum": 1e399, "multipleOf": 3}'))
    client.emit("e", b"3e400")
    client.emit("e", b"3" * 100_000)
    for number in (b"3e398", b"1" * 100_000, b"1e-400", b"-3e999999999999"):
        with refused("INVALID_ARGUMENT", "SCHEMA_VIOLATION", field="data"):
            client.emit("e", number)


# What was accepted stays accepted


def test_a_repeated_request_is_answered_also_by_a_stricter_schema(client, orders):
    first = client.emit("order.created", GOOD, request_id="r")
    update_schema(client, "order.created", STRICTER)
    again = client.emit("order.created", GOOD, request_id="r")
    assert (again.trigger_id, again.duplicate) == (first.trigger_id, True)
    assert client.run("order.created", GOOD, request_id="r").trigger_id == first.trigger_id
    with refused("ALREADY_EXISTS", "EVENT_ID_CONFLICT"):
        client.emit("order.created", BAD, request_id="r")
    with refused("INVALID_ARGUMENT", "SCHEMA_VIOLATION"):
        client.emit("order.created", GOOD, request_id="another")


def test_a_repeated_cloudevent_is_answered_also_by_a_stricter_schema(client, orders):
    event = pb.CloudEvent(
        id="1", source="/s", spec_version="1.0", type="order.created", binary_data=GOOD,
        attributes={"datacontenttype": pb.CloudEvent.CloudEventAttributeValue(
            ce_string="application/json")})
    batch = pb.CloudEventBatch(events=[event])
    first = client.triggers.EmitCloudEvents(batch).results[0].accepted
    update_schema(client, "order.created", STRICTER)
    again = client.triggers.EmitCloudEvents(batch).results[0].accepted
    assert (again.trigger_id, again.duplicate) == (first.trigger_id, True)


def test_a_replay_is_not_refused_by_a_stricter_schema(client, functions, orders):
    client.http_function("f", functions.function("/f"))
    client.emit("order.created", GOOD)
    update_schema(client, "order.created", STRICTER)
    client.subscribe("order.created", "f", "s")
    client.replay("order.created")
    eventually(lambda: len(functions.received("/f")) == 1)
    assert sorted(t.schema_revision for t in client.list_triggers()) == [1, 1]


def test_a_dead_letter_is_not_lost_to_a_schema(client, functions):
    client.define("a")
    client.define("lost", schema=schema())
    client.http_function("f", functions.function("/f", Reply(400)))
    client.http_function("g", functions.function("/g"))
    client.subscribe("lost", "g", "g")
    client.subscribe("a", "f", "f", max_attempts=1, dead_letter_event="lost")
    client.emit("a", BAD)
    eventually(lambda: len(functions.received("/g")) == 1)
    assert functions.received("/g")[0].body == BAD


# Writing


@pytest.mark.parametrize("definition", [
    b"{", b"1", b'{"type": 5}', b'{"pattern": "(?=a)"}', b'{"$ref": "https://example.com/s"}',
    b'{"$ref": "#"}', b'{"a":' * 10_000 + b"1" + b"}" * 10_000, b'{"minimum": 1, "minimum": 2}',
    b'{"$schema": "http://json-schema.org/draft-04/schema#"}', b'{"maxLength": -1}',
    b'{"title": "' + b"x" * (256 << 10) + b'"}',
], ids=["no JSON", "number", "no type", "look-ahead", "remote", "endless", "deep", "twice",
        "draft-04", "negative", "large"])
def test_what_is_no_schema_is_refused(client, definition):
    with refused("INVALID_ARGUMENT", field="event.schema.definition") as refusal:
        client.define("e", schema=schema(definition))
    assert refusal[0].reason in ("SCHEMA_INVALID", "FIELD_INVALID")
    assert client.define("e").event == "e"


def test_a_schema_of_the_largest_size_is_taken(client):
    members = b",".join(b'"p%d": {"type": "string", "maxLength": %d}' % (n, n)
                        for n in range(5_400))
    definition = b'{"properties": {' + members + b"}}"
    assert 200 << 10 < len(definition) <= 256 << 10
    client.define("e", schema=schema(definition))
    client.emit("e", b'{"p5000": "x"}')
    with refused("INVALID_ARGUMENT", "SCHEMA_VIOLATION", field="data/p7"):
        client.emit("e", b'{"p7": "12345678"}')


def test_draft_7_is_read_by_its_own_rules(client):
    draft7 = b'{"$schema": "http://json-schema.org/draft-07/schema#", "items": [{"type": "null"}]}'
    client.define("e", schema=schema(draft7))
    client.emit("e", b"[null, 1]")
    with refused("INVALID_ARGUMENT", "SCHEMA_VIOLATION", field="data/0"):
        client.emit("e", b"[1]")


def test_output_only_fields_are_the_gateways(client):
    written = client.define("e", schema=schema(
        revision=7, change=SCHEMA.CHANGE_BREAKING, change_notes=["x"]))
    assert written.schema == schema(
        enforcement=SCHEMA.ENFORCEMENT_ENFORCE, compatibility=SCHEMA.COMPATIBILITY_NONE, revision=1)


def test_a_repeated_create_gets_the_first_answer(client):
    request = pb.CreateEventRequest(
        event=pb.Event(event="e", schema=schema()), request_id="r")
    assert client.events.CreateEvent(request) == client.events.CreateEvent(request)
    assert revisions(client, "e") == [1]


def test_only_validated_is_not_written(client, orders):
    shown = client.update_event(
        pb.Event(event="order.created", schema=schema(STRICTER)), ["schema"], validate_only=True)
    assert (shown.schema.revision, shown.schema.change) == (2, SCHEMA.CHANGE_BREAKING)
    assert client.get_event("order.created").schema.revision == 1
    assert revisions(client, "order.created") == [1]


# Revisions


def test_revisions_are_kept_and_never_change(client, orders):
    update_schema(client, "order.created", STRICTER)
    update_schema(client, "order.created", STRICTER, enforcement=SCHEMA.ENFORCEMENT_AUDIT)
    assert revisions(client, "order.created") == [1, 2]
    first = client.events.GetEventSchema(
        pb.GetEventSchemaRequest(event="order.created", revision=1))
    assert (first.schema.definition, first.schema.enforcement) == (
        ORDER, SCHEMA.ENFORCEMENT_ENFORCE)
    assert first.create_time.seconds > 0
    current = client.events.GetEventSchema(pb.GetEventSchemaRequest(event="order.created"))
    assert current.schema.definition == STRICTER
    with refused("NOT_FOUND", "SCHEMA_NOT_FOUND"):
        client.events.GetEventSchema(pb.GetEventSchemaRequest(event="order.created", revision=3))


def test_the_count_goes_on_after_a_schema_was_taken_away(client, orders):
    client.update_event(pb.Event(event="order.created"), ["schema"])
    client.emit("order.created", BAD)
    assert not client.get_event("order.created").HasField("schema")
    with refused("NOT_FOUND", "SCHEMA_NOT_FOUND"):
        client.events.GetEventSchema(pb.GetEventSchemaRequest(event="order.created"))
    assert update_schema(client, "order.created", STRICTER).schema.revision == 2


def test_the_newest_hundred_are_kept(client):
    client.define("e", schema=schema(b'{"minimum": 0}'))
    for number in range(1, 103):
        update_schema(client, "e", b'{"minimum": %d}' % number)
    assert revisions(client, "e") == list(range(4, 104))


def test_pages_of_large_schemas_stay_readable(client):
    for number in range(30):
        definition = b'{"title": "%d%s"}' % (number, b"x" * (200 << 10))
        if number == 0:
            client.define("e", schema=schema(definition))
        else:
            update_schema(client, "e", definition)
    assert revisions(client, "e") == list(range(1, 31))
    client.events.DeleteEvent(pb.DeleteEventRequest(event="e"))


@pytest.mark.parametrize("force", [False, True])
def test_revisions_go_with_their_event(client, orders, force):
    update_schema(client, "order.created", STRICTER)
    client.events.DeleteEvent(pb.DeleteEventRequest(event="order.created", force=force))
    client.define("order.created", schema=schema())
    assert revisions(client, "order.created") == [1]


def test_updates_at_the_same_time_make_a_revision_each(client, orders):
    problems = []

    def update(number):
        try:
            update_schema(client, "order.created", b'{"minimum": %d}' % number)
        except Exception as problem:
            problems.append(problem)

    threads = [threading.Thread(target=update, args=[number]) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert revisions(client, "order.created") == list(range(1, 18))


def test_a_breaking_update_is_refused_if_asked_to(client, orders):
    with refused("FAILED_PRECONDITION", "SCHEMA_INCOMPATIBLE") as refusal:
        update_schema(
            client, "order.created", STRICTER, compatibility=SCHEMA.COMPATIBILITY_BACKWARD)
    assert "'due' is required now" in refusal[0].message
    assert client.get_event("order.created").schema.revision == 1


# Trying a payload


def test_a_payload_can_be_tried(client, orders):
    answer = client.events.ValidateEvent(pb.ValidateEventRequest(event="order.created", data=BAD))
    assert (answer.valid, answer.schema_revision) == (False, 1)
    [violation] = answer.violations
    assert (violation.instance_location, violation.keyword_location) == (
        "/order", "/properties/order/type")
    other = client.events.ValidateEvent(pb.ValidateEventRequest(
        event="order.created", data=BAD, schema=schema(b"true")))
    assert (other.valid, other.schema_revision) == (True, 0)
    with refused("NOT_FOUND", "EVENT_NOT_FOUND"):
        client.events.ValidateEvent(pb.ValidateEventRequest(event="nope", data=BAD))
    with refused("INVALID_ARGUMENT", "SCHEMA_INVALID", field="schema.definition"):
        client.events.ValidateEvent(pb.ValidateEventRequest(data=BAD, schema=schema(b"{")))
    assert client.get_event("order.created").schema_violation_count == 0


# Over a restart


@pytest.mark.parametrize("end", ["terminate", "kill"])
def test_schemas_are_still_there_after_a_restart(start_gateway, connect, end):
    gateway = start_gateway(options=["--drain-seconds", "1"])
    client = connect(gateway)
    client.define("order.created", schema=schema())
    update_schema(client, "order.created", STRICTER)
    trigger_id = client.emit("order.created", b'{"order": 1, "due": 2}').trigger_id
    before = client.get_event("order.created")
    getattr(gateway, end)()
    gateway.start()
    client = connect(gateway)
    assert client.get_event("order.created") == before
    assert revisions(client, "order.created") == [1, 2]
    assert client.get_trigger(trigger_id).schema_revision == 2
    with refused("INVALID_ARGUMENT", "SCHEMA_VIOLATION", field="data"):
        client.emit("order.created", GOOD)
