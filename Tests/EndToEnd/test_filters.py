"""Filters decide which subscriptions a trigger is for; transforms what their functions get."""

import json

import pytest

from harness.contract import pb
from harness.refusal import refused

LARGE = '{"data": {"total": [{"numeric": [">", 100]}]}}'


def subscribe(client, subscription_id, function_id, **fields):
    subscription = pb.Subscription(
        subscription_id=subscription_id, event="order.*", function_id=function_id, **fields)
    return client.subscriptions.CreateSubscription(
        pb.CreateSubscriptionRequest(subscription=subscription))


@pytest.fixture
def orders(client, functions):
    client.define("order.created")
    client.http_function("f", functions.function("/f"))


def matched(client, data=b"{}", **fields):
    trigger_id = client.emit("order.created", data, **fields).trigger_id
    return {i.subscription_id for i in client.invocations(trigger_id=trigger_id)}


@pytest.mark.parametrize("filter, large, small", [
    ({"sql": "type = 'order.created' AND region LIKE 'eu-%'"}, True, True),
    ({"sql": "region = 'us' OR NOT EXISTS region"}, False, False),
    ({"json": '{"prefix": {"region": "eu-"}}'}, True, True),
    ({"json": '[{"exact": {"region": "eu-west"}}, {"not": {"suffix": {"type": "d"}}}]'},
     False, False),
    ({"pattern": LARGE}, True, False),
    ({"pattern": '{"region": ["eu-west"], "data": {"total": [{"anything-but": 101}]}}'},
     False, True),
])
def test_a_trigger_is_for_those_whose_filter_matches(client, orders, filter, large, small):
    subscribe(client, "all", "f")
    written = subscribe(client, "some", "f", filter=pb.Filter(**filter))
    assert written.filter == pb.Filter(**filter)
    region = {"metadata": {"region": "eu-west"}}
    assert ("some" in matched(client, b'{"total": 101}', **region)) == large
    assert ("some" in matched(client, b'{"total": 7}', **region)) == small


@pytest.mark.parametrize("language, text, place", [
    ("sql", "type =\n = 'x'", "line 2, column 2"),
    ("sql", "FOO(type)", "line 1"),
    ("json", '{"exakt": {"type": "x"}}', "line 1"),
    ("pattern", '{"data": {"total": 5}}', "line 1"),
    ("pattern", '{"data":', "line 1"),
])
def test_a_filter_that_can_not_be_read_is_refused_with_its_place(
        client, orders, language, text, place):
    with refused("INVALID_ARGUMENT", "FILTER_INVALID",
                 field=f"subscription.filter.{language}") as refusal:
        subscribe(client, "s", "f", filter=pb.Filter(**{language: text}))
    assert place in str(refusal[0])


def test_an_empty_filter_is_refused(client, orders):
    with refused("INVALID_ARGUMENT", "FIELD_INVALID", field="subscription.filter"):
        subscribe(client, "s", "f", filter=pb.Filter())


def test_a_transform_shapes_what_the_function_gets(client, functions, orders):
    subscribe(client, "s", "f", transform=pb.Transform(
        template='{"id": "${/data/id}", "text": "by ${/type} for ${/metadata/team}"}'))
    trigger_id = client.emit(
        "order.created", b'{"id": 12345678901234567890}', metadata={"team": "shop"}).trigger_id
    client.finished(trigger_id)
    body = json.loads(functions.received("/f")[0].body)
    assert body == {"id": 12345678901234567890, "text": "by order.created for shop"}


def test_a_template_that_can_not_be_read_is_refused(client, orders):
    with refused("INVALID_ARGUMENT", "TEMPLATE_INVALID", field="subscription.transform.template"):
        subscribe(client, "s", "f", transform=pb.Transform(template='{"a": "${x}"}'))
