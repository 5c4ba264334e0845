"""A worker made of bare messages, for tests that break rules as well as keep them."""

import queue
import threading

import grpc

from harness.contract import pb, services
from harness.refusal import Refusal

SECONDS_MAX = 15
M, G = pb.WorkerMessage, pb.GatewayMessage


class RawWorker:
    """One stream of WorkerService.Connect."""

    def __init__(self, address, organization, session="", functions=("f",), worker="w", hello=True,
                 is_mute=False):
        """`is_mute`: leaves the gateway's pings without an answer."""
        self.is_mute = is_mute
        self.channel = grpc.insecure_channel(address, [("grpc.use_local_subchannel_pool", 1)])
        self.outgoing = queue.Queue()
        self.incoming = queue.Queue()
        self.acks = []
        self.refusal = None
        self.is_over = threading.Event()
        self.call = services.WorkerServiceStub(self.channel).Connect(
            iter(self.outgoing.get, None), metadata=[("x-dispatch-org", organization)])
        threading.Thread(target=self._read, daemon=True).start()
        if hello:
            self.send(hello=M.Hello(worker=worker, session=session, function_ids=functions))
            self.welcome = self.expect("welcome")

    def _read(self):
        try:
            for message in self.call:
                if message.HasField("ping") and not message.ping.answer and not self.is_mute:
                    self.send(ping=pb.Ping(number=message.ping.number, answer=True))
                self.incoming.put(message)
        except grpc.RpcError as error:
            self.refusal = Refusal.of(error)
        self.is_over.set()
        self.incoming.put(None)

    def send(self, **message):
        self.outgoing.put(M(**message))

    def credit(self, count):
        self.send(credit=M.Credit(count=count))

    def started(self, lease):
        self.send(started=M.Started(lease=lease))

    def result(self, lease, data=b"", error=None, data_type=""):
        output = pb.Output(data=data, data_type=data_type) if data else None
        self.send(result=M.Result(lease=lease, error=error, output=output))

    def expect(self, kind, within=SECONDS_MAX):
        """The next message, which must be of that kind. Pings are passed over, and acknowledgements
        that come before an assignment are kept: their order is the gateway's business."""
        if kind == "result_ack" and self.acks:
            return self.acks.pop(0)
        while True:
            try:
                message = self.incoming.get(timeout=within)
            except queue.Empty:
                raise AssertionError(f"no {kind} within {within} s") from None
            assert message is not None, f"the stream ended: {self.refusal}"
            found = message.WhichOneof("message")
            if found == "ping" and kind != "ping":
                continue
            if found == "result_ack" and kind == "assignment":
                self.acks.append(message.result_ack)
                continue
            assert found == kind, f"{message} is not a {kind}"
            return getattr(message, kind)

    def is_silent(self, seconds):
        """Whether nothing but pings comes for that long."""
        try:
            while True:
                message = self.incoming.get(timeout=seconds)
                if message is None or message.WhichOneof("message") != "ping":
                    return False
        except queue.Empty:
            return True

    def end(self):
        """Ends its side well."""
        self.outgoing.put(None)

    def cut(self):
        """Goes away without a word."""
        self.call.cancel()
        self.channel.close()

    def wait_over(self, within=SECONDS_MAX):
        assert self.is_over.wait(within), f"the stream is still open after {within} s"
        return self.refusal
