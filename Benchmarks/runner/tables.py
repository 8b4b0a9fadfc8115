"""Figures as text: ratios of medians, with what they were in the best and the worst round."""

from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Metric:
    title: str
    field: str
    # How an absolute figure is written.
    text: str

    def of(self, report):
        figure = report
        for key in self.field.split("."):
            figure = figure[key]
        return figure


METRICS = [
    Metric("CPU time of the server, a {unit}", "server_cpu_microseconds_per_request", "{:.2f} µs"),
    Metric("{unit}s a second", "requests_per_second", "{:,.0f}"),
    Metric("99th percentile of the latency, a {unit}", "latency_microseconds.p99", "{:,.0f} µs"),
]

# Where a server waits most of the time.
QUIET_METRICS = [
    Metric("Median of the latency, a {unit}", "latency_microseconds.p50", "{:,.1f} µs"),
    METRICS[0],
]


@dataclass(frozen=True)
class Ratio:
    """What a server needs compared to the first one, each measured in the same round."""

    median: float
    minimum: float
    maximum: float
    # The median of the figures themselves.
    absolute: float


def ratio(metric, reports, baseline):
    """None where there is nothing to compare."""
    if isinstance(reports, str) or isinstance(baseline, str):
        return None
    pairs = [(metric.of(ours), metric.of(theirs)) for ours, theirs in zip(reports, baseline)]
    ratios = [ours / theirs for ours, theirs in pairs if theirs]
    if not ratios:
        return None
    return Ratio(median(ratios), min(ratios), max(ratios), median(ours for ours, _ in pairs))


def ratios(metric, servers, figures):
    """ratios[workload name][server name], or the text of a failure; and behind the servers those with a rival, as
    "server / rival"."""
    baseline = servers[0].name
    found = {}
    for workload, results in figures.items():
        found[workload] = {
            name: reports if isinstance(reports, str) else ratio(metric, reports, results[baseline])
            for name, reports in results.items()
        }
        for server in servers:
            if server.rival:
                row = f"{server.name} / {server.rival}"
                found[workload][row] = ratio(metric, results[server.name], results[server.rival])
    return found


def compared(metric, found):
    """A table of ratios: a server a row, a workload a column."""
    rows = [["", *found]]
    notes = []
    for name in next(iter(found.values())):
        cells = []
        for results in found.values():
            cell = results[name]
            if isinstance(cell, str):
                note = f"{name} failed: {cell}"
                if note not in notes:
                    notes.append(note)
                cell = f"failed ({notes.index(note) + 1})"
            elif cell is None:
                cell = "–"
            else:
                absolute = metric.text.format(cell.absolute)
                cell = f"**{cell.median:.2f}** ({cell.minimum:.2f}–{cell.maximum:.2f}) {absolute}"
            cells.append(cell)
        rows.append([name, *cells])
    return "\n\n".join([markdown(rows), *(f"({number}) {note}" for number, note in enumerate(notes, 1))])


def markdown(rows):
    """A table whose first row is its head, in columns that line up on a terminal too."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]

    def line(cells):
        padded = [
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(cells, widths))
        ]
        return f"| {' | '.join(padded)} |"

    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    return "\n".join([line(rows[0]), line(rule), *map(line, rows[1:])])
