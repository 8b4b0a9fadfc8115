"""Runs workloads against servers, one after the other in every round, so that what the machine does meanwhile meets all
of them alike."""

import json
import subprocess

import integrity
from processes import LOAD_CORE, Failed, pinned, running

# Beyond the time that is measured: to connect, to warm up, to end.
_PATIENCE = 20


def passing(servers, places, say):
    """Checks each server; returns what is wrong with those that fail, by name."""
    failures = {}
    for server in servers:
        try:
            with running(server.arguments(places)) as process:
                integrity.check(process)
            say(f"passes   {server.name}")
        except Failed as failure:
            failures[server.name] = str(failure)
            say(f"FAILS    {server.name}: {failure}")
    return failures


def measure(group, failures, settings, say):
    """Returns figures[workload name][server name]: what the load generator reported, a round each; or the text of why
    there is nothing."""
    figures = {workload.name: {server.name: [] for server in group.servers} for workload in group.workloads}
    for results in figures.values():
        results.update(failures)
    for number in range(1, settings.rounds + 1):
        for workload in group.workloads:
            results = figures[workload.name]
            for server in group.servers:
                # One that failed once is not waited for again.
                if isinstance(results[server.name], str):
                    continue
                try:
                    report = _run(server, workload, settings)
                    results[server.name].append(report)
                    outcome = f"{report['server_cpu_microseconds_per_request']:.2f} µs"
                except Failed as failure:
                    results[server.name] = outcome = str(failure)
                say(f"{number}/{settings.rounds}  {group.title}; {workload.name}; {server.name}: {outcome}")
    return figures


def _run(server, workload, settings):
    with running(server.arguments(settings.places)) as process:
        command = [settings.places["client"], "bench", process.endpoint, *workload.options.split()]
        command += ["--json", "--no-greeting", "--duration", settings.duration]
        command += ["--warmup", settings.warmup, "--server-pid", process.pid]
        try:
            result = subprocess.run(
                pinned(LOAD_CORE, command),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=settings.duration + settings.warmup + _PATIENCE,
            )
        except subprocess.TimeoutExpired:
            raise Failed("stalls") from None
    if result.returncode != 0:
        lines = result.stderr.strip().splitlines()
        raise Failed(lines[0] if lines else f"the load generator ends with status {result.returncode}")
    report = json.loads(result.stdout)
    if not report["requests"]:
        raise Failed("answers nothing")
    if report["server_cpu_microseconds_per_request"] is None:
        raise Failed("ends before its CPU time is read")
    return report
