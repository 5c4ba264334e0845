"""ExplainTrigger: what a trigger comes to, and why the others do not get it."""

import json
import subprocess

import pytest

from harness.contract import pb
from harness.gateway import binary
from harness.refusal import refused

EVENT = "order.created"
DATA = b'{"total": 7, "items": [{"sku": "tea"}]}'


@pytest.fixture
def orders(client, functions):
    client.define(EVENT)
    client.http_function("f", functions.function("/f"))


def subscribe(client, subscription_id, event=EVENT, **fields):
    subscription = pb.Subscription(
        subscription_id=subscription_id, event=event, function_id="f", **fields)
    return client.subscriptions.CreateSubscription(
        pb.CreateSubscriptionRequest(subscription=subscription))


def explain(client, event=EVENT, data=DATA, **fields):
    """Of a trigger that is made up, unless `trigger_id` names one."""
    options = {name: fields.pop(name) for name in ("subscription_id", "page_size", "page_token")
               if name in fields}
    if "trigger_id" in fields:
        options["trigger_id"] = fields.pop("trigger_id")
    else:
        options["trigger"] = pb.EmitEventRequest(event=event, data=data, **fields)
    return client.triggers.ExplainTrigger(pb.ExplainTriggerRequest(**options))


def outcomes(answer):
    return {s.subscription_id: outcome(s) for s in answer.subscriptions}


def outcome(subscription):
    name = pb.SubscriptionExplanation.Outcome.Name(subscription.outcome)
    return name.removeprefix("OUTCOME_")


def test_every_subscription_has_its_outcome_and_nothing_is_triggered(client, functions, orders):
    subscribe(client, "all")
    subscribe(client, "error", filter=pb.Filter(sql="100 / INT(count) > 1"))
    subscribe(client, "filtered", filter=pb.Filter(sql="type = 'order.paid'"))
    subscribe(client, "other", event="parcel.*")
    subscribe(client, "pattern", event="order.*")

    answer = explain(client, metadata={"count": "0"})

    assert outcomes(answer) == {
        "all": "MATCH", "error": "FILTER_ERROR", "filtered": "FILTERED", "other": "OTHER_EVENT",
        "pattern": "MATCH"}
    assert [s.subscription_id for s in answer.subscriptions] == sorted(outcomes(answer))
    assert answer.match_count == 2
    assert not answer.HasField("schema")
    error = answer.subscriptions[1]
    assert (error.error, error.clause) == ("division by zero", "100 / INT(count) > 1")
    assert (error.path, error.seen) == ("count", '"0"')
    assert [s.event for s in answer.subscriptions] == [EVENT] * 3 + ["parcel.*", "order.*"]
    assert client.list_triggers() == [] and functions.received("/f") == []


def test_the_event_is_shown_as_filters_see_it(client, orders):
    shown = json.loads(explain(
        client, metadata={"region": "eu", "a-b": "c"}, ordering_key="k").cloudevent)

    assert (shown["type"], shown["region"], shown["partitionkey"]) == (EVENT, "eu", "k")
    assert shown["metadata"] == {"region": "eu", "a-b": "c"}
    assert shown["data"] == json.loads(DATA)
    assert "a-b" not in shown


@pytest.mark.parametrize("filter, clause, path, seen", [
    ({"sql": "type LIKE 'order.%' AND region = 'eu'"}, "region = 'eu'", "region", '"us"'),
    ({"sql": "EXISTS region AND EXISTS country"}, "EXISTS country", "country", ""),
    ({"json": '[{"exact": {"type": "order.created"}}, {"prefix": {"region": "eu-"}}]'},
     '{"prefix":{"region":"eu-"}}', "region", '"us"'),
    ({"json": '{"not": {"suffix": {"type": "created"}}}'},
     '{"not":{"suffix":{"type":"created"}}}', "type", '"order.created"'),
    ({"pattern": '{"region": ["us"], "data": {"total": [{"numeric": [">", 100]}]}}'},
     '{"numeric":[">",100]}', "data.total", "7"),
    ({"pattern": '{"data": {"items": {"sku": [{"prefix": "coffee"}]}}}'},
     '{"prefix":"coffee"}', "data.items.sku", '"tea"'),
    ({"pattern": '{"data": {"customer": {"name": ["x"]}}}'}, '"x"', "data.customer.name", ""),
])
def test_the_clause_that_failed_is_shown_with_what_it_saw(
        client, orders, filter, clause, path, seen):
    subscribe(client, "s", filter=pb.Filter(**filter))

    only, = explain(client, metadata={"region": "us"}).subscriptions

    assert outcome(only) == "FILTERED"
    bare = only.clause.replace(" ", "")
    assert clause.replace(" ", "") in bare, only
    assert (only.path, only.seen) == (path, seen)
    assert only.error == ""


def test_a_trigger_that_was_accepted_is_explained_by_what_is_there_now(client, orders):
    subscribe(client, "before", filter=pb.Filter(pattern='{"data": {"total": [7]}}'))
    trigger_id = client.emit(EVENT, DATA, metadata={"region": "eu"}).trigger_id
    subscribe(client, "after", filter=pb.Filter(sql="region = 'eu'"))

    answer = explain(client, trigger_id=trigger_id)

    assert outcomes(answer) == {"after": "MATCH", "before": "MATCH"}
    assert json.loads(answer.cloudevent)["id"] == trigger_id
    assert outcomes(explain(client, trigger_id=trigger_id, subscription_id="after")) \
        == {"after": "MATCH"}


def test_a_made_up_trigger_has_the_events_defaults(client, functions):
    client.define("e", data=b'{"a": 1}', data_type="application/json")
    client.http_function("f", functions.function("/f"))
    subscribe(client, "s", event="e", filter=pb.Filter(pattern='{"data": {"a": [1]}}'))

    assert outcomes(explain(client, "e", b"")) == {"s": "MATCH"}
    assert outcomes(explain(client, "e", b'{"a": 2}')) == {"s": "FILTERED"}


@pytest.mark.parametrize("strategy, first, later, skipped", [
    ("PARALLEL", {"a", "b", "c"}, [], 0),
    ("SEQUENCE", {"b"}, ["a", "c"], 0),
    ("FIRST_SUCCESS", {"b"}, ["a", "c"], 0),
    ("ONE_OF", None, [], 2),
])
def test_a_group_says_who_goes_first_who_waits_and_who_is_skipped(
        client, orders, strategy, first, later, skipped):
    client.group("g", EVENT, strategy)
    for place, member in enumerate(("b", "a", "c", "filtered")):
        fields = {"filter": pb.Filter(sql="FALSE")} if member == "filtered" else {}
        subscribe(client, member, group="g", order=place, **fields)

    group, = explain(client, ordering_key="same").groups

    assert group.group == "g"
    assert group.strategy == pb.SubscriptionGroup.Strategy.Value(f"STRATEGY_{strategy}")
    assert (list(group.later), len(group.skipped)) == (later, skipped)
    assert set(group.first) == first if first else len(group.first) == 1
    assert {*group.first, *group.later, *group.skipped} == {"a", "b", "c"}
    # It is what happens.
    states = client.states(client.emit(EVENT, DATA, ordering_key="same").trigger_id)
    assert {s for s, state in states.items() if state == "SKIPPED"} == set(group.skipped)


def test_a_transform_is_tried(client, orders):
    subscribe(client, "t", transform=pb.Transform(
        template='{"n": "${/data/total}", "text": "${/type}/${/data/none}", "x": "${/data/none}"}'))

    only, = explain(client).subscriptions

    assert json.loads(only.data) == {"n": 7, "text": "order.created/", "x": None}


def test_what_a_transform_makes_is_shown_up_to_4_kib(client, orders):
    subscribe(client, "t", transform=pb.Transform(template='{"all": "${/data}"}'))

    only, = explain(client, data=json.dumps({"long": "x" * 50_000}).encode()).subscriptions

    assert 4_000 <= len(only.data) <= 4_096
    assert only.data.startswith(b'{"all":')


def test_a_paused_subscription_matches_and_says_that_it_is_paused(client, orders):
    subscribe(client, "s")
    client.pause("s")

    only, = explain(client).subscriptions

    assert (outcome(only), only.state) == ("MATCH", pb.Subscription.STATE_PAUSED)


def test_pages_follow_each_other_and_only_the_first_has_the_rest(client, orders):
    for number in range(5):
        subscribe(client, f"s{number}")

    pages = [explain(client, page_size=2)]
    while pages[-1].next_page_token:
        pages.append(explain(client, page_size=2, page_token=pages[-1].next_page_token))

    assert [[s.subscription_id for s in page.subscriptions] for page in pages] \
        == [["s0", "s1"], ["s2", "s3"], ["s4"]]
    assert [page.match_count for page in pages] == [5, 0, 0]
    assert [bool(page.cloudevent) for page in pages] == [True, False, False]
    with refused("INVALID_ARGUMENT", field="page_token"):
        explain(client, data=b"{}", page_token=pages[0].next_page_token)


def set_schema(client, definition, enforcement="ENFORCE"):
    schema = pb.Schema(
        definition=json.dumps(definition).encode(),
        enforcement=pb.Schema.Enforcement.Value(f"ENFORCEMENT_{enforcement}"))
    client.events.UpdateEvent(
        pb.UpdateEventRequest(event=pb.Event(event=EVENT, schema=schema)))


@pytest.mark.parametrize("enforcement", ["OFF", "AUDIT", "ENFORCE"])
def test_each_violation_of_the_schema_is_said_and_none_counted(client, orders, enforcement):
    set_schema(
        client, {"properties": {"total": {"minimum": 10}}, "required": ["to"]}, enforcement)

    schema = explain(client).schema

    assert (schema.revision, schema.refused) == (1, enforcement == "ENFORCE")
    assert schema.enforcement == pb.Schema.Enforcement.Value(f"ENFORCEMENT_{enforcement}")
    assert [(v.instance_location, v.keyword_location, v.description) for v in schema.violations] \
        == [("", "/required", "has no 'to', which is required"),
            ("/total", "/properties/total/minimum", "is 7; it must be at least 10")]
    assert list(explain(client, data=b'{"total": 10, "to": 1}').schema.violations) == []
    assert client.get_event(EVENT).schema_violation_count == 0


def test_a_stored_trigger_is_held_against_the_schema_as_it_is_now(client, orders):
    set_schema(client, {"type": "object"})
    trigger_id = client.emit(EVENT, DATA).trigger_id
    assert list(explain(client, trigger_id=trigger_id).schema.violations) == []
    set_schema(client, {"properties": {"total": {"type": "string"}}})

    schema = explain(client, trigger_id=trigger_id).schema

    assert (schema.revision, schema.refused) == (2, True)
    assert [v.instance_location for v in schema.violations] == ["/total"]


@pytest.mark.parametrize("data, data_type", [
    (b"{", "application/json"), (b"", "application/json"), (b"\xff", "application/json"),
    (b"<a/>", "application/xml"), (b"{}", "text/plain"),
])
def test_a_payload_that_is_no_json_violates_any_schema(client, orders, data, data_type):
    set_schema(client, {})
    schema = explain(client, data=data, data_type=data_type).schema
    violation, = schema.violations
    assert schema.refused and violation.instance_location == ""
    assert "JSON" in violation.description


def test_a_filter_that_can_not_be_evaluated_is_counted_by_triggers_only(client, orders):
    subscribe(client, "s", filter=pb.Filter(sql="INT(region) > 1"))
    for _ in range(2):
        assert outcomes(explain(client, metadata={"region": "eu"})) == {"s": "FILTER_ERROR"}
    shown = client.get_subscription("s")
    assert (shown.filter_error_count, shown.filter_error) == (0, "")

    for _ in range(3):
        client.emit(EVENT, metadata={"region": "eu"})
    client.emit(EVENT, metadata={"region": "1"})

    listed, = client.subscriptions.ListSubscriptions(pb.ListSubscriptionsRequest()).subscriptions
    for seen in (client.get_subscription("s"), listed):
        assert seen.filter_error_count == 3
        assert "eu" in seen.filter_error
        assert seen.etag == shown.etag


def test_what_is_not_there_is_refused(client, orders):
    with refused("NOT_FOUND", "EVENT_NOT_FOUND"):
        explain(client, "order.paid")
    with refused("NOT_FOUND", "TRIGGER_NOT_FOUND"):
        explain(client, trigger_id="nope")
    with refused("NOT_FOUND", "SUBSCRIPTION_NOT_FOUND"):
        explain(client, subscription_id="nope")
    with refused("INVALID_ARGUMENT", field="trigger_id"):
        client.triggers.ExplainTrigger(pb.ExplainTriggerRequest())


def test_a_made_up_trigger_has_to_be_one(client, orders):
    with refused("INVALID_ARGUMENT", "FIELD_INVALID", field="data_type"):
        explain(client, data_type="nope")
    with refused("INVALID_ARGUMENT", "FIELD_INVALID", field="event"):
        explain(client, "Not a name")


@pytest.fixture
def command(gateway, organization):
    def run(*arguments):
        return subprocess.run(
            [binary(), "explain", *arguments, "--gateway", gateway.address, "--org", organization],
            capture_output=True, timeout=60, text=True)
    return run


def test_the_command_draws_a_tree(client, command, orders):
    client.group("g", EVENT, "SEQUENCE", timeout=60)
    subscribe(client, "a", filter=pb.Filter(sql="region = 'eu'"), group="g")
    subscribe(client, "b", filter=pb.Filter(sql="region = 'us'"))
    subscribe(client, "c", event="parcel.**")

    result = command(EVENT, "--data", '{"total": 3}', "--metadata", "region=us")

    assert result.returncode == 0, result.stderr
    lines = result.stdout.splitlines()
    assert lines[0] == EVENT
    assert lines[1].startswith('├─ event {"specversion":"1.0"')
    assert lines[2:] == [
        "└─ subscriptions: 1 of 3 match",
        "   ├─ ✗ a → f", "   │  └─ fails at region = 'eu'; region is \"us\"",
        "   ├─ ✓ b → f",
        "   └─ ✗ c → f", "      └─ subscribes to parcel.**"]
    other = command(EVENT, "--metadata", "region=eu").stdout.splitlines()
    assert other[-2:] == ["└─ group g (sequence)", "   └─ first: a"]


def test_the_command_says_what_the_schema_says(client, command, orders):
    set_schema(client, {"properties": {"total": {"minimum": 10}}})
    satisfied = command(EVENT, "--data", '{"total": 10}').stdout.splitlines()
    assert satisfied[2] == "├─ schema revision 1 (enforce): ✓ satisfied"
    violated = command(EVENT, "--data", '{"total": 9}').stdout.splitlines()
    assert violated[2:4] == [
        "├─ schema revision 1 (enforce): ✗ violated, refused",
        "│  └─ /total is 9; it must be at least 10 (/properties/total/minimum)"]
    set_schema(client, {"properties": {"total": {"minimum": 10}}}, "AUDIT")
    audited = command(EVENT, "--data", '{"total": 9}').stdout.splitlines()
    assert audited[2] == "├─ schema revision 1 (audit): ✗ violated, taken all the same"


def test_the_command_has_json_for_programs(client, command, orders):
    trigger_id = client.emit(EVENT, DATA).trigger_id
    # More than a page has, and more than a trigger may run.
    for number in range(1_001):
        subscribe(client, f"s{number:04}")

    answer, = [json.loads(line) for line in command(
        "--trigger", trigger_id, "-o", "json").stdout.splitlines()]

    assert len(answer["subscriptions"]) == answer["matchCount"] == 1_001
    assert "nextPageToken" not in answer
    assert json.loads(answer["cloudevent"])["id"] == trigger_id


def test_the_command_says_what_is_not_there(command):
    result = command("--trigger", "nope")
    assert result.returncode == 1
    assert result.stderr.startswith("error: NOT_FOUND TRIGGER_NOT_FOUND: ")
