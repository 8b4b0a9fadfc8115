"""What is asked of the servers: one line each."""

from dataclasses import dataclass, field

import servers
import tables


@dataclass(frozen=True)
class Workload:
    name: str
    # How the load generator is told: see echo-client bench --help.
    options: str
    quick: bool = False


@dataclass(frozen=True)
class Group:
    """Workloads whose figures go into the same tables."""

    title: str
    # What is counted.
    unit: str
    servers: list
    workloads: list
    metrics: list = field(default_factory=lambda: tables.METRICS)


def echo(connections, payload, quick=False):
    size = f"{payload // 1024} KiB" if payload >= 1024 else f"{payload} B"
    plural = "s" if connections > 1 else ""
    options = f"--connections {connections} --payload {payload}"
    return Workload(f"{connections} connection{plural}, {size}", options, quick)


GROUPS = [
    Group(
        "TCP",
        "request",
        servers.TCP,
        [
            echo(1, 64),
            echo(50, 64, quick=True),
            echo(1000, 64, quick=True),
            echo(1, 4096),
            echo(50, 4096, quick=True),
            echo(1000, 4096),
            echo(1, 65536),
            echo(8, 65536, quick=True),
            echo(50, 65536),
            echo(1000, 65536),
        ],
    ),
    Group(
        "TCP, 16 requests under way on each connection",
        "request",
        servers.TCP,
        [
            Workload("1 connection, 64 B", "--connections 1 --pipeline 16"),
            Workload("50 connections, 64 B", "--connections 50 --pipeline 16"),
        ],
    ),
    Group(
        "TCP, a quiet connection",
        "request",
        servers.BUSY,
        [
            Workload("1 connection, one request after the other", "--connections 1"),
            Workload("1 connection, 10,000 a second", "--connections 1 --rate 10000"),
            Workload("1 connection, 1,000 a second", "--connections 1 --rate 1000"),
        ],
        tables.QUIET_METRICS,
    ),
    Group(
        "TCP, a connection for each request",
        "connection",
        servers.TCP,
        [Workload("8 at once, 64 B", "--connections 8 --churn")],
    ),
    Group(
        "UDP",
        "datagram",
        servers.UDP,
        [
            Workload("8 clients, 64 B", "--udp --connections 8"),
            Workload("8 clients, 16 under way, 64 B", "--udp --connections 8 --pipeline 16"),
            Workload("4 clients, 16 × 1200 B at once", "--udp --connections 4 --payload 1200 --segments --pipeline 16"),
        ],
    ),
]
