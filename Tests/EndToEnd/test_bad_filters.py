"""Filters, templates and patterns of names that are refused when they are written, each by name.

What is wrong with a text is tested at length in Tests/ExpressionsTests; here, that it is said to the
client, with its place, and that nothing is stored.
"""

import json

import pytest

from harness.contract import pb
from harness.refusal import refused


@pytest.fixture(autouse=True)
def orders(client, functions):
    client.define("order.created")
    client.http_function("f", functions.function("/f"))


def subscribe(client, event="order.created", **fields):
    return client.subscriptions.CreateSubscription(pb.CreateSubscriptionRequest(
        subscription=pb.Subscription(
            subscription_id="s", event=event, function_id="f", **fields)))


def nested(open, inner, close, depth):
    return open * depth + inner + close * depth


def many(count, one, joint):
    return joint.join([one] * count)


BAD_FILTERS = {
    "sql, a syntax error": ("sql", "type =\n AND id = 'x'", "line 2, column 2"),
    "sql, nothing but space": ("sql", " ", "line 1, column 2"),
    "sql, a string without an end": ("sql", "type = 'x", "line 1, column 8"),
    "sql, an unknown function": ("sql", "id = 'x' AND FOO(type)", "line 1, column 14"),
    "sql, too few arguments": ("sql", "LENGTH() = 1", "line 1"),
    "sql, never a boolean": ("sql", "LENGTH(type)", "line 1"),
    "sql, a cast that always fails": ("sql", "'x' + 1 = 2", "line 1"),
    "sql, a number that is too large": ("sql", "x = 99999999999", "line 1, column 5"),
    "sql, too many clauses": ("sql", many(257, "x=1", " OR "), "more than 256 clauses"),
    "sql, nested too deep": ("sql", nested("(", "TRUE", ")", 10_000 // 2), "32"),
    "json, no JSON": ("json", '{"exact": {"type": "x"}', "line 1"),
    "json, an unknown dialect": ("json", '{"exakt": {"type": "x"}}', "line 1, column 2"),
    "json, two dialects in one": (
        "json", '{"exact": {"type": "x"}, "prefix": {"type": "x"}}', "line 1"),
    "json, a wrong type": ("json", '{"exact": {"type": 5}}', "line 1, column 20"),
    "json, nothing in all": ("json", '{"all": []}', "line 1"),
    "json, wrong sql within": ("json", '{"any": [{"sql": "type ="}]}', "line 1"),
    "json, too many clauses": (
        "json", "[" + many(257, '{"exact":{"id":"1"}}', ",") + "]", "more than 256 clauses"),
    "json, nested too deep": (
        "json", nested('{"not":', '{"exact":{"id":"1"}}', "}", 2_000), "line 1"),
    "pattern, no JSON": ("pattern", '{"type": ["x"],}', "line 1, column 16"),
    "pattern, the same name twice": ("pattern", '{"type": ["x"], "type": ["y"]}', "line 1"),
    "pattern, a value that is no array": ("pattern", '{"type": "x"}', "line 1, column 10"),
    "pattern, an unknown matcher": ("pattern", '{"type": [{"sufix": "x"}]}', "line 1, column 11"),
    "pattern, a wrong type": ("pattern", '{"type": [{"prefix": 5}]}', "line 1, column 22"),
    "pattern, an unknown comparison": (
        "pattern", '{"data": {"n": [{"numeric": ["~", 5]}]}}', "line 1, column 30"),
    "pattern, an empty range": (
        "pattern", '{"data": {"n": [{"numeric": [">", 5, "<", 3]}]}}', "line 1"),
    "pattern, an ill-formed address": ("pattern", '{"ip": [{"cidr": "10.0.0.0/33"}]}', "line 1"),
    "pattern, an address that is none": ("pattern", '{"ip": [{"cidr": "ten/8"}]}', "line 1"),
    "pattern, a wildcard of two stars": (
        "pattern", '{"type": [{"wildcard": "a**b"}]}', "line 1"),
    "pattern, regular expressions": ("pattern", '{"type": [{"regex": "(a+)+$"}]}', "line 1"),
    "pattern, too many clauses": (
        "pattern", '{"type": [' + many(257, '"x"', ",") + "]}", "more than 256 clauses"),
    "pattern, nested too deep": (
        "pattern", nested('{"data":', '["x"]', "}", 1_500), "line 1"),
}


@pytest.mark.parametrize("language, text, said", BAD_FILTERS.values(), ids=BAD_FILTERS)
def test_a_bad_filter_is_refused(client, language, text, said):
    field = f"subscription.filter.{language}"
    with refused("INVALID_ARGUMENT", "FILTER_INVALID", field=field) as refusal:
        subscribe(client, filter=pb.Filter(**{language: text}))
    assert said in refusal[0].fields[field]
    assert "column" in refusal[0].fields[field]
    assert len(refusal[0].fields[field]) < 600
    assert client.subscription_ids() == []


@pytest.mark.parametrize("language, text, said", [
    ("sql", f"type = '{'x' * 16_384}'", "is 16393 bytes; at most 16384 are allowed"),
    ("json", '{"exact":{"id":"' + "x" * 16_384 + '"}}', "at most 16384 are allowed"),
    ("pattern", '{"id":["' + "x" * 16_384 + '"]}', "at most 16384 are allowed"),
    ("sql", "", "has none of"), ("json", "", "has none of"), ("pattern", "", "has none of"),
], ids=lambda value: value[:8])
def test_a_filter_of_a_wrong_length_is_refused(client, language, text, said):
    field = f"subscription.filter.{language}" if text else "subscription.filter"
    with refused("INVALID_ARGUMENT", "FIELD_INVALID", field=field) as refusal:
        subscribe(client, filter=pb.Filter(**{language: text}))
    assert said in refusal[0].fields[field]


def test_an_update_with_a_bad_filter_changes_nothing(client):
    before = subscribe(client, filter=pb.Filter(sql="TRUE"))
    with refused("INVALID_ARGUMENT", "FILTER_INVALID", field="subscription.filter.sql"):
        client.update_subscription(
            pb.Subscription(subscription_id="s", filter=pb.Filter(sql="FALSE AND")), ["filter"])
    assert client.get_subscription("s") == before


BAD_TEMPLATES = {
    "no JSON": ('{"a": ', "line 1, column 7"),
    "nothing": ("", ""),
    "the same name twice": ('{"a": 1, "a": 2}', "line 1"),
    "a placeholder that is no pointer": ('{"a": "${x}"}', "line 1, column 10"),
    "an unknown attribute's pointer escape": ('{"a": "${/data/~2}"}', "line 1"),
    "a placeholder without an end": ('{"a": "${/data"}', "line 1"),
    "a placeholder in a name": ('{"${/type}": 1}', "line 1"),
    "too many placeholders": (json.dumps(["${/id}"] * 1_001), "more than 1000 placeholders"),
    "too long": ('"' + "x" * 16_384 + '"', "at most 16384"),
    "nested too deep": (nested("[", "1", "]", 5_000), "line 1"),
}


@pytest.mark.parametrize("template, said", BAD_TEMPLATES.values(), ids=BAD_TEMPLATES)
def test_a_bad_template_is_refused(client, template, said):
    field = "subscription.transform.template"
    with refused("INVALID_ARGUMENT", field=field) as refusal:
        subscribe(client, transform=pb.Transform(template=template))
    assert said in refusal[0].fields[field]
    assert client.subscription_ids() == []


@pytest.mark.parametrize("event", [
    "**.a", "order.**.late", "**.**", "order.*x", "***", "order..created", ".order", "order.",
    "order.\ncreated", "order.\x1b[31m", "order.\u202ecreated", "Order", "", "x" * 129,
])
def test_a_bad_name_or_pattern_is_refused_and_shown_as_plain_text(client, event):
    with refused("INVALID_ARGUMENT", "FIELD_INVALID", field="subscription.event") as refusal:
        subscribe(client, event=event)
    assert refusal[0].message.isprintable()
    if "*" not in event:
        with refused("INVALID_ARGUMENT", "FIELD_INVALID", field="event.event") as refusal:
            client.define(event)
        assert refusal[0].message.isprintable()
        with refused("INVALID_ARGUMENT", "FIELD_INVALID", field="event") as refusal:
            client.emit(event)
        assert refusal[0].message.isprintable()


def test_a_name_with_a_zero_byte_is_refused(client):
    with refused("INVALID_ARGUMENT"):
        client.define("order\0created")
