"""Measures echo servers beside each other, and writes what it finds: see --help, and Scripts/bench.sh, which builds
what this needs."""

import argparse
import resource
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import charts
import footprint
import load
import machine
import servers
import tables
from processes import Failed
from workloads import GROUPS

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "Benchmarks"

METHOD = """\
One core has the server, another the load; the servers take turns in every round, so that what else the machine does
meets all of them alike. A ratio is to the first server of the table, measured in the same round: its **median**, and in
parentheses its minimum and maximum over the rounds; behind it the median of the figure itself. On a machine that others
share only the ratios of CPU time hold from one day to the next. A server is measured only after it has echoed 8 MiB
intact in both directions at once, and answered 300 connections that send 100 bytes and half-close.

The load generator (`echo-client bench`) has one core too. That it is not what limits a server shows in the tables: CPU
time a request times requests a second is the share of its core that the server used, and C epoll's comes close to 1
wherever more than one request is under way."""

# Counts, one a server: title, how it is got, and how it is written.
COUNTS = [
    ("Memory of an idle connection", footprint.memory_per_connection, "{:,.0f} B"),
    ("Instructions a request", footprint.instructions_per_request, "{:,.0f}"),
    ("Allocations a request", footprint.allocations_per_request, "{:z.2f}"),
]


def main():
    settings = parsed()
    say(f"server and load on: {dict(machine.facts(settings.places))['Processor']}")
    # A thousand connections have a thousand descriptors, here and in the servers.
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    sections = [section(("What", "Version"), machine.facts(settings.places))]
    for group in groups(settings.quick):
        sections.append(measured(group, settings))
    if not settings.quick:
        sections.append(counted(settings))
        sections.append(calls())
    if settings.full:
        sections.append(built(settings))
    report = "\n\n".join(["# Benchmarks", METHOD, *sections]) + "\n"
    print(report)
    if settings.write:
        RESULTS.joinpath("RESULTS.md").write_text(report)


def parsed():
    parser = argparse.ArgumentParser(prog="bench.sh", description="Measures echo servers beside each other.")
    parser.add_argument("--quick", action="store_true", help="the main table alone, in about two minutes")
    parser.add_argument("--full", action="store_true", help="clean build times too, which take minutes")
    parser.add_argument("--write", action="store_true", help="write RESULTS.md and its charts with --quick too")
    parser.add_argument("--rounds", type=int, help="how often each server has its turn (default: 5; quick: 3)")
    parser.add_argument("--duration", type=float, help="seconds that each turn measures (default: 2; quick: 1)")
    parser.add_argument("--warmup", type=float, default=0.3, help="seconds before that (default: 0.3)")
    parser.add_argument("--programs", type=Path, default=ROOT / ".build/release", help=argparse.SUPPRESS)
    parser.add_argument("--clang", default="clang", help=argparse.SUPPRESS)
    settings = parser.parse_args()
    settings.rounds = settings.rounds or (3 if settings.quick else 5)
    settings.duration = settings.duration or (1 if settings.quick else 2)
    settings.write = settings.write or not settings.quick
    scratch = ROOT / ".build-benchmarks"
    settings.places = {
        "root": ROOT,
        "ours": settings.programs,
        "client": settings.programs / "echo-client",
        "scratch": scratch,
        "peers": scratch / "release",
        "c": scratch / "c",
        "c_sources": ROOT / "Benchmarks/C",
        "scripts": ROOT / "Benchmarks/Python",
        "python": sys.executable,
        "clang": settings.clang,
    }
    return settings


def groups(quick):
    if not quick:
        return GROUPS
    chosen = [
        replace(
            group,
            servers=[server for server in group.servers if server.quick],
            workloads=[workload for workload in group.workloads if workload.quick],
        )
        for group in GROUPS
    ]
    return [group for group in chosen if group.workloads]


def measured(group, settings):
    """The section of a group: a chart of the CPU time, and a table for each metric."""
    say(f"{group.title}: integrity")
    failures = load.passing(group.servers, settings.places, say)
    figures = load.measure(group, failures, settings, say)
    parts = [f"## {group.title}"]
    for metric in group.metrics:
        title = metric.title.format(unit=group.unit)
        title = title[0].upper() + title[1:]
        found = tables.ratios(metric, group.servers, figures)
        parts.append(f"### {title}")
        if settings.write and metric is group.metrics[0]:
            name = "-".join(word.strip(",").lower() for word in group.title.split()) + ".svg"
            chart = charts.bars(f"{group.title}: {title} ({group.servers[0].name} = 1)", group.servers, found)
            RESULTS.joinpath(name).write_text(chart)
            parts.append(f"![{title}, as a ratio]({name})")
        parts.append(tables.compared(metric, found))
    return "\n\n".join(parts)


def counted(settings):
    rows = [["", *(title for title, _, _ in COUNTS), "Program", "Stripped"]]
    for server in servers.TCP:
        row = [server.name]
        for title, count, text in COUNTS:
            row.append(attempt(lambda: text.format(count(server, settings.places))))
            say(f"{title}; {server.name}: {row[-1]}")
        try:
            row += [f"{size:,} B" for size in footprint.sizes(server, settings.places)]
        except Failed:
            row += ["–"] * 2
        rows.append(row)
    return "\n\n".join(
        [
            "## Footprint",
            "Memory is what 1000 connections that have echoed once add to the process. Instructions (in user space, by "
            "callgrind) and allocations are those of the whole process, for an echo of 64 B on one connection.",
            tables.markdown(rows),
        ]
    )


def calls():
    """What a wrapper of a system call adds to it, which a package of its own counts."""
    say("instructions a call")
    try:
        result = subprocess.run([RESULTS / "Calls/run.sh"], capture_output=True, text=True, timeout=3600)
        text = result.stdout + result.stderr
    except (OSError, subprocess.SubprocessError) as error:
        text = f"failed: {error}"
    return f"## Calls\n\n```\n{text.strip()}\n```"


def built(settings):
    rows = [["", "Clean release build"]]
    for build in servers.BUILDS:
        seconds = attempt(lambda: f"{footprint.clean_build_seconds(build, settings.places):.1f} s")
        say(f"clean build; {build.name}: {seconds}")
        rows.append([build.name, seconds])
    return "## Build times\n\n" + tables.markdown(rows)


def attempt(figure):
    try:
        return figure()
    except Failed as failure:
        return f"failed: {failure}"


def section(head, pairs):
    return tables.markdown([list(head), *map(list, pairs)])


def say(line):
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
