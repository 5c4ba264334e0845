"""Another client, that is to be served as if nothing were the matter."""

import threading
import time
import uuid
from pathlib import Path

import grpc

from harness.client import Client

WAIT_SECONDS_MAX = 1.0
CALLS_MIN = 5
DATA = b"the bystander's"


class Bystander:
    """Calls all the time from a connection of its own, each second time for a commit. Nothing but a
    right answer counts; what it waits for when the attack ends, it waits for to the end."""

    def __init__(self, gateway, *, address=None, credentials=None):
        self.gateway = gateway
        self.waits, self.error = [], None
        organization = f"bystander-{uuid.uuid4().hex[:6]}"
        self._client = Client(address or gateway.address, organization, credentials)
        self._client.define("seen", data=DATA)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self):
        self._call(0)
        Path(f"/proc/{self.gateway.pid}/clear_refs").write_text("5")
        self._kib_before = self._peak_kib()
        self._thread.start()
        return self

    def _run(self):
        number = 1
        while not self._stopped.wait(0.005):
            start = time.monotonic()
            try:
                self._call(number)
            except (grpc.RpcError, AssertionError) as error:
                self.error = error
                return
            self.waits.append(time.monotonic() - start)
            number += 1

    def _call(self, number):
        if number % 2:
            assert self._client.emit("seen", DATA).trigger_id
        else:
            assert self._client.get_event("seen").data == DATA

    @property
    def has_seen_enough(self):
        return self.error is not None or len(self.waits) > CALLS_MIN

    def watch(self, seconds):
        """Until it has seen enough, for so long at most."""
        end = time.monotonic() + seconds
        while not self.has_seen_enough and time.monotonic() < end:
            time.sleep(0.01)

    def __exit__(self, *_):
        self._stopped.set()
        self._thread.join()
        self.growth_mib = (self._peak_kib() - self._kib_before) / 1024
        self._client.close()

    def _peak_kib(self):
        status = Path(f"/proc/{self.gateway.pid}/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0])

    def check(self, name, outcomes, mib_max):
        """Prints the line of this attack, and asserts what may be said of the bystander. `outcomes`
        is one word for each offender, or what there is to say of all."""
        longest = max(self.waits, default=0)
        told = outcomes if isinstance(outcomes, str) else ", ".join(
            f"{outcomes.count(each)} {each}" for each in sorted(set(outcomes)))
        print(f"\n{name:24} {told:32} +{self.growth_mib:6.1f} of {mib_max} MiB  "
              f"{len(self.waits):5} calls, the longest {longest * 1000:4.0f} ms", end="")
        assert self.error is None, self.error
        # The last one may have been answered after the attack.
        assert len(self.waits) > CALLS_MIN
        assert longest <= WAIT_SECONDS_MAX
        assert self.growth_mib <= mib_max
