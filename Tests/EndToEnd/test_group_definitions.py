"""Groups as definitions: what they show, what they refuse, who may join."""

import pytest

from harness.contract import pb
from harness.refusal import refused


@pytest.fixture(autouse=True)
def order_created(client):
    client.define("order.created")


def get_group(client, name="g"):
    return client.subscriptions.GetSubscriptionGroup(pb.GetSubscriptionGroupRequest(group=name))


@pytest.mark.parametrize("strategy, on_failure, completion", [
    ("", "CONTINUE", "ALL"), ("PARALLEL", "CONTINUE", "ALL"), ("SEQUENCE", "STOP", "ALL"),
    ("FIRST_SUCCESS", "UNSPECIFIED", "UNSPECIFIED"), ("ONE_OF", "UNSPECIFIED", "UNSPECIFIED"),
])
def test_get_shows_the_defaults(client, strategy, on_failure, completion):
    created = client.group("g", "order.created", strategy)

    shown = get_group(client)

    kind = pb.SubscriptionGroup
    assert shown == created
    assert kind.Strategy.Name(shown.strategy) == f"STRATEGY_{strategy or 'PARALLEL'}"
    assert kind.OnFailure.Name(shown.on_failure) == f"ON_FAILURE_{on_failure}"
    assert kind.Completion.Name(shown.completion) == f"COMPLETION_{completion}"
    assert (shown.revision, bool(shown.etag), bool(shown.uid)) == (1, True, True)


@pytest.mark.parametrize("field, fields", [
    ("group.on_failure", {"strategy": "ONE_OF", "on_failure": "STOP"}),
    ("group.completion", {"strategy": "FIRST_SUCCESS", "completion": "ANY"}),
    ("group.pipe_output", {"strategy": "PARALLEL", "pipe_output": True}),
    ("group.quorum", {"completion": "QUORUM"}),
    ("group.quorum", {"completion": "QUORUM", "quorum": 33}),
    ("group.quorum", {"quorum": 1}),
    ("group.timeout", {"timeout": 14 * 86_400 + 1}),
])
def test_what_does_not_fit_together_is_refused(client, field, fields):
    with refused("INVALID_ARGUMENT", "FIELD_INVALID", field=field):
        client.group("g", "order.created", **fields)


def test_a_group_of_an_unknown_event_is_refused(client):
    with refused("NOT_FOUND", "EVENT_NOT_FOUND"):
        client.group("g", "nope")


def test_a_group_must_exist_when_somebody_joins_it(client, functions):
    client.http_function("f", functions.function("/f"))
    with refused("NOT_FOUND", "GROUP_NOT_FOUND"):
        client.subscribe("order.created", "f", "s", group="nope")


def test_a_pattern_is_no_member_of_a_group(client, functions):
    client.http_function("f", functions.function("/f"))
    client.group("g", "order.created")
    with refused("INVALID_ARGUMENT", "FIELD_INVALID", field="subscription.group"):
        client.subscribe("order.*", "f", "s", group="g")


def test_a_member_must_be_of_its_groups_event(client, functions):
    client.define("order.paid")
    client.http_function("f", functions.function("/f"))
    client.group("g", "order.created")
    with refused("FAILED_PRECONDITION", "GROUP_MISMATCH"):
        client.subscribe("order.paid", "f", "s", group="g")


def test_a_group_has_at_most_32_members(client, functions):
    client.http_function("f", functions.function("/f"))
    client.group("g", "order.created")
    for number in range(32):
        client.subscribe("order.created", "f", f"s-{number}", group="g")

    with refused("RESOURCE_EXHAUSTED", "QUOTA"):
        client.subscribe("order.created", "f", "one-more", group="g")
    assert client.run("order.created").summary.succeeded == 32


def test_a_group_with_members_is_not_deleted(client, functions):
    client.http_function("f", functions.function("/f"))
    client.group("g", "order.created")
    client.subscribe("order.created", "f", "s", group="g")
    delete = pb.DeleteSubscriptionGroupRequest(group="g")

    with refused("FAILED_PRECONDITION", "IN_USE"):
        client.subscriptions.DeleteSubscriptionGroup(delete)
    client.update_subscription(pb.Subscription(subscription_id="s"), mask=["group"])
    client.subscriptions.DeleteSubscriptionGroup(delete)

    with refused("NOT_FOUND", "GROUP_NOT_FOUND"):
        get_group(client)


def test_groups_are_listed_by_event(client):
    client.define("order.paid")
    for name, event in (("b", "order.created"), ("a", "order.created"), ("c", "order.paid")):
        client.group(name, event)

    def listed(**filters):
        request = pb.ListSubscriptionGroupsRequest(**filters)
        return [g.group for g in client.subscriptions.ListSubscriptionGroups(request).groups]

    assert listed() == ["a", "b", "c"]
    assert listed(event="order.created") == ["a", "b"]


def test_an_update_with_an_old_etag_is_refused(client):
    etag = client.group("g", "order.created", "SEQUENCE").etag

    def update(**fields):
        return client.subscriptions.UpdateSubscriptionGroup(pb.UpdateSubscriptionGroupRequest(
            group=pb.SubscriptionGroup(group="g", etag=etag, **fields)))

    assert update(pipe_output=True).pipe_output
    with refused("ABORTED", "ETAG_MISMATCH"):
        update(metadata={"a": "b"})


@pytest.mark.parametrize("weight, shown", [(0, 1), (1, 1), (10_000, 10_000)])
def test_a_weight_is_at_least_one(client, functions, weight, shown):
    client.http_function("f", functions.function("/f"))
    client.group("g", "order.created", "ONE_OF")
    assert client.subscribe("order.created", "f", "s", group="g", weight=weight).weight == shown


@pytest.mark.parametrize("weight", [-1, 10_001])
def test_a_weight_beyond_its_limits_is_refused(client, functions, weight):
    client.http_function("f", functions.function("/f"))
    client.group("g", "order.created", "ONE_OF")
    with refused("INVALID_ARGUMENT", "FIELD_INVALID", field="subscription.weight"):
        client.subscribe("order.created", "f", "s", group="g", weight=weight)
