"""Groups: what each strategy runs, whichever member fails, and what the group comes to."""

import pytest

from harness.contract import pb
from harness.function_server import Reply
from harness.waiting import eventually

MEMBERS = ("m0", "m1", "m2")


@pytest.fixture(autouse=True)
def order_created(client):
    client.define("order.created")


@pytest.fixture
def group(client, functions):
    """Makes a group of three members, of which those in `failing` fail for good."""

    def group(strategy, failing=(), weights=(0, 0, 0), delivery=None, replies=None, **fields):
        client.group("g", "order.created", strategy, **fields)
        for order, member in enumerate(MEMBERS):
            reply = (replies or {}).get(
                member, Reply(400 if order in failing else 200, member.encode()))
            client.http_function(member, functions.function(f"/{member}", reply))
            client.subscribe(
                "order.created", member, member, group="g", order=order, weight=weights[order],
                **(delivery or {}))

    return group


def outcome_of(trigger):
    assert [g.group for g in trigger.groups] == ["g"]
    return pb.Trigger.State.Name(trigger.groups[0].state).removeprefix("STATE_")


def states(client, trigger_id):
    found = client.states(trigger_id)
    return [found[member] for member in MEMBERS]


# What members of a sequential group come to, told once more and from the contract alone.

def expected_in_turn(failing, needed, goes_on):
    result, succeeded, failed = [], 0, False
    for member in range(len(MEMBERS)):
        if succeeded >= needed or (failed and not goes_on):
            result.append("SKIPPED")
        elif member in failing:
            result.append("FAILED")
            failed = True
        else:
            result.append("SUCCEEDED")
            succeeded += 1
    return result, "SUCCEEDED" if succeeded >= needed else "FAILED"


NEEDED = {"ALL": 3, "ANY": 1, "QUORUM": 2}
FAILURES = [(), (0,), (1,), (2,), (0, 1), (1, 2), (0, 2), (0, 1, 2)]


@pytest.mark.parametrize("failing", FAILURES, ids=str)
@pytest.mark.parametrize("completion", NEEDED)
@pytest.mark.parametrize("on_failure", ["CONTINUE", "STOP", "CANCEL_REMAINING"])
def test_a_sequence(client, functions, group, on_failure, completion, failing):
    quorum = {"quorum": 2} if completion == "QUORUM" else {}
    group("SEQUENCE", failing, on_failure=on_failure, completion=completion, **quorum)

    progress = client.run("order.created", b"x")

    expected, outcome = expected_in_turn(failing, NEEDED[completion], on_failure == "CONTINUE")
    assert states(client, progress.trigger_id) == expected
    assert outcome_of(progress.summary) == outcome
    assert pb.Trigger.State.Name(progress.summary.state) == f"STATE_{outcome}"
    ran = [m for m in MEMBERS if functions.received(f"/{m}")]
    assert ran == [m for m, state in zip(MEMBERS, expected) if state != "SKIPPED"]


@pytest.mark.parametrize("failing", FAILURES, ids=str)
def test_first_success(client, functions, group, failing):
    group("FIRST_SUCCESS", failing)

    progress = client.run("order.created", b"x")

    expected, outcome = expected_in_turn(failing, 1, True)
    assert states(client, progress.trigger_id) == expected
    assert outcome_of(progress.summary) == outcome
    skipped = [m for m, state in zip(MEMBERS, expected) if state == "SKIPPED"]
    assert all(functions.received(f"/{m}") == [] for m in skipped)
    assert all(progress.outcome(m).error.code == "GROUP_SKIPPED" for m in skipped)


@pytest.mark.parametrize("failing", FAILURES, ids=str)
@pytest.mark.parametrize("completion", NEEDED)
@pytest.mark.parametrize("on_failure", ["CONTINUE", "STOP", "CANCEL_REMAINING"])
def test_members_in_parallel_that_all_have_started(
    client, functions, group, on_failure, completion, failing
):
    gate = functions.hold("/gate")

    def reply(status, waits):
        def answer(request):
            # Nobody answers before all have begun; those that go well, only when the test says so.
            for member in MEMBERS:
                functions.wait_for(f"/{member}")
            if waits:
                gate.answer(request)
            return Reply(status)
        return answer

    cancels = bool(failing) and on_failure == "CANCEL_REMAINING"
    quorum = {"quorum": 2} if completion == "QUORUM" else {}
    # Of several failures the first one decides: with CANCEL_REMAINING only that one answers.
    group("PARALLEL", on_failure=on_failure, completion=completion, replies={
        member: reply(400 if order in failing else 200,
                      order not in failing or (cancels and order != failing[0]))
        for order, member in enumerate(MEMBERS)}, **quorum)
    trigger_id = client.emit("order.created", b"x").trigger_id
    decided = {MEMBERS[order] for order in failing}
    eventually(lambda: all(client.states(trigger_id)[m] in ("FAILED", "CANCELLED")
                           for m in decided))
    if not cancels:
        gate.release()

    trigger = client.finished(trigger_id)
    gate.release()

    found = states(client, trigger_id)
    if cancels:
        assert found == ["FAILED" if order == failing[0] else "CANCELLED" for order in range(3)]
        assert outcome_of(trigger) == "FAILED"
        codes = {client.invocation_of(trigger_id, m).error.code
                 for m, state in zip(MEMBERS, found) if state == "CANCELLED"}
        assert codes == {"GROUP_CANCELLED"}
    elif on_failure == "CANCEL_REMAINING" and completion != "ALL":
        # Who comes last is stopped: enough have succeeded.
        assert found.count("SUCCEEDED") >= NEEDED[completion]
        assert outcome_of(trigger) == "SUCCEEDED"
    else:
        assert found == ["FAILED" if order in failing else "SUCCEEDED" for order in range(3)]
        enough = 3 - len(failing) >= NEEDED[completion]
        assert outcome_of(trigger) == ("SUCCEEDED" if enough else "FAILED")


def test_a_parallel_member_that_has_not_started_is_skipped_once_one_fails(client, functions):
    client.group("g", "order.created", "PARALLEL", on_failure="STOP")
    client.http_function("m0", functions.function("/m0", Reply(400)))
    client.http_function(
        "busy", functions.hold("/busy").url, flow=pb.FlowControl(max_concurrency=1))
    client.define("other", function_id="busy")
    client.emit("other")
    functions.wait_for("/busy")
    client.subscribe("order.created", "m0", "m0", group="g")
    client.subscribe("order.created", "busy", "m1", group="g")

    trigger_id = client.emit("order.created").trigger_id

    assert outcome_of(client.finished(trigger_id)) == "FAILED"
    assert client.states(trigger_id) == {"m0": "FAILED", "m1": "SKIPPED"}


def test_one_of_runs_one_and_the_same_for_the_same_key(client, functions, group):
    group("ONE_OF", weights=(8, 1, 1))
    keys = [f"key-{number}" for number in range(60)]
    ids = [client.emit("order.created", key.encode(), ordering_key=key).trigger_id
           for key in keys * 2]

    chosen = {}
    for key, trigger_id in zip(keys * 2, ids):
        trigger = client.finished(trigger_id)
        assert outcome_of(trigger) == "SUCCEEDED"
        found = states(client, trigger_id)
        assert sorted(found) == ["SKIPPED", "SKIPPED", "SUCCEEDED"]
        assert chosen.setdefault(key, found.index("SUCCEEDED")) == found.index("SUCCEEDED")
    counts = [list(chosen.values()).count(member) for member in range(3)]
    # 48 of 60 on average; fewer than 35 would be a wonder.
    assert counts[0] > 35 and counts[1] + counts[2] > 0, counts


def test_one_of_fails_if_the_chosen_one_fails(client, group):
    group("ONE_OF", failing=(0, 1, 2))

    summary = client.run("order.created").summary

    assert outcome_of(summary) == "FAILED"
    assert (summary.failed, summary.skipped) == (1, 2)


def test_retries_are_over_before_a_failure_counts(client, functions, group):
    def reply(request):
        return Reply(503 if int(request.attribute("dispatchattempt")) < 3 else 200)

    group("SEQUENCE", replies={"m0": reply},
          delivery={"max_attempts": 3, "initial_backoff": 0.01})

    progress = client.run("order.created")

    assert outcome_of(progress.summary) == "SUCCEEDED"
    assert [len(functions.received(f"/{m}")) for m in MEMBERS] == [3, 1, 1]


def test_a_sequence_runs_in_the_order_of_its_members(client, functions, group):
    group("SEQUENCE")
    held = functions.hold("/m1")

    trigger_id = client.emit("order.created").trigger_id
    functions.wait_for("/m1")

    assert states(client, trigger_id) == ["SUCCEEDED", "RUNNING", "PENDING"]
    last = client.invocations(trigger_id=trigger_id, subscription_id="m2")[0]
    assert list(last.holds) == [pb.Invocation.HOLD_GROUP]
    trigger = client.get_trigger(trigger_id)
    assert outcome_of(trigger) == "RUNNING"
    assert (trigger.groups[0].succeeded, trigger.groups[0].failed) == (1, 0)
    held.release()
    assert outcome_of(client.finished(trigger_id)) == "SUCCEEDED"


def test_the_place_in_a_sequence_survives_a_kill(start_gateway, connect, functions):
    gateway = start_gateway()
    client = connect(gateway)
    client.define("order.created")
    client.group("g", "order.created", "SEQUENCE", pipe_output=True)
    held = functions.hold("/m1", Reply(body=b"from m1"))
    for order, member in enumerate(MEMBERS):
        if member != "m1":
            functions.function(f"/{member}", Reply(body=f"from {member}".encode()))
        client.http_function(member, f"http://127.0.0.1:{functions.port}/{member}")
        client.subscribe("order.created", member, member, group="g", order=order)
    trigger_id = client.emit("order.created", b"payload").trigger_id
    functions.wait_for("/m1")

    gateway.kill()
    gateway.start()
    client = connect(gateway)
    functions.wait_for("/m1", 2)
    held.release()

    assert client.finished(trigger_id).state == pb.Trigger.STATE_SUCCEEDED
    seen = {m: [request.body for request in functions.received(f"/{m}")] for m in MEMBERS}
    assert seen == {
        "m0": [b"payload"], "m1": [b"from m0", b"from m0"], "m2": [b"from m1"]}


def test_output_is_piped_with_its_type(client, functions, group):
    group("SEQUENCE", pipe_output=True, replies={
        "m0": Reply(body=b"<a/>", headers={"content-type": "application/xml"})})

    progress = client.run("order.created", b"payload")

    assert outcome_of(progress.summary) == "SUCCEEDED"
    received = [functions.received(f"/{m}")[0] for m in MEMBERS]
    assert [request.body for request in received] == [b"payload", b"<a/>", b"m1"]
    assert received[1].headers["content-type"] == "application/xml"
    assert client.get_trigger(progress.trigger_id).data == b"payload"


def test_an_output_that_was_cut_off_is_no_payload(client, functions, group):
    group("SEQUENCE", pipe_output=True, replies={"m0": Reply(body=bytes((256 << 10) + 1))})

    progress = client.run("order.created", b"payload")

    assert states(client, progress.trigger_id) == ["SUCCEEDED", "FAILED", "SKIPPED"]
    error = progress.outcome("m1").error
    assert (error.code, error.final) == ("PIPED_OUTPUT_TRUNCATED", True)
    assert error.error_class == pb.InvocationError.ERROR_CLASS_INPUT
    assert functions.received("/m1") == []


def test_a_sequence_that_goes_on_pipes_the_last_success(client, functions, group):
    group("SEQUENCE", failing=(1,), pipe_output=True, on_failure="CONTINUE")

    client.run("order.created", b"payload")

    assert functions.received("/m2")[0].body == b"m0"


def test_a_group_has_its_time(client, functions, group):
    held = functions.hold("/held")
    group("SEQUENCE", timeout=1, replies={"m1": held.answer})

    progress = client.run("order.created")

    assert states(client, progress.trigger_id) == ["SUCCEEDED", "FAILED", "SKIPPED"]
    error = progress.outcome("m1").error
    assert (error.code, error.error_class) \
        == ("GROUP_TIMEOUT", pb.InvocationError.ERROR_CLASS_TIMEOUT)
    assert outcome_of(progress.summary) == "FAILED"
    held.release()


def test_groups_and_single_subscriptions_do_not_affect_each_other(client, functions, group):
    group("SEQUENCE", failing=(0,))
    client.http_function("alone", functions.function("/alone"))
    client.subscribe("order.created", "alone", "alone")
    client.group("h", "order.created", "FIRST_SUCCESS")
    client.subscribe("order.created", "alone", "h0", group="h")

    summary = client.run("order.created").summary

    outcomes = {g.group: pb.Trigger.State.Name(g.state) for g in summary.groups}
    assert outcomes == {"g": "STATE_FAILED", "h": "STATE_SUCCEEDED"}
    assert (summary.succeeded, summary.failed, summary.skipped) == (2, 1, 2)


def test_a_trigger_takes_the_group_as_it_was(client, functions, group):
    group("SEQUENCE")
    held = functions.hold("/m0")
    trigger_id = client.emit("order.created").trigger_id
    functions.wait_for("/m0")

    client.subscriptions.UpdateSubscriptionGroup(pb.UpdateSubscriptionGroupRequest(
        group=pb.SubscriptionGroup(group="g", strategy=pb.SubscriptionGroup.STRATEGY_PARALLEL)))

    assert states(client, trigger_id) == ["RUNNING", "PENDING", "PENDING"]
    held.release()
    assert outcome_of(client.finished(trigger_id)) == "SUCCEEDED"


def test_a_redriven_member_brings_back_those_that_were_skipped(client, functions, group):
    def reply(request):
        return Reply(400 if request.attribute("dispatchattempt") == "1" else 200)

    group("SEQUENCE", replies={"m1": reply})
    trigger_id = client.run("order.created").trigger_id
    assert states(client, trigger_id) == ["SUCCEEDED", "FAILED", "SKIPPED"]

    client.retry(client.invocation_of(trigger_id, "m1").invocation_id)

    eventually(lambda: states(client, trigger_id) == ["SUCCEEDED"] * 3)
    trigger = client.get_trigger(trigger_id)
    assert outcome_of(trigger) == "SUCCEEDED"
    assert trigger.state == pb.Trigger.STATE_SUCCEEDED
    assert [len(functions.received(f"/{m}")) for m in MEMBERS] == [1, 2, 1]
