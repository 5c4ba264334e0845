"""What the crash suite defines in the gateway: events, groups and subscriptions of every kind, and
the functions behind them, which note every call."""

import hashlib
import threading
import time
import zlib

from crash.history import Group, Run, Subscription
from harness.client import subscription_group
from harness.contract import pb
from harness.function_server import Reply
from harness.gateway import FUNCTIONS

EVENTS = ("order.created", "order.paid", "shipment.ready", "refund.asked", "page.viewed",
          "risk.found", "letter.lost")
GROUPS = {
    "fulfil": ("shipment.ready", "SEQUENCE", ("pick", "pack", "ship"), True),
    "failover": ("refund.asked", "FIRST_SUCCESS", ("bank-1", "bank-2", "bank-3"), False),
    "canary": ("page.viewed", "ONE_OF", ("page-old", "page-new"), False),
}
# Subscriptions whose dead letters are taken up again, each with those that come back with it.
REDRIVEN = {"risky": (), "pack": ("ship",)}
# Subscriptions that are paused now and then.
PAUSED = ("mail", "invoice")
FINAL = frozenset({"HTTP_400"})


class World:
    """The definitions, and the functions' own record of what they were asked."""

    def __init__(self, server, seen_by_processes):
        self.server = server
        self.seen_by_processes = seen_by_processes
        self.subscriptions = {}
        self.groups = {}
        self.subscriptions_of = {event: set() for event in EVENTS}
        self.runs = []
        # How often the gateway was killed, and whether it is dead right now.
        self.epoch = 0
        self.is_down = threading.Event()

    def define(self, client):
        for event in EVENTS:
            client.define(event)
        client.process_function("stock", FUNCTIONS / "record.sh", self.seen_by_processes)
        self._subscribe(client, "order.created", "stock", ["order.created"], is_timed=False)
        self.http(client, "order.created", "mail", ["order.created"])
        self.http(client, "order.paid", "invoice", ["order.paid"])
        self.http(client, "order.*", "audit", ["order.created", "order.paid"])
        self.http(client, "risk.found", "risky", ["risk.found"], dead_letter_event="letter.lost")
        self.http(client, "letter.lost", "undertaker", ["letter.lost"])
        for name, (event, strategy, members, pipes) in GROUPS.items():
            self.groups[name] = Group(name, strategy, members, pipes)
            client.subscriptions.CreateSubscriptionGroup(pb.CreateSubscriptionGroupRequest(
                group=subscription_group(name, event, strategy, pipe_output=pipes)))
            for order, member in enumerate(members):
                self.http(client, event, member, [event], group=name, order=order)

    def http(self, client, pattern, name, events, **fields):
        """A subscription to an HTTP function of the same name."""
        url = self.server.function(f"/{name}", lambda request: self._answer(name, request))
        client.http_function(name, url)
        self._subscribe(client, pattern, name, events, **fields)

    def unsubscribe(self, client, name, event):
        client.subscriptions.DeleteSubscription(
            pb.DeleteSubscriptionRequest(subscription_id=name))
        self.subscriptions_of[event].discard(name)

    def _subscribe(self, client, pattern, name, events, is_timed=True, order=0, **fields):
        self.subscriptions[name] = Subscription(
            name, fields.get("group", ""), is_timed, fields.get("dead_letter_event", ""),
            FINAL if is_timed else frozenset())
        client.subscribe(
            pattern, name, name, order=order, max_attempts=20, initial_backoff=0.02,
            max_backoff=0.2, **fields)
        for event in events:
            self.subscriptions_of[event].add(name)

    def _answer(self, name, request):
        start, start_wall, epoch = time.monotonic(), time.time(), self.epoch
        trigger_id = request.attribute("id")
        attempt = int(request.attribute("dispatchattempt"))
        time.sleep(seconds_of(name, trigger_id))
        status = status_of(name, trigger_id, attempt)
        output = digest(request.body + name.encode()).encode()
        self.runs.append(Run(
            trigger_id, request.attribute("dispatchsubscription"), attempt, start,
            time.monotonic(), start_wall, digest(request.body), digest(output), status, epoch,
            is_cut=self.is_down.is_set()))
        return Reply(status, output)

    def process_runs(self):
        lines = self.seen_by_processes.read_text().splitlines()
        return [tuple(line.split()) for line in lines]


def status_of(name, trigger_id, attempt):
    """The same for the same attempt, however often it is made."""
    chance = zlib.crc32(f"{name} {trigger_id}".encode()) % 16
    if name == "risky":
        return 400 if attempt <= {0: 1, 1: 1, 2: 2}.get(chance, 0) else 200
    if name == "pack" and chance in (0, 1):
        return 400 if attempt == 1 else 200
    if name in ("bank-1", "bank-2") and chance < 8:
        return 400
    return 503 if attempt <= {14: 1, 15: 2}.get(chance, 0) else 200


def seconds_of(name, trigger_id):
    """Most are quick; some are so slow that a kill often finds them running."""
    chance = zlib.crc32(f"{trigger_id} {name}".encode()) % 64
    return 0.2 if chance == 0 else chance % 8 / 1000


def digest(data):
    return hashlib.sha256(data).hexdigest()
