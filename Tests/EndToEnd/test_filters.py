"""Filters and transforms of subscriptions, and ExplainTrigger."""

import json

import pytest

from harness.contract import pb
from harness.refusal import refused

OUTCOME = pb.SubscriptionExplanation

FILTERS = [
    pb.Filter(sql="region = 'eu'"),
    pb.Filter(json='[{"exact":{"region":"eu"}}]'),
    pb.Filter(pattern='{"region":["eu"]}'),
]


def subscribe(client, subscription_id, **fields):
    return client.subscriptions.CreateSubscription(pb.CreateSubscriptionRequest(
        subscription=pb.Subscription(
            subscription_id=subscription_id, event="order.created", function_id="f", **fields)))


@pytest.fixture
def function(client, functions):
    client.define("order.created")
    client.http_function("f", functions.function("/f"))


@pytest.mark.parametrize("wanted", FILTERS, ids=["sql", "json", "pattern"])
def test_a_filter_decides_who_gets_a_trigger(client, function, wanted):
    subscribe(client, "s", filter=wanted)

    assert client.emit("order.created", metadata={"region": "eu"}).invocation_count == 1
    assert client.emit("order.created", metadata={"region": "us"}).invocation_count == 0


@pytest.mark.parametrize(
    "wrong", [pb.Filter(sql="a ="), pb.Filter(json="[{]"), pb.Filter(pattern='{"a":}')],
    ids=["sql", "json", "pattern"])
def test_a_filter_that_is_none_is_refused_with_its_place(client, function, wrong):
    field = f"subscription.filter.{wrong.WhichOneof('filter')}"
    with refused("INVALID_ARGUMENT", "FILTER_INVALID", field) as seen:
        subscribe(client, "s", filter=wrong)
    assert "(line 1, column " in seen[0].fields[field]


def test_a_function_gets_what_the_transform_makes(client, functions, function):
    subscribe(client, "s", transform=pb.Transform(template='{"n":"${/data/total}"}'))
    client.run("order.created", b'{"total":3}', data_type="application/json")
    assert json.loads(functions.received("/f")[0].body) == {"n": 3}


def test_a_trigger_is_explained(client, functions, function):
    subscribe(client, "match")
    subscribe(client, "other", filter=pb.Filter(sql="type = 'x'"))
    answer = client.triggers.ExplainTrigger(pb.ExplainTriggerRequest(
        trigger=pb.EmitEventRequest(event="order.created", data=b"{}")))
    assert {s.subscription_id: s.outcome for s in answer.subscriptions} \
        == {"match": OUTCOME.OUTCOME_MATCH, "other": OUTCOME.OUTCOME_FILTERED}
    assert answer.match_count == 1
    assert json.loads(answer.cloudevent)["type"] == "order.created"
    assert functions.received("/f") == []
