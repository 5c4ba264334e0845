"""Rounds of load, each of which ends with a kill, and the history of all of them."""

import collections
import random
import time

import grpc

from crash import load
from crash.history import Follow, History, Invocation, Trigger
from crash.world import PAUSED, World, digest
from harness.client import Client
from harness.contract import pb
from harness.gateway import Gateway
from harness.waiting import eventually

SENDS_PER_ROUND_MAX = 80
ROUND_SECONDS_MAX = 2
ROUNDS_OF_A_KEY = 5
LATE_EVERY = 4
UNFINISHED = [
    pb.Invocation.STATE_PENDING, pb.Invocation.STATE_RUNNING, pb.Invocation.STATE_RETRYING]
WORKERS = (load.Emitter, load.Emitter, load.Streamer, load.Streamer, load.BatchEmitter,
           load.Meddler)


class Suite:
    """One gateway that is killed again and again, and everything that happened meanwhile."""

    def __init__(self, seed, server, folder):
        self.seed = seed
        self.random = random.Random(seed)
        self.server = server
        self.gateway = Gateway(folder / "data")
        self.world = World(server, folder / "seen")
        self.ledger = load.Ledger(self.world.subscriptions_of)
        self.follow = Follow()
        self.follower = None
        self.client = None
        self.kills = 0

    def start(self):
        self._start_gateway()
        self.world.define(self.client)
        self._start_follower("")
        # Its first answer says from where it follows: before it nothing may happen.
        self.follower.began.get(timeout=30)

    def _start_gateway(self):
        self.gateway.start()
        self.client = Client(self.gateway.address)

    def _start_follower(self, token):
        self.follower = load.Follower(Client(self.gateway.address), self.follow, token)
        self.follower.start()

    def round(self, number):
        """Load until the gateway is killed, and a new start."""
        if number % LATE_EVERY == LATE_EVERY - 1:
            self._change_subscriptions(number)
        workers = [self._worker(kind, number, place) for place, kind in enumerate(WORKERS)]
        goal = self.ledger.acknowledgements + self.random.randint(0, 200)
        for worker in workers:
            worker.start()
        self.ledger.wait_for_acknowledgements(
            goal, within=self.random.uniform(0.1, ROUND_SECONDS_MAX))
        self._kill()
        for thread in [*workers, self.follower]:
            thread.join(60)
            assert not thread.is_alive(), f"{thread} does not notice that the gateway is gone"
        self._end_follower()
        self._settle()
        for _ in range(2):
            if self.random.random() < 0.3:
                self._kill_while_it_starts()
        self._start_gateway()
        self._start_follower(self.follower.token)

    def _change_subscriptions(self, number):
        """One comes, and an older one goes, whose invocations still run."""
        self.world.http(self.client, "order.paid", f"late-{number}", ["order.paid"])
        if number > 2 * LATE_EVERY:
            self.world.unsubscribe(
                self.client, f"late-{number - 2 * LATE_EVERY}", "order.paid")

    def _worker(self, kind, number, place):
        # Keys live for some rounds, so that kills fall in the middle of their order.
        key = f"{place}-{number // ROUNDS_OF_A_KEY}" if number != "end" else "end"
        return kind(
            Client(self.gateway.address), self.ledger, f"{self.seed}-{number}-{place}", key,
            SENDS_PER_ROUND_MAX)

    def _kill(self):
        code = self.gateway.kill()
        self.world.is_down.set()
        self.kills += 1
        assert code == -9, \
            f"the gateway had ended by itself: {code}\n{self.gateway.log_text()[-4000:]}"

    def _settle(self):
        """Functions finish what the dead gateway had asked of them."""
        self.client.close()
        self.server.settle()
        self.world.epoch += 1
        self.world.is_down.clear()

    def _kill_while_it_starts(self):
        self.gateway.launch()
        self.ledger.pause_for(self.random.uniform(0, 0.4))
        self._kill()
        self._settle()

    def _end_follower(self):
        self.follower.client.close()
        if self.follower.error.code() != grpc.StatusCode.UNAVAILABLE:
            self.ledger.complain(f"WatchInvocations: {self.follower.error}")

    def finish(self):
        """Lets everything that is left come to its end, without another kill."""
        now = time.monotonic()
        for pause in self.ledger.pauses:
            pause.until = min(pause.until, now)
        for name in PAUSED:
            self.client.resume(name)
        emitter = self._worker(load.Emitter, "end", 0)
        while sent := self.ledger.take_unacknowledged():
            emitter.send(sent)
        streamer = self._worker(load.Streamer, "end", 1)
        while self.ledger.cut:
            streamer.resume(*self.ledger.cut.pop())
        eventually(lambda: not self.client.invocations(states=UNFINISHED), 180, "all is finished")
        last = self._last_word()
        eventually(
            lambda: any(t.invocation_id.startswith(last) for t in list(self.follow.told)), 30,
            "WatchInvocations tells the last change")

    def _last_word(self):
        """A trigger whose end comes after everything else."""
        sent = self.ledger.new(f"{self.seed}-last", "order.paid", b"last")
        answer = self.client.emit(**self.ledger.sending(sent))
        self.ledger.acknowledged(sent, answer.trigger_id)
        self.client.finished(answer.trigger_id)
        return answer.trigger_id

    def close(self):
        if self.client:
            self.client.close()
        self.gateway.close()

    def history(self):
        ledger = self.ledger
        return History(
            subscriptions=self.world.subscriptions, groups=self.world.groups, sent=ledger.sent,
            runs=list(self.world.runs), process_runs=self.world.process_runs(),
            streams=ledger.streams, follows=[self.follow], cancels=ledger.cancels,
            pauses=ledger.pauses, redrives=ledger.redrives, triggers=self._triggers(),
            unexpected=ledger.unexpected)

    def _triggers(self):
        invocations = collections.defaultdict(list)
        for i in self.client.invocations(page_size=1000):
            invocations[i.trigger_id].append(Invocation(
                i.invocation_id, i.subscription_id, load.state_of(i),
                [(a.number, a.error.code) for a in i.attempts], load.redriven(i)))
        return {t.trigger_id: Trigger(
            t.trigger_id, t.event, t.request_id, digest(t.data),
            pb.Trigger.State.Name(t.state).removeprefix("STATE_"), dict(t.metadata),
            invocations[t.trigger_id]) for t in self.client.list_triggers(page_size=200)}
