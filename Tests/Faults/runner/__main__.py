"""What happens when things go wrong: see --help, and Tests/Faults/run.sh, which builds what this needs."""

import argparse
import resource
import sys
import time
from pathlib import Path

import calls
import exhaustion
import hostile
import lifecycle

ROOT = Path(__file__).resolve().parents[3]
# What is tried, in this order: each module's check() returns what is wrong, one line each.
PARTS = {"calls": calls, "exhaustion": exhaustion, "lifecycle": lifecycle, "hostile": hostile}


def main():
    parser = argparse.ArgumentParser(prog="run.sh", description="Tries what happens when things go wrong.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"what to try (default: all of {', '.join(PARTS)})")
    parser.add_argument("--all", action="store_true", help="every pair of call and error, which takes half an hour")
    parser.add_argument("--write", action="store_true", help="write the table of outcomes, Documentation/Faults.md")
    parser.add_argument("--programs", type=Path, default=ROOT / ".build/debug", help=argparse.SUPPRESS)
    settings = parser.parse_args()
    if unknown := set(settings.parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(unknown)}")
    settings.write = ROOT / "Documentation/Faults.md" if settings.write else None
    # Thousands of clients have thousands of descriptors.
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    wrong = []
    for name in settings.parts or PARTS:
        begin = time.monotonic()
        found = PARTS[name].check(settings, lambda line, name=name: print(f"ok      {name}: {line}", flush=True))
        for line in found:
            print(f"FAILED  {name}: {line}", flush=True)
        print(f"        {name} took {time.monotonic() - begin:.0f} s", flush=True)
        wrong += found
    sys.exit(1 if wrong else 0)


main()
