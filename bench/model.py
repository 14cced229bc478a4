"""The model in words, with the numbers that the code uses. Each constant says in its place where it comes from."""

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
    f"  - {each.share:.0%} of the users: {each.ttl_seconds:,.0f} s" for each in users.RESOLVER_GROUPS
)
_FASTEST_SETTINGS = ", ".join(f"`{name}` {value:g}" for name, value in FASTEST_SETTINGS.items())
_PLAN_START_RANGE = "{:g} to {:g} s".format(*region_switch.PLAN_START_SECONDS)

MODEL = f"""\
- **Users**: {SIGN_INS_PER_SECOND:g} sign-ins a second, not drawn, but reckoned exactly from where users are. A user
  gives up after {region_health.USER_TIMEOUT_SECONDS:g} s (assumed).
- **Resolvers** keep an answer for so long (TTL {TTL_SECONDS} s for every policy; after an administrator's count,
  serverfault.com/questions/72363: old and no study, but the best figures found):
{_RESOLVERS}
- **Record changes** reach half of the name servers within {name_servers.MEDIAN_SECONDS[PropagationPlane.CONTROL]:g} s and nearly
  all within 60 s. AWS: generally within 60 s (Route 53 Developer Guide, "Editing records"). The shape is assumed.
- **Health states** reach half of them within {name_servers.MEDIAN_SECONDS[PropagationPlane.DATA]:g} s and nearly all within 17 s.
  Assumed: AWS gives no figure.
- **Health checks**: {CHECKERS} checkers; unhealthy when no more than {HEALTHY_CHECKER_THRESHOLD:.0%} of them say healthy; 4 s to
  connect, 2 s to answer (Route 53 Developer Guide, "How Route 53 determines whether a health check is healthy"). They
  fetch a page behind each target, which is taken to fail as often as sign-in does.
- **Lambda's schedule**: once a minute, up to {schedule.JITTER_SECONDS:g} s late, one time in
  {1 / schedule.LATE_SHARE:.0f} up to {schedule.LATE_SECONDS:g} s; one start in {1 / schedule.MISSED_SHARE:,.0f} never
  comes; one in {1 / schedule.COLD_SHARE:.0f} is {schedule.COLD_SECONDS:g} s cold. Assumed.
- **Connections**: a Region that hangs on connect answers at none of its addresses. Our probe asks it every
  {ATTEMPT_DELAY_SECONDS:g} s until TCP's part of the wait is over, and is let in once an attempt finds it well.
- **Sign-in** takes {region_health.LATENCY_MEDIAN_SECONDS:g} s in the median (assumed). In a brownout every attempt fails or
  succeeds by itself, the canary's two ways into a Region too.
- **People** bring users back when the primary has been well for {human.HUMAN_DELAY_SECONDS / 60:g} minutes, and answer a
  request for acknowledgement as late. Assumed, alike for every policy that leaves it to people.
- **Published days**: the hours of AWS's summaries of 20 October 2025 (aws.amazon.com/message/101925) and 7 December
  2021 (aws.amazon.com/message/12721; Route 53 took no changes from 07:30 to 14:30 PST). Which share of the sign-ins
  failed is assumed: AWS published no figures for Cognito. The hours at which errors grew fewer are not checked.
- **Weather**: glitches of all kinds, at lengths and rates that are assumed (`bench/scenarios/background_noise.py`). What counts
  is the longest: up to 9 s in ordinary weather, up to 20 s in rough weather. No policy that decides within 20 s can
  tell such a glitch from an outage, so read the two together: the first says little without the second.
"""

PEERS = f"""\
- **ours**: the settings as deployed by default, with the weighted records alone.
- **ours, latch**: the same, with the latch attached to the records: an object in the standby Region that checkers look
  for every {CHECK_INTERVAL_SECONDS:g} s; a check changes when {HEALTHY_CHECKER_THRESHOLD:.0%} of them are left or reached.
- **ours, 3 observers**: the same with the latch, and two further observers in third Regions: two of three must agree
  in each round. What one of them alone sees moves nobody, and a weak brownout, which each meets in other rounds, is
  seldom agreed on.
- **ours, fastest**: {_FASTEST_SETTINGS}: the least at which a single bad round still moves nobody.
- **Route 53, threshold 1 and 3**: failover records with a health check on each, a look every
  {health_checks.FAST_INTERVAL_SECONDS:g} s, and back at once (Route 53 Developer Guide).
- **Keycloak's latch**: health checks every {keycloak.INTERVAL_SECONDS:g} s with threshold {keycloak.THRESHOLD}; an
  alarm with a period of {keycloak.ALARM_PERIOD_SECONDS:g} s and one evaluation makes a Lambda latch the primary's
  check until a person undoes it (Keycloak's guides on the Route 53 load balancer and its failover Lambda).
- **login a minute**: a scheduled Lambda that changes the records after {scheduled_lambda.FAILURE_THRESHOLD} failures of any kind,
  each within {TIMEOUT_SECONDS:g} s. The usual shape of a quick script; assumed.
- **ARC Region switch**: a canary that logs in once a minute from the standby Region; an alarm after
  {region_switch.ALARM_DATAPOINTS} failures (assumed); {_PLAN_START_RANGE} to the step that moves traffic (assumed), on the data
  plane; back by hand (ARC Developer Guide, "Region switch").
- **oracle**: knows what is and what comes, and is held up by the quicker plane and by caches only.
"""

LIMITATIONS = """\
- Sessions, refresh tokens, MFA and codes in several calls: a sign-in is one attempt, and nobody tries again.
- What users do who are signed in already.
- Load: a standby that takes over has room for everybody, but for the throttle storm, which follows the users.
- Regions of whose addresses some answer and some don't.
- Networks that fail for some users and not for others; health checkers that see less than everybody.
- Health checks of a page that stays up while sign-in is down. Here the page fails whenever sign-in does, which flatters
  those who check one: a check of a static page sees no brownout of Cognito at all.
- Caches of browsers and operating systems, beyond what the resolvers' shares hold.
- A controller whose code, permissions, ledger or process fail: that is for the tests that interrupt it at every call.
- Other ways of failing over, such as Cognito's own routing of its custom domain, whose speed is not documented.
- S3 in the standby Region down, and the check on the standby's own record, which matters if that Region is lost.
"""
