"""What is measured: the gateway, and the peers whose harnesses are there."""

import importlib.util
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent.parent
BUILT = HERE / ".build"
HARNESSES = BUILT / "peers"
EVENT, FUNCTION = "order.created", "echo"

# Their names in the harnesses, what they are, and the least that ours is to be to them: round trips
# per second of the server's CPU, and round trips per second.
PEERS = {
    "ng-sqlite": ("C ceiling: nghttp2 + SQLite", 0.5, 0.5),
    "redis-always": ("Redis streams, appendfsync always", 1.0, 1.2),
    "rmq-quorum": ("RabbitMQ quorum queue, confirms", 4, 3),
    "postgres": ("PostgreSQL, batched SKIP LOCKED", 4, 3),
    "nats-r1-always": ("NATS JetStream R1, sync always", 15, 20),
    "grpc-2hop": ("gRPC C++, two hops, not durable", 2.5, 3),
}
TITLES = {"event-gateway": "event-gateway"} | {name: peer[0] for name, peer in PEERS.items()}


class Ours:
    """The gateway with one event, and one function that a worker runs. It has the form of a peer."""

    name = "event-gateway"
    port = 17300

    def __init__(self, idle_workers=0):
        self.idle_workers = idle_workers
        self.srv, self.wk = [], []

    def start(self, mode):
        self.data = tempfile.mkdtemp(prefix="event-gateway-bench-", dir=BUILT)
        program = os.environ.get("EVENT_GATEWAY_BIN", ROOT / ".build/release/event-gateway")
        server = subprocess.Popen(
            [program, "serve", "--data", self.data, "--listen", f"127.0.0.1:{self.port}",
             "--log-level", "warning", "--connections-per-peer-max", "20000"],
            stdout=subprocess.PIPE, text=True, start_new_session=True)
        self.srv.append(server)
        if "listening on" not in server.stdout.readline():
            raise RuntimeError("the gateway did not start")
        self.define(program)

    def define(self, program):
        for command in (
            ["event", "create", EVENT],
            ["function", "create", FUNCTION, "--worker", "--max-concurrency", "512"],
            ["subscription", "create", "--event", EVENT, "--function", FUNCTION],
        ):
            subprocess.run(
                [program, *command, "--gateway", f"127.0.0.1:{self.port}"], check=True,
                stdout=subprocess.DEVNULL)

    def worker(self):
        command = [BUILT / "worker", str(self.port), FUNCTION]
        if self.idle_workers:
            idle = subprocess.Popen(
                [*command[:2], "idle", str(self.idle_workers)], stdin=subprocess.PIPE,
                stdout=subprocess.PIPE, text=True, start_new_session=True)
            self.wk.append(idle)
            if idle.stdout.readline() != "ready\n":
                raise RuntimeError("not all idle workers are connected")
        self.wk.append(subprocess.Popen(command, start_new_session=True))

    def pub(self, mode, parameter, seconds):
        return [BUILT / "publisher", mode, str(parameter), str(seconds), str(self.port), EVENT]

    def stop_workers(self):
        self.end(self.wk, signal.SIGKILL)

    def stop(self):
        self.end(self.wk, signal.SIGKILL)
        # Killed, not drained: what is left in its queue is nobody's any more.
        self.end(self.srv, signal.SIGKILL)
        shutil.rmtree(self.data, ignore_errors=True)

    @staticmethod
    def end(processes, how):
        for process in processes:
            process.send_signal(how)
            process.wait()
        processes.clear()


def peers():
    """Those whose harnesses were built, by name; empty without the folder."""
    if not (HARNESSES / "built").exists():
        return {}
    os.environ.setdefault("PEERS_WORK", str(pathlib.Path(tempfile.gettempdir()) / "peers"))
    spec = importlib.util.spec_from_file_location("peers_bench", HARNESSES / "bench.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return {name: module.ALL[name] for name in PEERS if name in module.ALL}
