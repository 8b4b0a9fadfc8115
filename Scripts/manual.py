#!/usr/bin/env python3
"""Writes a program's manual page, from what it says about its own command line.

From any directory: Scripts/manual.py PROGRAM >PROGRAM.1
"""

import json
import os
import re
import subprocess
import sys
import textwrap
import time

# What a command line does not say about itself.
ENVIRONMENT = {
    "echo-server": [
        ("LISTEN_FDS", "The sockets that a service manager hands over, with LISTEN_PID, LISTEN_PIDFDID and LISTEN_FDNAMES: "
                       "they are served if no ENDPOINT is given."),
        ("NOTIFY_SOCKET", "Where the service manager is told READY, STATUS and STOPPING."),
        ("WATCHDOG_USEC", "How often it wants to hear that the server works; with WATCHDOG_PID."),
    ],
}
STATUS = [("0", "All went well."), ("1", "Something failed; standard error says what."), ("64", "The command line makes no sense.")]
SEE_ALSO = {"echo-server": [("echo-client", 1), ("systemd.socket", 5)], "echo-client": [("echo-server", 1)]}


def escape(text):
    """Text that means nothing to roff."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\\&" + text if text.startswith((".", "'")) else text


def filled(text):
    """Text in lines, each sentence beginning one of its own, as roff wants it."""
    for sentence in re.split(r"(?<=[.?!]) +(?=[A-Z(])", text):
        yield from (escape(line) for line in textwrap.wrap(
            sentence, 72, break_long_words=False, break_on_hyphens=False))


def macro(*words):
    """A macro's line; a word with a space is one argument."""
    return "." + " ".join(f'"{word}"' if " " in word else word for word in words)


def flags(argument):
    """An argument's names, as words of a macro."""
    words = []
    for name in sorted(argument["names"], key=lambda name: name["kind"] != "short"):
        words += ([","] if words else []) + ["Fl", escape(("" if name["kind"] == "short" else "-") + name["name"])]
    return words


def value(argument):
    return ["Ar", escape(argument["valueName"])] if argument["kind"] == "option" else []


def shown(command):
    return [argument for argument in command.get("arguments", []) if argument["shouldDisplay"]]


def synopsis(program, command):
    yield macro("Nm", *([program] if program else []))
    if command.get("superCommands"):
        yield macro("Cm", command["commandName"])
    for argument in shown(command):
        if argument["valueName"] in ("help", "version"):
            continue
        if argument["kind"] == "positional":
            words = ["Ar", escape(argument["valueName"])] + (["..."] if argument["isRepeating"] else [])
        else:
            words = ["Fl", escape("-" + argument["preferredName"]["name"])] + value(argument)
        yield macro(*(["Op"] if argument["isOptional"] else []), *words)


def prose(text):
    """Paragraphs, which empty lines part."""
    for number, paragraph in enumerate(part for part in text.strip("\n").split("\n\n")):
        if number:
            yield macro("Pp")
        yield from filled(paragraph)


def options(command):
    yield macro("Bl", "-tag", "-width", "Ds")
    for argument in shown(command):
        if argument["kind"] == "positional":
            yield macro("It", "Ar", escape(argument["valueName"]))
        else:
            yield macro("It", *flags(argument), *value(argument))
        yield from filled(argument.get("abstract", ""))
        facts = []
        if argument.get("allValues"):
            facts.append(f"one of {', '.join(argument['allValues'])}")
        if "defaultValue" in argument:
            facts.append(f"default: {argument['defaultValue']}")
        if facts:
            yield from filled(f"({'; '.join(facts)})")
    yield macro("El")


def parts(command):
    """A command's description and its examples."""
    text, _, examples = command.get("discussion", "").partition("EXAMPLES:\n")
    return command["abstract"] + "\n\n" + text, [line.strip() for line in examples.split("\n") if line.strip()]


def listed(title, items, name):
    yield macro("Sh", title)
    yield macro("Bl", "-tag", "-width", "Ds")
    for term, meaning in items:
        yield macro("It", name, term)
        yield from filled(meaning)
    yield macro("El")


def page(command):
    program = command["commandName"]
    subcommands = [sub for sub in command.get("subcommands", []) if sub["shouldDisplay"] and sub["commandName"] != "help"]
    day = time.gmtime(int(os.environ.get("SOURCE_DATE_EPOCH", time.time())))
    description, examples = parts(command)
    abstract = command["abstract"].rstrip(".")
    yield macro("Dd", f"{time.strftime('%B', day)} {day.tm_mday}, {day.tm_year}").replace('"', "")
    yield macro("Dt", program.upper(), "1")
    yield macro("Os")
    yield macro("Sh", "NAME")
    yield macro("Nm", program)
    yield macro("Nd") + " " + escape(abstract[0].lower() + abstract[1:])
    yield macro("Sh", "SYNOPSIS")
    for one in subcommands or [command]:
        yield from synopsis(program, one)
    yield macro("Sh", "DESCRIPTION")
    yield from prose(description)
    if subcommands:
        for sub in subcommands:
            text, more = parts(sub)
            examples += more
            yield macro("Ss", f"{program} {sub['commandName']}").replace('"', "")
            yield from prose(text)
            yield from options(sub)
    else:
        yield from options(command)
    if program in ENVIRONMENT:
        yield from listed("ENVIRONMENT", ENVIRONMENT[program], "Ev")
    yield from listed("EXIT STATUS", STATUS, "Li")
    if examples:
        yield macro("Sh", "EXAMPLES")
        yield macro("Bd", "-literal")
        yield from (escape(line) for line in examples)
        yield macro("Ed")
    yield macro("Sh", "SEE ALSO")
    others = SEE_ALSO.get(program, [])
    for index, (name, section) in enumerate(others):
        yield macro("Xr", name, str(section), *([","] if index + 1 < len(others) else []))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: manual.py PROGRAM")
    dump = subprocess.run([sys.argv[1], "--experimental-dump-help"], check=True, capture_output=True, timeout=60)
    print("\n".join(page(json.loads(dump.stdout)["command"])))
