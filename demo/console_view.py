"""The screen of the demo: lines of progress, and below them the current state of sign-in."""

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from demo.external_clients import ClientSignIn
from demo.external_monitor import ExternalMonitor, ScenarioResult

_REFRESH_SECONDS = 0.5
_HISTORY_SECONDS = 60
_STAGE_NAMES = {
    "suspect": "first sick round",
    "decide": "failover decided",
    "change": "Route 53 accepted the change",
    "latch": "latch set",
    "authoritative": "all name servers answer the replica",
    "first_good_sign_in": "first good sign-in on the replica",
}


class ConsoleView:
    """The screen of the demo: live on a terminal, otherwise plain lines.

    Parameters
    ----------
    console
        The output.

    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._started_at = time.monotonic()

    def print_progress(self, line: str) -> None:
        """Print one line of progress, with the elapsed time."""
        elapsed_seconds = time.monotonic() - self._started_at
        self._console.print(Text.assemble((f"{elapsed_seconds:6.1f} s  ", "dim"), line), soft_wrap=True)

    @contextmanager
    def show_live(self, monitor: ExternalMonitor, regions: Mapping[str, str]) -> Iterator[None]:
        """Show sign-ins and name servers during the scenarios, on a terminal only.

        Parameters
        ----------
        monitor
            The source of the data.
        regions
            Regions by target address.

        """
        if not self._console.is_terminal:
            yield
            return
        ended = threading.Event()
        with Live(console=self._console, auto_refresh=False, transient=True) as live:

            def refresh() -> None:
                while not ended.wait(_REFRESH_SECONDS):
                    live.update(_render_live_view(monitor, regions), refresh=True)

            thread = threading.Thread(target=refresh, name="live-view", daemon=True)
            thread.start()
            try:
                yield
            finally:
                ended.set()
                thread.join()

    def print_result(self, title: str, result: ScenarioResult) -> None:
        """Print the measurements of a scenario."""
        stages = Table(title=f"{title}\nSeconds after the fault", title_justify="left")
        stages.add_column("stage")
        stages.add_column("seconds", justify="right")
        for stage, seconds in result.stages_seconds.items():
            stages.add_row(_STAGE_NAMES[stage], f"{seconds:.1f}")
        sign_ins = Table(title="Sign-ins through the domain", title_justify="left")
        for count in result.sign_ins:
            sign_ins.add_column(count.replace("_", " "), justify="right")
        sign_ins.add_row(*(str(count) for count in result.sign_ins.values()))
        moves = Table(title="Moves", title_justify="left")
        for heading in ("from", "to", "decided by", "reason"):
            moves.add_column(heading)
        for move in result.moves:
            moves.add_row(
                move["from"], move["to"], "the controller" if move["automatic"] else "a person", move["reason"]
            )
        self._console.print(stages, sign_ins, moves)


def _render_live_view(monitor: ExternalMonitor, regions: Mapping[str, str]) -> Group:
    answers = ", ".join(answer or "no answer" for answer in monitor.name_servers.query_regions())
    return Group(
        Text.assemble(("name servers  ", "dim"), answers),
        Text.assemble(("last minute   ", "dim"), *_render_sign_ins(monitor.sign_in_load.sign_ins, regions)),
        Text(
            "Each character is one second of sign-ins. A capital letter is the Region that served them, x a failure.",
            style="dim",
        ),
    )


def _render_sign_ins(sign_ins: tuple[ClientSignIn, ...], regions: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    now = time.time()
    letters = _assign_letters(set(regions.values()))
    for second in range(_HISTORY_SECONDS, 0, -1):
        within = [sign_in for sign_in in sign_ins if now - second <= sign_in.started_at < now - second + 1]
        if not within:
            yield ("·", "dim")
        elif all(sign_in.is_successful for sign_in in within):
            yield (letters.get(regions.get(within[-1].address, ""), "?"), "green")
        else:
            yield ("x", "bold red")


def _assign_letters(regions: set[str]) -> dict[str, str]:
    """Return the letter of each Region: its first letter in upper case."""
    return {region: region[0].upper() for region in sorted(regions)}
