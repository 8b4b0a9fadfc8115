#!/usr/bin/env python3
"""Reads random texts with the library and with Python's ipaddress and compares: ipaddresses.py PARSE COUNT"""
import ipaddress
import random
import subprocess
import sys

parse, count = sys.argv[1], int(sys.argv[2])
seed = random.randrange(1 << 32)
chance = random.Random(seed)


def ipv4():
    return ".".join(str(chance.choice([0, 1, 9, 10, 99, 100, 127, 255, 256, 999])) for _ in range(4))


def ipv6():
    number = 0
    for _ in range(8):
        number = number << 16 | chance.choice([0, 0, 0, 1, 0xFFFF, chance.randrange(1 << 16)])
    form = chance.randrange(4)
    if form == 0:
        return ipaddress.IPv6Address(number).exploded
    if form == 1:
        return "::ffff:" + ipv4()
    groups = ipaddress.IPv6Address(number).compressed
    return groups if form == 2 else groups.rpartition(":")[0] + ":" + ipv4()


def mutated(text):
    characters = list(text)
    for _ in range(chance.choice([0, 0, 1, 1, 2, 3])):
        place = chance.randrange(len(characters) + 1)
        match chance.randrange(3):
            case 0:
                characters.insert(place, chance.choice("0123456789abcdefABCDEFg:./%-+ _\té٣"))
            case 1:
                del characters[place : place + 1]
            case 2:
                characters[place : place + 1] = characters[place : place + 2][::-1]
    return "".join(characters)


def expected(kind, text):
    """What the library has to write for it, or "-" where it has to refuse."""
    try:
        if kind == "ipv4":
            return str(ipaddress.IPv4Address(text))
        if kind == "ipv6":
            if "%" in text:
                return "-"  # A scope is no part of an address here.
            return written(ipaddress.IPv6Address(text))
        address, slash, length = text.partition("/")
        # Python takes a netmask too, a leading zero, and no length at all.
        if not slash or not (length.isascii() and length.isdigit()) or (len(length) > 1 and length[0] == "0"):
            return "-"
        if "%" in address:
            return "-"
        interface = ipaddress.ip_interface(text)
        return written(interface.ip) + "/" + length
    except ValueError:
        return "-"


def written(address):
    """Python before 3.13 writes an address that stands for an IPv4 address in hexadecimal."""
    if address.version == 6 and address.ipv4_mapped:
        return "::ffff:" + str(address.ipv4_mapped)
    return str(address)


cases = []
for _ in range(count):
    kind = chance.choice(["ipv4", "ipv6", "prefix"])
    text = ipv4() if kind == "ipv4" else ipv6() if kind == "ipv6" else chance.choice([ipv4, ipv6])()
    if kind == "prefix":
        text += "/" + str(chance.choice([0, 1, 8, 24, 31, 32, 33, 64, 127, 128, 129]))
    cases.append((kind, mutated(text)))

lines = "".join(f"{kind} {text}\n" for kind, text in cases)
answers = subprocess.run([parse], input=lines.encode(), stdout=subprocess.PIPE, check=True).stdout.decode().split("\n")
assert len(answers) == count + 1, f"{len(answers) - 1} answers to {count} texts"
wrong = 0
valid = 0
for (kind, text), answer in zip(cases, answers):
    python = expected(kind, text)
    valid += python != "-"
    if answer != python:
        print(f"{kind} {text!r}: {answer}, and Python {python}")
        wrong += 1
print(f"{count} texts, {valid} of them valid; seed {seed}")
sys.exit(1 if wrong else 0)
