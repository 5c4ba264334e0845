"""The results as a table (Markdown), as CSV and as a picture (SVG)."""

import csv
import math
import statistics

import servers

OURS = servers.Ours.name
COLOURS = ["#0b6e4f", "#6f9ceb", "#c17817", "#a63446", "#7d7d7d", "#b9b9b9"]
WIDTH, LABEL, BAR, GAP = 860, 150, 13, 30


def write(directory, results, idle):
    directory.mkdir(parents=True, exist_ok=True)
    write_csv(directory / "transport.csv", results, idle)
    (directory / "transport.md").write_text(markdown(results, idle))
    (directory / "transport.svg").write_text(picture(results))


def median(rates, name):
    return statistics.median(rates[name]) if rates.get(name) else None


def write_csv(path, results, idle):
    with path.open("w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["case", "server", "unit", "median", "least", "most", "runs", "ours_to_it"])
        for case, (unit, rates) in results.items():
            ours = median(rates, OURS)
            for name, values in rates.items():
                ratio = f"{ours / median(rates, name):.2f}" if ours else ""
                out.writerow([case, name, f"{unit} per CPU second", round(median(rates, name)),
                              round(min(values)), round(max(values)), len(values), ratio])
        for case, name, memory, rate in idle:
            out.writerow([case, name, "KiB each", f"{memory:.1f}", "", "", 1, ""])
            out.writerow([case, name, "calls per CPU second", round(rate), "", "", 1, ""])


def markdown(results, idle):
    names = [kind.name for kind in servers.ALL]
    lines = ["| per CPU second | " + " | ".join(names) + " |", "|---|" + "---:|" * len(names)]
    for case, (unit, rates) in results.items():
        cells = [cell(rates, name) for name in names]
        lines.append(f"| {case}, {unit} | " + " | ".join(cells) + " |")
    if idle:
        lines += ["", "| idle connections | server | memory each | calls per CPU second, 10x100 |",
                  "|---|---|---:|---:|"]
        lines += [f"| {case} | {name} | {memory:.1f} KiB | {rate:,.0f} |"
                  for case, name, memory, rate in idle]
    return "\n".join(lines) + "\n"


def cell(rates, name):
    """The rate, and how many times it ours is."""
    rate, ours = median(rates, name), median(rates, OURS)
    if rate is None:
        return "-"
    if name == OURS or ours is None:
        return f"{rate:,.0f}"
    return f"{rate:,.0f} ({ours / rate:.2f}x)"


def picture(results):
    """Bars for each case, on a logarithmic scale from 1,000 to 100 million a second."""
    low, high = 3, 8
    scale = (WIDTH - LABEL - 110) / (high - low)
    parts, y = [], 40
    parts.append(text(10, 22, "Calls or messages per second of server CPU (logarithmic)", 14))
    for case, (_, rates) in results.items():
        parts.append(text(10, y + BAR, case, 13))
        for index, kind in enumerate(servers.ALL):
            rate = median(rates, kind.name)
            if rate is None:
                continue
            width = max(1, (math.log10(rate) - low) * scale)
            parts.append(f'<rect x="{LABEL}" y="{y}" width="{width:.0f}" height="{BAR - 2}" '
                         f'fill="{COLOURS[index]}"/>')
            parts.append(text(LABEL + width + 5, y + BAR - 3, f"{rate:,.0f} {kind.name}", 10))
            y += BAR
        y += GAP - BAR
    head = (f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{y}" '
            f'viewBox="0 0 {WIDTH} {y}" font-family="sans-serif">')
    ground = f'<rect width="{WIDTH}" height="{y}" fill="white"/>'
    return "\n".join([head, ground, *parts, "</svg>"]) + "\n"


def text(x, y, content, size):
    return f'<text x="{x:.0f}" y="{y}" font-size="{size}">{content}</text>'
