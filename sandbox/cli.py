"""The sandbox's command line: ``python -m sandbox``."""

import argparse
import asyncio
import json
import os
import shlex
import signal
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import quote

from rich.console import Console
from rich.table import Table

from sandbox.addresses import AddressError, SandboxNetwork
from sandbox.client import ControlError, NotRunningError, SandboxClient, get_state_folder
from sandbox.environment import build_plain_environment
from sandbox.faults import Effect
from sandbox.reference_setup import setup
from sandbox.server import SandboxConfig, SandboxServer


def main(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code."""
    options = _build_parser().parse_args(arguments)
    try:
        return int(options.command(options))
    except (AddressError, NotRunningError, ControlError, OSError) as error:
        Console(stderr=True).print(f"sandbox: {error}", style="red", markup=False, highlight=False)
        return 1


def _build_parser() -> argparse.ArgumentParser:
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument(
        "--network", default="127.10", help="first two numbers of the sandbox's addresses (%(default)s)"
    )
    parser = argparse.ArgumentParser(prog="sandbox", description="AWS on a laptop, with Regions that can fail.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    serve = commands.add_parser("serve", parents=[shared], help="run the sandbox in the foreground")
    serve.add_argument("--primary", default="ap-northeast-1", metavar="REGION")
    serve.add_argument("--standby", default="us-east-1", metavar="REGION")
    serve.add_argument(
        "--third", nargs="*", default=["eu-west-1", "us-west-2"], metavar="REGION", help="further Regions: witnesses"
    )
    serve.add_argument(
        "--target-name", nargs="*", metavar="NAME",
        default=["auth.example.com", "primary.target.example.com", "standby.target.example.com"],
        help="host names that the targets answer to",
    )  # fmt: skip
    serve.add_argument("--ready-file", type=Path, metavar="PATH", help="write the addresses to this file when ready")
    serve.add_argument("--creating-seconds", type=float, default=120.0, help="time until a new replica is INACTIVE")
    serve.add_argument("--lag-seconds", type=float, default=1.0, help="lag of Cognito's replication")
    serve.add_argument(
        "--propagation-seconds", type=float, default=20.0, help="time until a change of Route 53 is INSYNC"
    )
    serve.add_argument(
        "--check-pace", type=float, default=1.0, metavar="TIMES", help="run health checks this many times faster (1)"
    )
    serve.add_argument(
        "--health-propagation-seconds",
        type=float,
        default=10.0,
        help="time until name servers apply a changed status of a health check",
    )
    serve.add_argument("--temporary", action="store_true", help="delete the state folder at the end")
    serve.set_defaults(command=_serve)

    env = commands.add_parser("env", parents=[shared], help="print shell exports for AWS tools")
    env.add_argument("--region", help="the Region that the tools call (default: the primary)")
    env.set_defaults(command=_print_environment)

    run = commands.add_parser("run", parents=[shared], help="run a command on the sandbox's network")
    run.add_argument("--in", dest="inside", metavar="REGION", help="run as if inside this Region")
    run.add_argument("argv", nargs="+", metavar="CMD")
    run.set_defaults(command=_run)

    set_up = commands.add_parser("setup", parents=[shared], help="create the reference setup; safe to repeat")
    set_up.add_argument(
        "--weighted-records",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="create the domain's pair of weighted records (the controller can also create them)",
    )
    set_up.add_argument(
        "--login-domain",
        nargs="?",
        const="login.example.com",
        metavar="NAME",
        help="also create Cognito's custom domain for managed login (%(const)s)",
    )
    set_up.set_defaults(command=_set_up)

    settings = commands.add_parser("settings", parents=[shared], help="show or change durations")
    settings.add_argument("change", nargs="*", metavar="NAME=SECONDS")
    settings.set_defaults(command=_change_settings)

    _add_fault_commands(commands, shared)
    return parser


def _add_fault_commands(commands: Any, shared: argparse.ArgumentParser) -> None:
    fault = commands.add_parser("fault", help="set, list and clear faults")
    actions = fault.add_subparsers(required=True, metavar="ACTION")
    put = actions.add_parser("set", parents=[shared], help="start a fault")
    put.add_argument("--id", help="name of the fault; replaces the fault with the same name")
    put.add_argument("--effect", required=True, help=", ".join(Effect))
    for name in ("region", "service", "operation", "from-region", "code", "message"):
        put.add_argument(f"--{name}")
    for name in ("fraction", "seconds"):
        put.add_argument(f"--{name}", type=float)
    put.add_argument("--status", type=int)
    put.set_defaults(command=_set_fault)
    actions.add_parser("list", parents=[shared], help="list active faults").set_defaults(command=_list_faults)
    clear = actions.add_parser("clear", parents=[shared], help="end one fault, or all")
    clear.add_argument("id", nargs="?")
    clear.set_defaults(command=_clear_faults)


def _serve(options: argparse.Namespace) -> int:
    network = SandboxNetwork.for_regions(options.network, options.primary, options.standby, tuple(options.third))
    config = SandboxConfig(
        network=network,
        folder=get_state_folder(options.network),
        target_names=tuple(options.target_name),
        creating_seconds=options.creating_seconds,
        lag_seconds=options.lag_seconds,
        propagation_seconds=options.propagation_seconds,
        check_pace=options.check_pace,
        health_propagation_seconds=options.health_propagation_seconds,
        is_temporary=options.temporary,
    )
    asyncio.run(_serve_until_stopped(SandboxServer(config), options.ready_file))
    return 0


async def _serve_until_stopped(server: SandboxServer, ready_file: Path | None) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    await server.start()
    try:
        if ready_file is not None:
            # Rename the complete file into place: a waiting reader never sees a partial one.
            partial_file = ready_file.with_suffix(".partial")
            partial_file.write_text(json.dumps(server.describe(), indent=2))
            partial_file.rename(ready_file)
        _print_description(server.describe())
        await stopped.wait()
    finally:
        await server.stop()


def _print_description(description: dict[str, Any]) -> None:
    ports = description["ports"]
    table = Table(title=f"AWS on {description['network']}", title_justify="left")
    for heading in ("Region", "API", "target", "callers inside"):
        table.add_column(heading)
    for region in description["regions"]:
        role = {description["primary"]: " (primary)", description["standby"]: " (standby)"}.get(region, "")
        table.add_row(region + role, *(description[kind][region] for kind in ("api", "targets", "inside")))
    console = Console(soft_wrap=True)
    console.print(table)
    console.print(f"API      HTTPS on port {ports['https']}, HTTP on port {ports['http']}")
    console.print(f"Targets  HTTPS on port {ports['https']} for {', '.join(description['target_names'])}")
    console.print(f"Login    HTTPS on port {ports['https']} at {description['distribution']}, for custom domains")
    console.print(f"DNS      resolver {description['resolver']}, port {ports['dns']}")
    console.print(f"         name servers {', '.join(description['name_servers'])}")
    console.print(f"Faults   {description['control']}/faults")
    console.print("Ctrl-C stops the sandbox.")


def _print_environment(options: argparse.Namespace) -> int:
    network = SandboxClient.connect(options.network).network
    for name, value in build_plain_environment(network, options.region or network.regions[0]).items():
        Console().out(f"export {name}={shlex.quote(value)}", highlight=False)
    return 0


def _run(options: argparse.Namespace) -> int:
    environment = SandboxClient.connect(options.network).build_environment(inside=options.inside)
    os.execvpe(options.argv[0], options.argv, environment)  # noqa: S606 - running the user's command is its job


def _set_up(options: argparse.Namespace) -> int:
    sandbox = SandboxClient.connect(options.network)
    primary, standby = sandbox.description["primary"], sandbox.description["standby"]
    plan = setup.SetupPlan(
        primary=primary,
        standby=standby,
        addresses={region: sandbox.network.get_target_address(region) for region in (primary, standby)},
        weighted_records=options.weighted_records,
        login_domain=options.login_domain,
    )
    _print_json(asdict(setup.set_up(sandbox.client, plan, time.sleep)))
    return 0


def _set_fault(options: argparse.Namespace) -> int:
    names = (
        "effect",
        "region",
        "service",
        "operation",
        "from_region",
        "code",
        "message",
        "fraction",
        "seconds",
        "status",
    )
    fault = {name: getattr(options, name) for name in names if getattr(options, name) is not None}
    fault_id = options.id or "-".join(
        str(fault[name]) for name in ("region", "service", "operation", "effect") if name in fault
    )
    _print_json(
        SandboxClient.connect(options.network).call_control("PUT", f"/faults/{quote(fault_id, safe='')}", fault)
    )
    return 0


def _list_faults(options: argparse.Namespace) -> int:
    _print_json(SandboxClient.connect(options.network).call_control("GET", "/faults"))
    return 0


def _clear_faults(options: argparse.Namespace) -> int:
    path = f"/faults/{quote(options.id, safe='')}" if options.id else "/faults"
    _print_json(SandboxClient.connect(options.network).call_control("DELETE", path))
    return 0


def _change_settings(options: argparse.Namespace) -> int:
    sandbox = SandboxClient.connect(options.network)
    changes = dict(change.partition("=")[::2] for change in options.change)
    try:
        content = {name: float(value) for name, value in changes.items()}
    except ValueError:
        raise ControlError(f"{' '.join(options.change)}: write NAME=SECONDS, for example lag_seconds=5") from None
    _print_json(
        sandbox.call_control("PUT", "/settings", content) if content else sandbox.call_control("GET", "/settings")
    )
    return 0


def _print_json(content: object) -> None:
    Console().print_json(json.dumps(content))
