"""The whole trip beside what people use today: publisher, durable acknowledgement, function in
another process, result back at the publisher.

    bench.py [--rounds N] [--seconds S] [--modes rt,ack,rate] [--only NAME,...] [--idle COUNT,...]
             [--profile DIRECTORY] [--out DIRECTORY]

200 bytes of JSON; 256 in flight, or 500 a second. The candidates run in turn within each round, each
on fresh data and with its own durable setting; the figures are the medians. Writes trip.csv and
trip.md.
"""

import argparse
import pathlib
import subprocess
import sys

import candidates
import report
import run

WINDOW, RATE = 256, 500
OURS = candidates.Ours.name
NOT_DURABLE = {"grpc-2hop"}


def rounds(chosen, options):
    """{(name, mode): [figures of each round]}"""
    results = {}
    for number in range(1, options.rounds + 1):
        for candidate in chosen:
            for mode in options.modes.split(","):
                if mode == "ack" and candidate.name in NOT_DURABLE:
                    continue
                figures = attempt(candidate, mode, options)
                if figures is None:
                    continue
                results.setdefault((candidate.name, mode), []).append(figures)
                print(f"{number} {report.line(candidate.name, mode, figures)}", flush=True)
        report.write(options.out, results)
    return results


def attempt(candidate, mode, options):
    parameter = RATE if mode == "rate" else WINDOW
    profile = perf(options, mode) if options.profile and candidate.name == OURS else None
    try:
        return run.measure(candidate, mode, parameter, options.seconds, profile)
    except (OSError, RuntimeError, SystemExit, subprocess.SubprocessError) as error:
        print(f"  {candidate.name} {mode}: {error}", flush=True)
        return None


def perf(options, mode):
    """Samples the server's stacks while it is measured."""
    options.profile.mkdir(parents=True, exist_ok=True)

    def record(pid, seconds):
        subprocess.Popen(
            ["perf", "record", "-q", "-F", "999", "-g", "-p", str(pid), "-o",
             str(options.profile / f"{mode}.perf"), "--", "sleep", str(seconds - 0.5)])

    return record


def idle(counts, options):
    """What a trip costs beside workers that have nothing to do, and what each of those holds."""
    rows = []
    for count in counts:
        ours = candidates.Ours(idle_workers=count - 1)
        memory = {}

        def resident(pid, _seconds):
            memory["bytes"] = report.resident_bytes(pid)

        figures = run.measure(ours, "rt", WINDOW, options.seconds, resident)
        rows.append((count, figures["per_cpu"], figures["rps"], memory["bytes"]))
        print(f"  {count} workers: {figures['per_cpu']:,.0f} trips per CPU second", flush=True)
    return rows


def choose(options):
    known = [candidates.Ours(), *candidates.peers().values()]
    if len(known) == 1:
        print("No harnesses of peers: only the gateway is measured (see build.sh).")
    wanted = options.only.split(",") if options.only else None
    return [one for one in known if not wanted or one.name in wanted]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--modes", default="rt,ack,rate")
    parser.add_argument("--only", help="names, separated by commas")
    parser.add_argument("--idle", help="counts of workers, such as 1,1000,10000")
    parser.add_argument("--profile", type=pathlib.Path, help="perf's records of the gateway go here")
    parser.add_argument("--out", type=pathlib.Path, default=candidates.BUILT)
    return parser.parse_args()


def main():
    options = arguments()
    if options.idle:
        rows = idle([int(count) for count in options.idle.split(",")], options)
        print(report.idle_table(rows))
        return
    results = rounds(choose(options), options)
    print(report.tables(results))
    if (OURS, "rt") not in results and "rt" in options.modes:
        sys.exit("bench.py: the gateway was not measured")


if __name__ == "__main__":
    main()
