"""The results as tables (Markdown) and as CSV."""

import csv
import pathlib
import statistics

from candidates import PEERS, TITLES

OURS = "event-gateway"
FIGURES = ["rps", "per_cpu", "p50", "p99", "ack_p50", "ack_p99"]


def median(results, name, mode, figure):
    runs = results.get((name, mode))
    return statistics.median(run[figure] for run in runs) if runs else None


def line(name, mode, figures):
    return (f"{name:15} {mode:4} {figures['rps']:9,.0f}/s {figures['per_cpu']:9,.0f} per CPU s, "
            f"{1e6 * figures['cpu'] / max(1, figures['n']):6.1f} us of CPU each, "
            f"p50 {figures['p50']:.2f} p99 {figures['p99']:.2f} ms")


def write(directory, results):
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "trip.md").write_text(tables(results))
    with (directory / "trip.csv").open("w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["candidate", "mode", "runs", *FIGURES, "rps_least", "rps_most"])
        for (name, mode), runs in results.items():
            rates = [run["rps"] for run in runs]
            out.writerow([name, mode, len(runs),
                          *[f"{median(results, name, mode, figure):.3f}" for figure in FIGURES],
                          round(min(rates)), round(max(rates))])


def tables(results):
    return round_trips(results) + "\n" + wanted(results)


def round_trips(results):
    lines = ["| | round trips/s | per server CPU second | durable acks/s | p50, p99 ms at 500/s |",
             "|---|---:|---:|---:|---:|"]
    for name, title in TITLES.items():
        if (name, "rt") not in results and (name, "ack") not in results:
            continue
        cells = [number(median(results, name, "rt", "rps")),
                 number(median(results, name, "rt", "per_cpu")),
                 number(median(results, name, "ack", "rps")),
                 latencies(median(results, name, "rate", "p50"),
                           median(results, name, "rate", "p99"))]
        lines.append(f"| {title} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def wanted(results):
    """Ours as multiples of the peers."""
    lines = ["| ours against | per CPU second | wanted | round trips/s | wanted | acks/s |",
             "|---|---:|---:|---:|---:|---:|"]
    for name, (title, per_cpu, wall) in PEERS.items():
        if (name, "rt") not in results:
            continue
        lines.append(
            f"| {title} | {ratio(results, name, 'rt', 'per_cpu')} | {per_cpu} | "
            f"{ratio(results, name, 'rt', 'rps')} | {wall} | {ratio(results, name, 'ack', 'rps')} |")
    return "\n".join(lines) + "\n"


def ratio(results, name, mode, figure):
    ours, theirs = (median(results, one, mode, figure) for one in (OURS, name))
    return f"{ours / theirs:.2f}" if ours and theirs else "-"


def number(value):
    return "-" if value is None else f"{value:,.0f}"


def latencies(p50, p99):
    return "-" if p50 is None else f"{p50:.2f}, {p99:.2f}"


def resident_bytes(pid):
    for row in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if row.startswith("VmRSS:"):
            return int(row.split()[1]) * 1024
    return 0


def idle_table(rows):
    lines = ["| workers | per CPU second | cost of a trip | round trips/s | resident KiB each |",
             "|---:|---:|---:|---:|---:|"]
    (first, per_cpu, _, memory), *_ = rows
    for count, rate, rps, resident in rows:
        each = (resident - memory) / 1024 / (count - first) if count > first else 0
        lines.append(f"| {count:,} | {rate:,.0f} | {per_cpu / rate:.2f} x | {rps:,.0f} | "
                     f"{each:.1f} |")
    return "\n".join(lines) + "\n"
