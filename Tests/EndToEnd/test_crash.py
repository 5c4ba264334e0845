"""Kills the gateway at random moments, restarts it, and compares what clients were told and what
functions saw with what the gateway has in the end.

CRASH_SEED replays a run as far as threads allow; CRASH_ROUNDS says how many kills.
"""

import collections
import hashlib
import os
import random
import zlib

import pytest

from harness.client import Client
from harness.contract import pb
from harness.function_server import FunctionServer, Reply
from harness.gateway import FUNCTIONS, Gateway
from harness.measurements import note
from harness.publisher import History, Publisher
from harness.waiting import eventually

ROUNDS = int(os.environ.get("CRASH_ROUNDS", "20"))
SEED = os.environ.get("CRASH_SEED") or os.urandom(4).hex()
PUBLISHERS = 4
SENDS_PER_ROUND_MAX = 80
UNFINISHED = [
    pb.Invocation.STATE_PENDING, pb.Invocation.STATE_RUNNING, pb.Invocation.STATE_RETRYING]


class Run:
    """One gateway that is killed again and again, and everything that happened meanwhile."""

    def __init__(self, functions, folder):
        self.random = random.Random(SEED)
        self.functions = functions
        self.seen_by_processes = folder / "seen"
        self.gateway = Gateway(folder / "data")
        self.history = History()
        self.subscriptions_of = {"order.created": set(), "order.paid": set()}
        self.paths = {}
        self.client = None
        self.failures = []

    def define(self):
        """Two events with two and three subscriptions: HTTP functions, a process, a pattern."""
        self._start()
        for event in self.subscriptions_of:
            self.client.define(event)
        self.client.process_function("stock", FUNCTIONS / "record.sh", self.seen_by_processes)
        self._subscribe("order.created", "stock", "stock", {"order.created"})
        self._subscribe_http("order.created", "mail", {"order.created"})
        self._subscribe_http("order.paid", "invoice", {"order.paid"})
        self._subscribe_http("order.*", "audit", {"order.created", "order.paid"})

    def _subscribe_http(self, pattern, name, events):
        """The function fails at the first attempt of every tenth trigger."""
        def reply(request):
            first = request.attribute("dispatchattempt") == "1"
            chosen = zlib.crc32(request.attribute("id").encode()) % 10 == 0
            return Reply(503 if first and chosen else 200)

        self.paths[name] = f"/{name}"
        self.client.http_function(name, self.functions.function(self.paths[name], reply))
        self._subscribe(pattern, name, name, events)

    def _subscribe(self, pattern, function_id, name, events):
        self.client.subscribe(pattern, function_id, name, max_attempts=20, initial_backoff=0.02)
        for event in events:
            self.subscriptions_of[event].add(name)

    def _start(self):
        self.gateway.start()
        self.client = Client(self.gateway.address)

    def round(self, number):
        """Publishes until the gateway is killed, and starts it again."""
        if number % 5 == 4:
            self._subscribe_http("order.paid", f"late-{number}", {"order.paid"})
        publishers = [
            Publisher(
                Client(self.gateway.address), self.history, self.subscriptions_of,
                f"{SEED}-{number}-{index}", streams=index % 2 == 0, sends_max=SENDS_PER_ROUND_MAX)
            for index in range(PUBLISHERS)]
        goal = self.history.acknowledgements + self.random.randint(0, 150)
        for publisher in publishers:
            publisher.start()
        self.history.wait_for_acknowledgements(goal, within=self.random.uniform(0.1, 3))
        self._kill(self.gateway)
        self.client.close()
        for publisher in publishers:
            publisher.join(60)
            assert not publisher.is_alive()
            if publisher.unexpected:
                self.failures.append(f"round {number}: {publisher.unexpected}")
            publisher.client.close()
        if self.random.random() < 0.3:
            self._kill_while_it_starts()
        self._start()

    def _kill(self, gateway):
        code = gateway.kill()
        assert code == -9, f"the gateway had ended by itself: {code}\n{gateway.log_text()[-4000:]}"

    def _kill_while_it_starts(self):
        self.gateway.launch()
        self.history.wait_for_acknowledgements(float("inf"), within=self.random.uniform(0, 0.3))
        self._kill(self.gateway)

    def send_what_is_left(self):
        """What no round could get acknowledged goes through once nobody kills."""
        while self.history.unacknowledged:
            publisher = Publisher(
                self.client, self.history, self.subscriptions_of, f"{SEED}-end", streams=False,
                sends_max=len(self.history.unacknowledged))
            publisher.run()
            assert publisher.unexpected is None, publisher.unexpected

    def wait_until_idle(self):
        eventually(lambda: not self.client.invocations(states=UNFINISHED), 180, "all is finished")

    def seen(self):
        """What functions were given: checksums by trigger and subscription, one for each run."""
        seen = collections.defaultdict(list)
        for path in self.paths.values():
            for request in self.functions.received(path):
                key = request.attribute("id"), request.attribute("dispatchsubscription")
                seen[key].append(checksum(request.body))
        for line in self.seen_by_processes.read_text().splitlines():
            trigger_id, subscription_id, digest = line.split()
            seen[trigger_id, subscription_id].append(digest)
        return seen

    def triggers(self):
        """Every stored trigger, newest first."""
        found, token = [], ""
        while True:
            request = pb.ListTriggersRequest(page_size=200, page_token=token)
            page = self.client.triggers.ListTriggers(request)
            found += page.triggers
            token = page.next_page_token
            if not token:
                return found


def checksum(data):
    return hashlib.sha256(data).hexdigest()


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A run with all its kills, idle again."""
    print(f"CRASH_SEED={SEED} CRASH_ROUNDS={ROUNDS}")
    functions = FunctionServer()
    run = Run(functions, tmp_path_factory.mktemp("crash"))
    run.define()
    for number in range(ROUNDS):
        run.round(number)
    run.send_what_is_left()
    run.wait_until_idle()
    resent = sum(len(sent.memberships) > 1 for sent in run.history.sent)
    note(f"crash test: CRASH_SEED={SEED}, {ROUNDS} kills, {len(run.history.sent)} requests, "
         f"{run.history.acknowledgements} acknowledgements, {resent} across a change")
    yield run
    run.client.close()
    run.gateway.close()
    functions.close()


@pytest.fixture(scope="module")
def stored(finished):
    """The stored triggers by request id."""
    by_request = collections.defaultdict(list)
    for trigger in finished.triggers():
        by_request[trigger.request_id].append(trigger)
    return by_request


@pytest.fixture(scope="module")
def invocations(finished):
    """The stored invocations by trigger."""
    by_trigger = collections.defaultdict(list)
    for invocation in finished.client.invocations(page_size=1000):
        by_trigger[invocation.trigger_id].append(invocation)
    return by_trigger


def test_clients_saw_a_gateway_that_is_there_or_not_and_no_other_error(finished):
    assert finished.failures == []


def test_every_request_was_acknowledged_in_the_end_and_always_with_the_same_trigger(finished):
    assert finished.history.sent
    for sent in finished.history.sent:
        assert len(sent.trigger_ids) == 1, sent.request_id


def test_every_acknowledged_trigger_is_stored_once_and_unchanged(finished, stored):
    for sent in finished.history.sent:
        triggers = stored[sent.request_id]
        assert [trigger.trigger_id for trigger in triggers] == list(sent.trigger_ids)
        assert triggers[0].event == sent.event
        assert triggers[0].data == sent.payload
    assert len(stored) == len(finished.history.sent), "a trigger that nobody sent"


def test_every_acknowledged_trigger_has_one_terminal_invocation_per_subscription(
    finished, invocations
):
    for sent in finished.history.sent:
        found = invocations[next(iter(sent.trigger_ids))]
        members = sorted(invocation.subscription_id for invocation in found)
        assert members in [sorted(membership) for membership in sent.memberships]
        for invocation in found:
            assert invocation.state == pb.Invocation.STATE_SUCCEEDED, invocation


def test_functions_saw_every_acknowledged_trigger_with_its_payload(finished, invocations):
    seen = finished.seen()
    for sent in finished.history.sent:
        trigger_id = next(iter(sent.trigger_ids))
        for invocation in invocations[trigger_id]:
            digests = seen[trigger_id, invocation.subscription_id]
            assert digests, f"{invocation.subscription_id} never saw {trigger_id}"
            assert set(digests) == {checksum(sent.payload)}


def test_functions_saw_nothing_that_is_not_stored(finished, stored):
    known = {trigger.trigger_id for triggers in stored.values() for trigger in triggers}
    assert {trigger_id for trigger_id, _ in finished.seen()} <= known


def test_an_end_that_was_told_is_never_taken_back(finished, invocations):
    told = [invocation for sent in finished.history.sent for invocation in sent.told]
    assert told
    for was in told:
        now = next(i for i in invocations[was.trigger_id] if i.invocation_id == was.invocation_id)
        assert now.state == was.state
        assert now.attempts == was.attempts
