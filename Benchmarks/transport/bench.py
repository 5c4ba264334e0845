"""Our transport beside others: the same load for each server in turn, counted per second of its CPU.

    bench.py [--rounds N] [--cases NAME,...] [--servers NAME,...] [--out DIRECTORY]

Each server has one event loop (grpc-go: GOMAXPROCS=1; grpc C++ chooses its own threads) and all
its threads on one processor; the load client has another. The rounds are interleaved, a run takes at
least 1.5 s of the server's CPU, and the figure is the median. Writes transport.csv, .md and .svg.
"""

import argparse
import pathlib
import re
import resource
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass

import report
import servers

CPU_SECONDS_MIN = 1.5
RUN_SECONDS = (2.3, 12)
REPLIES = 10_000
IDLE = (1_000, 10_000)


@dataclass
class Case:
    name: str
    connections: int
    streams: int
    size: int = 100
    replies: int = 0
    tls: bool = False

    @property
    def unit(self):
        return "messages" if self.replies else "calls"

    def options(self, server):
        options = ["-c", self.connections, "-m", self.streams, "-s", self.size]
        if self.replies:
            options += ["-r", self.replies]
        return [*map(str, options), *["-T"] * self.tls, *["-G"] * server.get]


CASES = [
    Case("unary 1x1", 1, 1),
    Case("unary 1x100", 1, 100),
    Case("unary 10x100", 10, 100),
    Case("unary 50x10", 50, 10),
    Case("64 KiB 10x10", 10, 10, size=65536),
    Case("streaming 10x1", 10, 1, replies=REPLIES),
    Case("TLS unary 10x100", 10, 100, tls=True),
]
LOADED = CASES[2]


class LoadError(Exception):
    """A run with a failed call, which counts for nothing."""


FAILURES = (LoadError, OSError, RuntimeError, subprocess.TimeoutExpired)


def load(server, case, seconds):
    """Runs the load; returns (calls or messages, server CPU seconds)."""
    before = server.cpu_seconds()
    result = subprocess.run(
        ["taskset", "-c", servers.LOAD_CPU, str(servers.HERE / ".build/load"), "-t", str(seconds),
         *case.options(server), str(server.port), server.path(case.size, case.replies)],
        capture_output=True, text=True, timeout=seconds + 120)
    used = server.cpu_seconds() - before
    counts = dict(re.findall(r"(\w+)=(\d+)", result.stdout))
    if result.returncode != 0:
        raise LoadError((result.stdout + result.stderr).strip().replace("\n", "; "))
    return int(counts[case.unit]), max(used, 1 / servers.TICKS)


def measure(case, chosen, rounds, tls):
    """{server name: [rate of each round]}; a server that fails is told and left out."""
    rates, running, seconds = {}, [], {}
    with tempfile.TemporaryDirectory() as work:
        try:
            for kind in chosen:
                if case.replies and not kind.streams:
                    continue
                server = kind(work, tls if case.tls else None)
                try:
                    server.start()
                    running.append(server)
                except FAILURES as error:
                    print(f"  {kind.name}: {error}", flush=True)
                    continue
                warm_up(server, case, seconds)
            for _ in range(rounds):
                for server in running:
                    attempt(server, case, seconds, rates)
        finally:
            for server in running:
                server.stop()
    return rates


def warm_up(server, case, seconds):
    """Finds how long a run must be for its CPU seconds to be enough."""
    shortest, longest = RUN_SECONDS
    seconds[server.name] = shortest
    try:
        _, used = load(server, case, 1)
        seconds[server.name] = min(max(shortest, 1.15 * CPU_SECONDS_MIN / used), longest)
    except FAILURES as error:
        print(f"  {server.name}: warm-up: {error}", flush=True)


def attempt(server, case, seconds, rates):
    try:
        count, used = load(server, case, seconds[server.name])
        rates.setdefault(server.name, []).append(count / used)
        if used < CPU_SECONDS_MIN:
            print(f"  {server.name}: a run of only {used:.2f} s of CPU", flush=True)
    except FAILURES as error:
        print(f"  {server.name}: {error}", flush=True)


def measure_idle(kind, count):
    """(bytes of resident memory per idle connection, unary rate while they are there)."""
    with tempfile.TemporaryDirectory() as work:
        server = kind(work)
        server.start()
        try:
            one = Case("", 1, 1)
            load(server, one, 0.2)
            before = server.resident_bytes()
            holder = subprocess.Popen(
                [str(servers.HERE / ".build/load"), "-i", "-c", str(count), *["-G"] * server.get,
                 "-t", "60", str(server.port), server.path(100, 0)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            if holder.stdout.readline() != "ready\n":
                raise LoadError("not all connections were answered")
            memory = (server.resident_bytes() - before) / count
            load(server, LOADED, 1)
            calls, used = load(server, LOADED, 2)
            holder.communicate()
            if holder.returncode != 0:
                raise LoadError("an idle connection was lost")
            return memory, calls / used
        finally:
            server.stop()


def idle_rows(chosen):
    rows = []
    for count in IDLE:
        print(f"{count} idle connections", flush=True)
        for kind in chosen:
            try:
                memory, rate = measure_idle(kind, count)
                rows.append((f"{count:,} idle", kind.name, memory / 1024, rate))
                print(f"  {kind.name}: {memory / 1024:.1f} KiB each, {rate:,.0f} calls", flush=True)
            except FAILURES as error:
                print(f"  {kind.name}: {error}", flush=True)
    return rows


def make_certificate(directory):
    certificate, key = f"{directory}/certificate.pem", f"{directory}/key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
         "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key, "-out", certificate],
        check=True, capture_output=True)
    return certificate, key


def available(names):
    chosen = []
    for kind in servers.ALL:
        if names and kind.name not in names:
            continue
        if reason := kind("").missing():
            print(f"not measured: {kind.name}: {reason}")
        else:
            chosen.append(kind)
    return chosen


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--cases", help="names, separated by commas; 'idle' for idle connections")
    parser.add_argument("--servers", help="names, separated by commas")
    parser.add_argument("--out", type=pathlib.Path, default=servers.HERE / ".build")
    return parser.parse_args()


def raise_descriptor_limit():
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if hard != resource.RLIM_INFINITY and hard < max(IDLE) + 100:
        sys.exit(f"bench.py: {hard} descriptors are too few for {max(IDLE)} connections: ulimit -n")


def main():
    options = arguments()
    raise_descriptor_limit()
    chosen = available(options.servers.split(",") if options.servers else None)
    wanted = options.cases.split(",") if options.cases else None
    results = {}
    with tempfile.TemporaryDirectory() as directory:
        tls = make_certificate(directory)
        for case in CASES:
            if wanted and case.name not in wanted:
                continue
            print(case.name, flush=True)
            rates = measure(case, chosen, options.rounds, tls)
            results[case.name] = (case.unit, rates)
            for name, values in rates.items():
                print(f"  {name}: {statistics.median(values):,.0f} {case.unit}", flush=True)
            report.write(options.out, results, [])
    idle = idle_rows(chosen) if not wanted or "idle" in wanted else []
    report.write(options.out, results, idle)
    print((options.out / "transport.md").read_text())


if __name__ == "__main__":
    main()
