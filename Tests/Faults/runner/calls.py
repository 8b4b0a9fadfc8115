"""Every system call fails."""

from concurrent.futures import ThreadPoolExecutor

import report
import talk
from faults import CLIENT, SERVER, TIMES, pairs
from injection import MODES, SESSIONS, Case, Injector
from processes import Failed, serving

# They mostly wait, so there may be more than there are processors.
AT_ONCE = 6


def check(settings, say):
    """What is wrong, one line each."""
    short = [f"short counts, {mode}: {wrong}" for mode in MODES if (wrong := short_counts(settings.programs, mode))]
    say(f"short counts in {len(MODES)} modes")
    injector = Injector(settings.programs)
    cases = list(chosen(settings.all))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        results = list(zip(cases, pool.map(injector.run, cases)))
    made = [result for _, result in results if result.kind]
    say(f"{len(made)} failures of calls, and {len(results) - len(made)} that were never made so often")
    if settings.write:
        settings.write.parent.mkdir(exist_ok=True)
        settings.write.write_text(report.markdown(results))
    wrong = injector.finish()
    return short + [
        f"{case.program} {case.variant}, {case.call} {case.what} {case.place} ({TIMES[case.times]}): {result.wrong}"
        for case, result in results
        if result.wrong
    ] + ([wrong] if wrong else [])


def chosen(everything):
    for program, faults, variants in (("echo-server", SERVER, MODES), ("echo-client", CLIENT, list(SESSIONS))):
        for (call, what, place), fault in pairs(faults, program, everything).items():
            for times in TIMES:
                for variant in fault.variants.split() or variants:
                    yield Case(program, variant, call, what, place, times, fault.worst)


def short_counts(programs, mode):
    """Sends and receives of the server that are cut short, as they are with small buffers at the other end."""
    try:
        with serving(programs, mode, options=["--quiet"]) as server:
            fate = talk.both_ways(server.endpoints[0], 1 << 20)
            return "" if fate == talk.SERVED else fate
    except Failed as failure:
        return str(failure)
