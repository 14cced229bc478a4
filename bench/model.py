"""The model as text, with the numbers of the code. The source of each number is at its constant."""

from bench.policies import health_checks, keycloak, region_switch, scheduled_lambda
from bench.policies.controller import FASTEST_SETTINGS
from bench.policies.scheduled_login import TIMEOUT_SECONDS
from bench.world import human, name_servers, region_health, schedule, users
from bench.world.health_check import CHECKERS, HEALTHY_CHECKER_THRESHOLD
from bench.world.latch import CHECK_INTERVAL_SECONDS
from bench.world.name_servers import PropagationPlane
from bench.world.simulated_world import SIGN_INS_PER_SECOND, TTL_SECONDS
from cognito_failover.probe.happy_eyeballs import ATTEMPT_DELAY_SECONDS

_RESOLVERS = "\n".join(
    f"  - {group.share:.0%} of the users: {group.ttl_seconds:,.0f} s" for group in users.RESOLVER_GROUPS
)
_FASTEST_SETTINGS = ", ".join(f"`{name}` {value:g}" for name, value in FASTEST_SETTINGS.items())
_PLAN_START_RANGE = "{:g} to {:g} s".format(*region_switch.PLAN_START_SECONDS)

_MEDIANS_SECONDS = name_servers.MEDIAN_SECONDS
_RECORDS_MEDIAN = f"{_MEDIANS_SECONDS[PropagationPlane.CONTROL]:g} s"
_HEALTH_MEDIAN = f"{_MEDIANS_SECONDS[PropagationPlane.DATA]:g} s"
_THRESHOLD = f"{HEALTHY_CHECKER_THRESHOLD:.0%}"
_FAILURES = scheduled_lambda.FAILURE_THRESHOLD

MODEL = f"""\
- **Users**: {SIGN_INS_PER_SECOND:g} sign-ins a second, calculated, not drawn. A user gives up after
  {region_health.USER_TIMEOUT_SECONDS:g} s (assumed).
- **Resolvers** keep an answer (TTL {TTL_SECONDS} s; serverfault.com/questions/72363, no study found):
{_RESOLVERS}
- **Record changes** reach half of the name servers within {_RECORDS_MEDIAN} and nearly all within 60 s. The 60 s
  are AWS's (Route 53 Developer Guide, "Editing records"), the distribution is assumed.
- **Health states** reach half of them within {_HEALTH_MEDIAN} and nearly all within 17 s. Assumed: AWS gives no figure.
- **Health checks**: {CHECKERS} checkers; unhealthy when no more than {_THRESHOLD} of them report healthy; 4 s to
  connect, 2 s to answer (Route 53 Developer Guide). The page behind a target fails as often as sign-in.
- **Lambda's schedule**: once a minute, up to {schedule.JITTER_SECONDS:g} s late, one time in
  {1 / schedule.LATE_SHARE:.0f} up to {schedule.LATE_SECONDS:g} s; one start in {1 / schedule.MISSED_SHARE:,.0f} is
  missing; one in {1 / schedule.COLD_SHARE:.0f} has a cold start of {schedule.COLD_SECONDS:g} s. Assumed.
- **Connections**: our probe tries every {ATTEMPT_DELAY_SECONDS:g} s until its TCP time is over.
- **Sign-in** takes {region_health.LATENCY_MEDIAN_SECONDS:g} s in the median (assumed). In a brownout attempts fail
  independently.
- **People** fail back when the primary was healthy for {human.HUMAN_DELAY_SECONDS / 60:g} minutes, and acknowledge
  then (assumed).
- **Published days**: the hours of AWS's summaries of 20 October 2025 (aws.amazon.com/message/101925) and 7 December
  2021 (aws.amazon.com/message/12721; Route 53 accepted no changes from 07:30 to 14:30 PST). The share of failed
  sign-ins is assumed.
- **Weather**: glitches of all kinds, with assumed lengths and rates (`bench/scenarios/background_noise.py`). The
  longest: 9 s in ordinary, 20 s in rough weather.
"""

PEERS = f"""\
- **ours**: the default settings, with the weighted records alone.
- **ours, latch**: with the latch attached to the records, as an object that checkers read every
   {CHECK_INTERVAL_SECONDS:g} s; a check changes when {_THRESHOLD} of them are left or reached.
- **ours, 3 observers**: the latch, and two observers in third Regions: two of three must agree in each round.
- **ours, fastest**: {_FASTEST_SETTINGS}: the lowest settings at which a single sick round moves no users.
- **Route 53, threshold 1 and 3**: failover records with a health check on each, every
  {health_checks.FAST_INTERVAL_SECONDS:g} s, and immediate failback (Route 53 Developer Guide).
- **Keycloak's latch**: health checks every {keycloak.INTERVAL_SECONDS:g} s with threshold {keycloak.THRESHOLD}; an
  alarm with a period of {keycloak.ALARM_PERIOD_SECONDS:g} s and one evaluation makes a Lambda latch the primary's
  check until a person undoes it (Keycloak's guides on the Route 53 load balancer and its failover Lambda).
- **login a minute**: a scheduled Lambda that changes the records after {_FAILURES} failures of any kind, each within
  {TIMEOUT_SECONDS:g} s. Assumed.
- **ARC Region switch**: a canary that signs in once a minute from the standby Region; an alarm after
  {region_switch.ALARM_DATAPOINTS} failures (assumed); {_PLAN_START_RANGE} to the step that moves traffic (assumed), on
  the data plane; manual failback (ARC Developer Guide, "Region switch").
- **oracle**: knows the future; delayed only by the faster plane and by caches.
"""

LIMITATIONS = """\
- Sessions, refresh tokens, sign-ins in several calls: a sign-in is one attempt without a retry.
- Load: the standby has capacity for all users, except in the throttle storm.
- Regions and networks that fail for some addresses or users only; caches of browsers and operating systems.
- Health checks of a page that stays up while sign-in is down. Here it fails with sign-in, which favours policies that
  check one.
- Failures of the controller's code, permissions, ledger or process: other tests interrupt it.
- Other ways of failing over, such as Cognito's own routing of its custom domain.
- S3 in the standby Region down, and the check on the standby's own record.
"""
