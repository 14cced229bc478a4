"""Measures the running cost of the controller in separate processes, and estimates the cost of a month.

Each function runs as `sam build` made it, in a process with only the standard library, the function and the layer. The
process runs inside the standby Region of a sandbox on this machine. A baseline process only imports boto3 and creates
one client, which any function of this kind needs.
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
"""Number of processes of each kind. The kinds start in turn, so other load on the machine affects all equally."""

INTERVALS_SECONDS = (10, 12, 15, 20, 30, 60)
"""All values that the template allows."""

MEMORY_SIZES_MB = (128, 256, 512)

WARM_UP_ROUNDS = 10
"""More rounds than a new controller waits before its first verdict. An observer gives no verdict."""

LIMITED_ROUNDS = 20
"""Number of rounds at each memory size, of four probes each."""

LATENCY_TOLERANCE_SECONDS = 0.05
"""A hundredth of the probes' deadline. A latency this close to that of a whole processor counts as equal."""

IMPORT_GOAL = 1.6
ROUND_GOAL_MILLISECONDS = 30.0
LAYER_GOAL_MEGABYTES = 60.0
MONTH_GOAL_USD = 20.0


class ProcessKind(StrEnum):
    """The processes whose cold start is measured."""

    BASELINE = "plain boto3"
    CONTROLLER = "controller"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True, kw_only=True)
class ColdStart:
    """A process from its start to its first answer.

    Attributes
    ----------
    import_seconds, import_cpu_seconds
        Import of the function, or of boto3 with the creation of one client.
    first_seconds, first_cpu_seconds
        The first invocation: one round of the controller, or the operator's status. Its services answer from this
        machine. On AWS, add the network latency.
    peak_memory_megabytes
        Peak memory of the process, without Lambda's runtime.

    """

    import_seconds: MedianRange
    import_cpu_seconds: MedianRange
    first_seconds: MedianRange | None
    first_cpu_seconds: MedianRange | None
    peak_memory_megabytes: MedianRange


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeLatency:
    """Latency of the probes on this machine, with the share of a processor that a memory size brings."""

    memory_mb: int
    median_seconds: float
    percentile_99_seconds: float
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CostGoal:
    """A goal and its measured value."""

    name: str
    at_most: float
    measured: float
    is_met: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkResult:
    """All measurements and estimates.

    Attributes
    ----------
    cold_starts
        Cold starts by kind of process.
    round_cpu_milliseconds
        A warm round of the controller, over all intervals.
    probes
        Latencies by memory size, the last with a whole processor.
    enough_memory_mb
        The smallest memory at which the 99th percentile of the latency counts as equal to that of a whole processor.
    minutes
        Profiles by function, one for each interval.
    months
        Cost of the controller without failures, at every interval and memory size.
    load
        Mean number of processes that wanted a processor in the last five minutes. Times are reliable only if it is
        below the number of processors.

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
        """Return the result as indented JSON."""
        months = [{**msgspec.to_builtins(month), "total_usd": month.total_usd} for month in self.months]
        return msgspec.json.format(msgspec.json.encode({**msgspec.to_builtins(self), "months": months}))

    def save(self, path: Path = RESULT) -> None:
        """Save the result, and the profiles that ``failoverctl cost`` uses."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(self.to_json() + b"\n")
        UsageMeasurements(measured_on=datetime.now(UTC).date(), machine=self.machine, profiles=self.minutes).save()

    def to_table(self) -> Group:
        """Return the tables for a terminal."""
        return Group(
            _render_goals(self.goals),
            _render_cold_starts(self.cold_starts),
            _render_probes(self.probes, self.enough_memory_mb),
            _render_months(self.months),
        )


def run_benchmark(on_progress: Callable[[str], None] = lambda _: None) -> BenchmarkResult:
    """Measure everything. It takes some minutes, mostly waiting.

    Parameters
    ----------
    on_progress
        Called with a line of progress before each step.

    Raises
    ------
    bench.benchmark.process_runner.MeasuredProcessError
        If a measured process fails.

    """
    stack, prices = deployed_stack.read_deployed().controller, price_list.read()
    on_progress("Starting a local AWS …")
    with start_benchmark_sandbox() as local_aws:
        outputs: dict[ProcessKind, list[ProcessOutput]] = {kind: [] for kind in ProcessKind}
        for turn in range(COLD_STARTS):
            on_progress(f"Measuring cold starts, {turn + 1} of {COLD_STARTS} …")
            environment = local_aws.make_environment(f"cold-{turn}", interval_seconds=stack.interval_seconds)
            for kind in ProcessKind:
                outputs[kind].append(run_process(_make_process_spec(kind, environment, stack.interval_seconds)))
        on_progress("Measuring a minute of rounds at each interval, in parallel …")
        profiles = _measure_minutes(local_aws)
        minutes = profiles[ScheduledFunction.CONTROLLER]
        probes = tuple(
            _measure_probe_latency(local_aws, size, on_progress) for size in (*MEMORY_SIZES_MB, FULL_VCPU_MB)
        )
    cold_starts = {kind: _summarize_cold_starts(of_kind) for kind, of_kind in outputs.items()}
    warm_round = MedianRange.from_values(
        [1000 * seconds for minute in minutes for seconds in minute.rounds_cpu_seconds]
    )
    months = tuple(
        monthly_cost.compute_month(minute, stack, prices, memory_mb=memory_mb)
        for minute in minutes
        for memory_mb in MEMORY_SIZES_MB
    )
    default_month = next(
        month
        for month in months
        if (month.interval_seconds, month.memory_mb) == (stack.interval_seconds, stack.memory_mb)
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
        round_cpu_milliseconds=warm_round,
        layer_megabytes=megabytes,
        probes=probes,
        enough_memory_mb=find_sufficient_memory(probes),
        load=os.getloadavg()[1],
        minutes=profiles,
        months=months,
        goals=(
            _make_goal("cold import of the controller, as a multiple of boto3 with one client", IMPORT_GOAL, ratio),
            _make_goal("processor time of a warm round, ms", ROUND_GOAL_MILLISECONDS, warm_round.median),
            _make_goal("unzipped layer, MB", LAYER_GOAL_MEGABYTES, megabytes),
            _make_goal("month at the default settings, USD", MONTH_GOAL_USD, default_month.total_usd),
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
    # An observer's rounds follow the clock, so its first may be an interval away. The longest wait starts first.
    measured = [
        (function, interval) for function in reversed(ScheduledFunction) for interval in reversed(INTERVALS_SECONDS)
    ]
    outputs = run_processes([_make_minute_spec(local_aws, function, interval) for function, interval in measured])
    minutes = {
        (function, interval): invocation_profile.build_profile(output.figures, output.log, interval_seconds=interval)
        for (function, interval), output in zip(measured, outputs, strict=True)
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
    on_progress(f"Measuring probes with the processor share of {memory_mb} MB …")
    process = MeasuredProcess(
        kind="share",
        environment=local_aws.make_environment(f"share-{memory_mb}", interval_seconds=10),
        cpu_share=memory_mb / FULL_VCPU_MB,
        rounds=LIMITED_ROUNDS,
    )
    seconds = invocation_profile.parse_probe_latencies(run_process(process).log)
    return ProbeLatency(
        memory_mb=memory_mb,
        median_seconds=median(seconds),
        percentile_99_seconds=quantiles(seconds, n=100)[98],
        count=len(seconds),
    )


def find_sufficient_memory(probes: Sequence[ProbeLatency]) -> int:
    """Return the smallest memory (MB) whose 99th percentile is within the tolerance of a whole processor's."""
    full = max(probes, key=lambda probe: probe.memory_mb)
    limit = full.percentile_99_seconds + LATENCY_TOLERANCE_SECONDS
    return min(probe.memory_mb for probe in probes if probe.percentile_99_seconds <= limit)


def _summarize_cold_starts(outputs: Sequence[ProcessOutput]) -> ColdStart:
    figures = [output.figures for output in outputs]
    invoked = "first" in figures[0]

    def summarize(part: str, figure: str) -> MedianRange:
        return MedianRange.from_values([of_process[part][figure] for of_process in figures])

    return ColdStart(
        import_seconds=summarize("import", "wall_seconds"),
        import_cpu_seconds=summarize("import", "cpu_seconds"),
        first_seconds=summarize("first", "wall_seconds") if invoked else None,
        first_cpu_seconds=summarize("first", "cpu_seconds") if invoked else None,
        peak_memory_megabytes=MedianRange.from_values([of_process["peak_memory_megabytes"] for of_process in figures]),
    )


def _make_goal(name: str, at_most: float, measured: float) -> CostGoal:
    return CostGoal(name=name, at_most=at_most, measured=measured, is_met=measured <= at_most)


def _render_goals(goals: Sequence[CostGoal]) -> Table:
    table = Table("running cost", "at most", "measured", "", title_justify="left")
    for goal in goals:
        table.add_row(goal.name, f"{goal.at_most:g}", f"{goal.measured:.2f}", "met" if goal.is_met else "MISSED")
    return table


def _render_cold_starts(cold_starts: Mapping[ProcessKind, ColdStart]) -> Table:
    table = Table("process", "import, ms", "processor, ms", "first invocation, ms", "processor, ms", "peak memory, MB")
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
    tolerance = f"{1000 * LATENCY_TOLERANCE_SECONDS:.0f} ms"
    caption = f"From {enough_memory_mb} MB, the 99th percentile is within {tolerance} of a whole processor's."
    table = Table("memory", "median probe latency, ms", "99th percentile, ms", caption=caption)
    for probe in probes:
        table.add_row(
            f"{probe.memory_mb} MB", f"{1000 * probe.median_seconds:.0f}", f"{1000 * probe.percentile_99_seconds:.0f}"
        )
    return table


def _render_months(months: Sequence[MonthlyCost]) -> Table:
    table = Table(
        "interval", *(f"{memory_mb} MB" for memory_mb in MEMORY_SIZES_MB), title="USD a month, without failures"
    )
    for interval in INTERVALS_SECONDS:
        of_interval = [month for month in months if month.interval_seconds == interval]
        table.add_row(f"{interval} s", *(f"{month.total_usd:.2f}" for month in of_interval))
    return table


def _format_milliseconds(spread: MedianRange | None) -> str:
    if spread is None:
        return ""
    return f"{1000 * spread.median:.0f} ({1000 * spread.least:.0f} to {1000 * spread.most:.0f})"


def main() -> int:
    """Run the benchmark, save the result and print it."""
    console = Console(highlight=False)
    result = run_benchmark(console.print)
    result.save()
    console.print(result.to_table())
    console.print(f"The figures are in {RESULT.relative_to(ROOT)}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
