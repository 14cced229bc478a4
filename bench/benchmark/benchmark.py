"""What the controller costs to run: measured in processes of its own, and reckoned up for a month.

Every function is run as `sam build` made it, in a process that has the standard library, the function and the layer and
nothing else, inside the standby Region of a sandbox on this machine. Next to them runs a process that only imports
boto3 and makes one client, which is what any function of this kind can't do without.
"""

import os
import platform
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from statistics import median, quantiles

import msgspec
from rich.console import Console, Group
from rich.table import Table

from bench.benchmark import deployed_stack, invocation_profile, monthly_cost
from bench.benchmark.local_aws import BenchmarkSandbox, start_benchmark_sandbox
from bench.benchmark.median_range import MedianRange
from bench.benchmark.monthly_cost import MonthlyCost
from bench.benchmark.process_runner import (
    ROOT,
    MeasuredProcess,
    ProcessOutput,
    compute_layer_megabytes,
    run_process,
    run_processes,
)
from failoverctl.cost import prices as price_list
from failoverctl.cost.function_usage import FULL_VCPU_MB
from failoverctl.cost.invocation_profile import InvocationProfile, ScheduledFunction, UsageMeasurements

RESULT = ROOT / "build" / "bench" / "running.json"

COLD_STARTS = 5
"""How many processes of each kind are started, in turn, so that whatever else the machine does meets all alike."""

INTERVALS_SECONDS = (10, 12, 15, 20, 30, 60)
"""All that the template allows."""

MEMORY_SIZES_MB = (128, 256, 512)

WARM_UP_ROUNDS = 10
"""As many as a new controller waits before it judges, and more. An observer judges nothing."""

LIMITED_ROUNDS = 20
"""How many rounds are made at each memory size, of four probes each."""

LATENCY_TOLERANCE_SECONDS = 0.05
"""A hundredth of the probes' deadline: within so much of a whole processor's, their latency no longer falls."""

IMPORT_GOAL = 1.6
ROUND_GOAL_MILLISECONDS = 30.0
LAYER_GOAL_MEGABYTES = 60.0
MONTH_GOAL_USD = 20.0


class ProcessKind(StrEnum):
    """The processes that are started cold."""

    BASELINE = "plain boto3"
    CONTROLLER = "controller"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True, kw_only=True)
class ColdStart:
    """A process from its start to its first answer.

    Attributes
    ----------
    import_seconds, import_cpu_seconds
        Importing the function, or boto3 and making one client.
    first_seconds, first_cpu_seconds
        The first invocation after that: one round of the controller, or the operator's status. Its services answer from
        this machine; on AWS the way to them is to be added.
    peak_memory_megabytes
        Of the process; Lambda's own runtime is to be added.

    """

    import_seconds: MedianRange
    import_cpu_seconds: MedianRange
    first_seconds: MedianRange | None
    first_cpu_seconds: MedianRange | None
    peak_memory_megabytes: MedianRange


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeLatency:
    """How long probes took with the share of a processor that comes with a memory size, on this machine."""

    memory_mb: int
    median_seconds: float
    percentile_99_seconds: float
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CostGoal:
    """What was aimed at, and what was measured."""

    name: str
    at_most: float
    measured: float
    is_met: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkResult:
    """All that was measured and reckoned.

    Attributes
    ----------
    cold_starts
        By kind of process.
    round_cpu_milliseconds
        A warm round of the controller at the default interval and longer ones.
    probes
        Latencies by memory size, the last with a whole processor.
    enough_memory_mb
        From where on the 99th percentile of them no longer falls.
    minutes
        By function, of every interval.
    months
        Of the controller without failures, at every interval and memory size.
    load
        How many processes wanted a processor in the last five minutes: times are to be trusted if it is below their
        number.

    """

    machine: str
    python: str
    cold_starts: Mapping[ProcessKind, ColdStart]
    round_cpu_milliseconds: MedianRange
    layer_megabytes: float
    probes: tuple[ProbeLatency, ...]
    enough_memory_mb: int
    load: float
    minutes: Mapping[ScheduledFunction, tuple[InvocationProfile, ...]]
    months: tuple[MonthlyCost, ...]
    goals: tuple[CostGoal, ...]

    def to_json(self) -> bytes:
        """Return everything, indented."""
        months = [{**msgspec.to_builtins(month), "total_usd": month.total_usd} for month in self.months]
        return msgspec.json.format(msgspec.json.encode({**msgspec.to_builtins(self), "months": months}))

    def save(self, path: Path = RESULT) -> None:
        """Write everything to a file, and what ``failoverctl cost`` reckons with to its own."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(self.to_json() + b"\n")
        UsageMeasurements(measured_on=datetime.now(UTC).date(), machine=self.machine, profiles=self.minutes).save()

    def to_table(self) -> Group:
        """Return what a person wants to see."""
        return Group(
            _render_goals(self.goals),
            _render_cold_starts(self.cold_starts),
            _render_probes(self.probes, self.enough_memory_mb),
            _render_months(self.months),
        )


def run_benchmark(on_progress: Callable[[str], None] = lambda _: None) -> BenchmarkResult:
    """Measure everything; it takes some minutes, most of them waiting.

    Parameters
    ----------
    tell
        Told what is being done.

    Raises
    ------
    bench.benchmark.process_runner.ProcessError
        If a measured process fails.

    """
    stack, prices = deployed_stack.read_deployed().controller, price_list.read()
    on_progress("Starting a local AWS …")
    with start_benchmark_sandbox() as there:
        seen: dict[ProcessKind, list[ProcessOutput]] = {kind: [] for kind in ProcessKind}
        for turn in range(COLD_STARTS):
            on_progress(f"Cold starts, {turn + 1} of {COLD_STARTS} …")
            environment = there.make_environment(f"cold-{turn}", interval_seconds=stack.interval_seconds)
            for kind in ProcessKind:
                seen[kind].append(run_process(_make_process_spec(kind, environment, stack.interval_seconds)))
        on_progress("A minute of rounds at each interval, side by side …")
        every_minute = _measure_minutes(there)
        minutes = every_minute[ScheduledFunction.CONTROLLER]
        probes = tuple(_measure_probe_latency(there, size, on_progress) for size in (*MEMORY_SIZES_MB, FULL_VCPU_MB))
    cold_starts = {kind: _summarize_cold_starts(each) for kind, each in seen.items()}
    warm = MedianRange.from_values([1000 * seconds for minute in minutes for seconds in minute.rounds_cpu_seconds])
    months = tuple(
        monthly_cost.compute_month(minute, stack, prices, memory_mb=memory_mb)
        for minute in minutes
        for memory_mb in MEMORY_SIZES_MB
    )
    usual = next(
        each for each in months if (each.interval_seconds, each.memory_mb) == (stack.interval_seconds, stack.memory_mb)
    )
    megabytes = compute_layer_megabytes()
    ratio = (
        cold_starts[ProcessKind.CONTROLLER].import_cpu_seconds.median
        / cold_starts[ProcessKind.BASELINE].import_cpu_seconds.median
    )
    return BenchmarkResult(
        machine=f"{platform.machine()}, {os.cpu_count()} processors",
        python=platform.python_version(),
        cold_starts=cold_starts,
        round_cpu_milliseconds=warm,
        layer_megabytes=megabytes,
        probes=probes,
        enough_memory_mb=find_sufficient_memory(probes),
        load=os.getloadavg()[1],
        minutes=every_minute,
        months=months,
        goals=(
            _make_goal("the controller's cold import, in plain boto3 and a first client", IMPORT_GOAL, ratio),
            _make_goal("processor time of a warm round, ms", ROUND_GOAL_MILLISECONDS, warm.median),
            _make_goal("the layer, unzipped, MB", LAYER_GOAL_MEGABYTES, megabytes),
            _make_goal("a month at the default settings, USD", MONTH_GOAL_USD, usual.total_usd),
        ),
    )


def _make_process_spec(kind: ProcessKind, environment: Mapping[str, str], interval_seconds: int) -> MeasuredProcess:
    match kind:
        case ProcessKind.BASELINE:
            return MeasuredProcess(kind="baseline", environment=environment)
        case ProcessKind.CONTROLLER:
            return MeasuredProcess(kind="cold", environment=environment, interval_seconds=interval_seconds)
        case ProcessKind.OPERATOR:
            return MeasuredProcess(
                kind="cold", environment=environment, function="Operator", event={"action": "status"}
            )


def _measure_minutes(local_aws: BenchmarkSandbox) -> dict[ScheduledFunction, tuple[InvocationProfile, ...]]:
    # An observer's rounds keep to the clock, so that its first may be an interval away: the longest wait begins first.
    wanted = [
        (function, interval) for function in reversed(ScheduledFunction) for interval in reversed(INTERVALS_SECONDS)
    ]
    seen = run_processes([_make_minute_spec(local_aws, function, interval) for function, interval in wanted])
    minutes = {
        (function, interval): invocation_profile.build_profile(each.figures, each.log, interval_seconds=interval)
        for (function, interval), each in zip(wanted, seen, strict=True)
    }
    return {
        function: tuple(minutes[function, interval] for interval in INTERVALS_SECONDS) for function in ScheduledFunction
    }


def _make_minute_spec(
    local_aws: BenchmarkSandbox, function: ScheduledFunction, interval_seconds: int
) -> MeasuredProcess:
    name = f"minute-{function}-{interval_seconds}"
    match function:
        case ScheduledFunction.CONTROLLER:
            environment = local_aws.make_environment(name, interval_seconds=interval_seconds)
            rounds = WARM_UP_ROUNDS
        case ScheduledFunction.OBSERVER:
            environment = local_aws.make_observer_environment(name, interval_seconds=interval_seconds)
            rounds = 0
    return MeasuredProcess(
        kind="minute",
        environment=environment,
        function=function.title(),
        interval_seconds=interval_seconds,
        rounds=rounds,
    )


def _measure_probe_latency(
    local_aws: BenchmarkSandbox, memory_mb: int, on_progress: Callable[[str], None]
) -> ProbeLatency:
    on_progress(f"Probes with the share of a processor that {memory_mb} MB bring …")
    subject = MeasuredProcess(
        kind="share",
        environment=local_aws.make_environment(f"share-{memory_mb}", interval_seconds=10),
        cpu_share=memory_mb / FULL_VCPU_MB,
        rounds=LIMITED_ROUNDS,
    )
    seconds = invocation_profile.parse_probe_latencies(run_process(subject).log)
    return ProbeLatency(
        memory_mb=memory_mb,
        median_seconds=median(seconds),
        percentile_99_seconds=quantiles(seconds, n=100)[98],
        count=len(seconds),
    )


def find_sufficient_memory(probes: Sequence[ProbeLatency]) -> int:
    """Return the smallest memory, in MB, at which the 99th percentile is hardly more than with a whole processor."""
    whole = max(probes, key=lambda each: each.memory_mb)
    limit = whole.percentile_99_seconds + LATENCY_TOLERANCE_SECONDS
    return min(each.memory_mb for each in probes if each.percentile_99_seconds <= limit)


def _summarize_cold_starts(outputs: Sequence[ProcessOutput]) -> ColdStart:
    figures = [each.figures for each in outputs]
    invoked = "first" in figures[0]

    def summarize(part: str, figure: str) -> MedianRange:
        return MedianRange.from_values([each[part][figure] for each in figures])

    return ColdStart(
        import_seconds=summarize("import", "wall_seconds"),
        import_cpu_seconds=summarize("import", "cpu_seconds"),
        first_seconds=summarize("first", "wall_seconds") if invoked else None,
        first_cpu_seconds=summarize("first", "cpu_seconds") if invoked else None,
        peak_memory_megabytes=MedianRange.from_values([each["peak_memory_megabytes"] for each in figures]),
    )


def _make_goal(name: str, at_most: float, measured: float) -> CostGoal:
    return CostGoal(name=name, at_most=at_most, measured=measured, is_met=measured <= at_most)


def _render_goals(goals: Sequence[CostGoal]) -> Table:
    table = Table("the cost of running", "at most", "measured", "", title_justify="left")
    for goal in goals:
        table.add_row(goal.name, f"{goal.at_most:g}", f"{goal.measured:.2f}", "met" if goal.is_met else "MISSED")
    return table


def _render_cold_starts(cold_starts: Mapping[ProcessKind, ColdStart]) -> Table:
    table = Table("process", "import, ms", "of it processor", "first invocation, ms", "of it processor", "peak, MB")
    for kind, start in cold_starts.items():
        table.add_row(
            kind,
            _format_milliseconds(start.import_seconds),
            _format_milliseconds(start.import_cpu_seconds),
            _format_milliseconds(start.first_seconds),
            _format_milliseconds(start.first_cpu_seconds),
            f"{start.peak_memory_megabytes.median:.0f}",
        )
    return table


def _render_probes(probes: Sequence[ProbeLatency], enough_memory_mb: int) -> Table:
    within = f"{1000 * LATENCY_TOLERANCE_SECONDS:.0f} ms"
    caption = f"From {enough_memory_mb} MB on, the 99th percentile is within {within} of a whole processor's."
    table = Table("memory", "median of the probes, ms", "99th percentile, ms", caption=caption)
    for each in probes:
        table.add_row(
            f"{each.memory_mb} MB", f"{1000 * each.median_seconds:.0f}", f"{1000 * each.percentile_99_seconds:.0f}"
        )
    return table


def _render_months(months: Sequence[MonthlyCost]) -> Table:
    table = Table(
        "interval", *(f"{memory_mb} MB" for memory_mb in MEMORY_SIZES_MB), title="USD a month, nothing failing"
    )
    for interval in INTERVALS_SECONDS:
        of_interval = [each for each in months if each.interval_seconds == interval]
        table.add_row(f"{interval} s", *(f"{each.total_usd:.2f}" for each in of_interval))
    return table


def _format_milliseconds(spread: MedianRange | None) -> str:
    if spread is None:
        return ""
    return f"{1000 * spread.median:.0f} ({1000 * spread.least:.0f} to {1000 * spread.most:.0f})"


def main() -> int:
    """Measure, show and save."""
    console = Console(highlight=False)
    running = run_benchmark(console.print)
    running.save()
    console.print(running.to_table())
    console.print(f"The figures are in {RESULT.relative_to(ROOT)}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
