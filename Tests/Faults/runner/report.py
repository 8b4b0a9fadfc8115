"""The table of what became of each failure, as Markdown."""

from faults import LOSES, OUTCOMES, TIMES

HEAD = """\
# System calls that fail

`Tests/Faults/run.sh --all --write` makes calls of the real programs fail, with `strace --inject`, and writes what
became of it here. Each call fails the first time, the fifth time and every third time that a thread makes it, in a
server of each mode (`echo-server` with a TCP, a UDP and a Unix socket) and in each kind of client (`echo-client`, with
`--raw`, over UDP, over a Unix socket, and `bench`). With "from the start" counting begins with the program, with "while
serving" when the server listens.

- **recovers**: every client was served, and nothing was said.
- **recovers, says so**: every client was served; a line on standard error has the errno's name.
- **loses**: a client or a datagram that met the failure was lost, and a line says so.
- **ends**: the program ended with status 1 and a line that says why.
- **–**: the call is not made (so often).

Whatever the outcome, no client hung; and a server that lived used no processor time while nothing happened, served the
next clients over all three sockets, had as many descriptors as before, and ended with status 0 when it was told to. What
differs from one mode or client to another is listed. A delay is one of 20 ms before the call.

An injected failure skips the call. So a `close` that fails leaves the descriptor open (which is counted as one that is
allowed to be), and a `connect` that fails with EINTR was never begun. Short counts cannot be injected: they come from
tiny socket buffers, in the same run, and EINTR from real signals in `Tests/EchoTests`.
"""


def outcome(result):
    if not result.kind:
        return "–"
    if result.kind == LOSES or result.kind == OUTCOMES[-1]:
        return result.kind
    return f"{result.kind}, says so" if result.said else result.kind


def markdown(results):
    """The tables of a list of cases and outcomes."""
    parts = [HEAD]
    for program in ("echo-server", "echo-client"):
        rows = {}
        for case, result in results:
            if case.program == program:
                cell = rows.setdefault((case.call, case.what, case.place), {}).setdefault(case.times, {})
                cell.setdefault(outcome(result), []).append(case.variant)
        # A call that no variant makes needs one line for all of its errors.
        unmade = {call for call, _, _ in rows} - {
            call for (call, _, _), cells in rows.items() if any(set(cell) != {"–"} for cell in cells.values())
        }
        parts.append(f"\n## {program}\n")
        if unmade:
            parts.append(f"Never made: {', '.join(f'`{call}`' for call in sorted(unmade))}.\n")
        parts.append(f"| Call | Error | Counted | {' | '.join(f'{name} time' for name in TIMES.values())} |")
        parts.append("|---" * (3 + len(TIMES)) + "|")
        for (call, what, place), cells in rows.items():
            texts = [text(cells.get(times, {})) for times in TIMES]
            if set(texts) != {"–"}:
                parts.append(f"| `{call}` | {what} | {place} | {' | '.join(texts)} |")
    return "\n".join(parts) + "\n"


def text(cell):
    if len(cell) <= 1:
        return next(iter(cell), "–")
    # What most do, then who does otherwise.
    ranked = sorted(cell.items(), key=lambda item: -len(item[1]))
    return "; ".join([ranked[0][0], *(f"{', '.join(who)}: {what}" for what, who in ranked[1:])])
