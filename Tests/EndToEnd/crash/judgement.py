"""A history with the look-ups that its checks need."""

import collections


class Judgement:
    def __init__(self, history):
        self.history = history
        self.runs = collections.defaultdict(list)
        for run in sorted(history.runs, key=lambda run: run.start):
            self.runs[run.trigger_id, run.subscription_id].append(run)
        self.invocations = {
            (trigger.trigger_id, invocation.subscription_id): invocation
            for trigger in history.triggers.values() for invocation in trigger.invocations}
        self.by_id = {i.invocation_id: i for i in self.invocations.values()}
        self.cancelled = {cancel.trigger_id for cancel in history.cancels}
        self.acked = [sent for sent in history.sent if sent.acks]
        self._first_redrives = {}
        for redrive in history.redrives:
            for name in filter(None, (redrive.invocation_id, redrive.subscription_id)):
                first = self._first_redrives.get(name, float("inf"))
                self._first_redrives[name] = min(first, redrive.sent)

    def runs_of(self, trigger_id, subscription_id):
        return self.runs.get((trigger_id, subscription_id), [])

    def taken_up(self, invocation):
        """When it may first have been taken up again; infinite if nobody asked for it."""
        return min(self._first_redrives.get(name, float("inf"))
                   for name in (invocation.invocation_id, invocation.subscription_id))

    def first_life(self, trigger_id, subscription_id):
        """The runs before it may have been taken up again."""
        invocation = self.invocations.get((trigger_id, subscription_id))
        limit = self.taken_up(invocation) if invocation else float("inf")
        return [run for run in self.runs_of(trigger_id, subscription_id) if run.start < limit]

    def extent(self, trigger_id, subscription_id):
        """Until when it was busy; None if it never ran.

        A run that a kill cut short counts with its start only: nobody waited for its end.
        """
        runs = self.first_life(trigger_id, subscription_id)
        return max((run.start if run.is_cut else run.end for run in runs), default=None)
