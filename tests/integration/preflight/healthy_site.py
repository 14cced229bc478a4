"""A sandbox in which every preflight check passes, and a process that runs preflight in its standby Region."""

import io
import json
import os
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cognito_failover.common.region import PerRole, RegionRole, route_all_to
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.probe.jwks_cache import CachedJwks, CachedKey
from cognito_failover.routing.latch.stack_policy import PROTECTED_POLICY
from cognito_failover.routing.latch.state_txt_record import build_latch_state_record
from cognito_failover.routing.records.region_txt_record import build_region_record_pair
from cognito_failover.settings.controller import Settings
from cognito_failover.storage.dynamodb import DynamoDBLedger
from failoverctl.replicate.update_settings import build_update_settings, list_update_members
from sandbox.client import SandboxClient
from sandbox.health_checkers.locations import CHECKERS
from sandbox.reference_setup import setup
from sandbox.testing import run_sandbox

ROOT = Path(__file__).parents[3]
TOKYO, VIRGINIA = "ap-northeast-1", "us-east-1"
DOMAIN, LOGIN_DOMAIN = "auth.example.com", "login.example.com"
STACK, TABLE, BUCKET = "cognito-failover", "ledger", "latch"
TOPIC = "arn:aws:sns:us-east-1:123456789012:notifications"
MAIL_ADDRESS = "night@example.com"

_MAX_ATTEMPTS = 4

_ROLE = "arn:aws:iam::123456789012:role/trigger"
_TRIGGER_SOURCE = "def handler(event, _context):\n    return event\n"


def list_checks_with_outcome(findings: Mapping[str, Mapping[str, Any]], outcome: str) -> set[str]:
    """Return the ids of the checks with this outcome."""
    return {check for check, finding in findings.items() if finding["outcome"] == outcome}


class PreflightProcess:
    """Runs preflight in a separate process inside the standby Region. All runs share its AWS clients."""

    def __init__(self, sandbox: SandboxClient, settings: Mapping[str, str]) -> None:
        environment = sandbox.build_environment(inside=VIRGINIA) | dict(sandbox.description["credentials"])
        paths = [environment.get("PYTHONPATH", ""), str(ROOT / "layers" / "failover")]
        self._process = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, str(Path(__file__).with_name("preflight_runner.py"))],
            env=environment | dict(settings) | {"PYTHONPATH": os.pathsep.join(paths)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def run_checks(self, *, active: bool = False, ahead_seconds: float = 0) -> dict[str, dict[str, Any]]:
        """Return the findings by check id."""
        assert self._process.stdin
        assert self._process.stdout
        request = {"event": {"active": active}, "ahead_seconds": ahead_seconds}
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        assert answer["done"], answer
        return {finding["check"]: finding for finding in answer["findings"]}

    def run_checks_until_stable(
        self,
        *,
        expected_unknown: frozenset[str] = frozenset(),
        expected_failed: frozenset[str] = frozenset(),
        active: bool = False,
    ) -> dict[str, dict[str, Any]]:
        """Return the findings of the first run without an unexpected outcome, or of the last run.

        On a busy machine, facts or name servers may time out. So up to four runs are made.
        """
        for _ in range(_MAX_ATTEMPTS):
            findings = self.run_checks(active=active)
            if (
                list_checks_with_outcome(findings, "unknown") <= expected_unknown
                and list_checks_with_outcome(findings, "failed") <= expected_failed
            ):
                break
        return findings

    def close(self) -> None:
        """End the process."""
        with self._process:
            self._process.kill()


class HealthySite:
    """A sandbox with a deployed stack, and operations to change it."""

    def __init__(self, sandbox: SandboxClient, set_up: setup.SetupResult) -> None:
        self.sandbox = sandbox
        self.set_up = set_up
        self.pool_id = set_up.pool_id
        self.zone_id = set_up.zone.id
        self.ids: dict[str, str] = {}
        self.secret_arns: dict[str, str] = {}
        self.web_acls: dict[str, str] = {}
        self.standby_settings: dict[str, Any] = {}

    def client(self, service: str, region: str = VIRGINIA) -> Any:
        return self.sandbox.client(service, region)

    @property
    def environment(self) -> dict[str, str]:
        """The function's environment variables."""
        return {
            "PRIMARY_REGION": TOKYO,
            "STANDBY_REGION": VIRGINIA,
            "USER_POOL_ID": self.pool_id,
            "CLIENT_ID": self.set_up.client_id,
            "CANARY_SECRET_ARN": self.secret_arns[VIRGINIA],
            "HOSTED_ZONE_ID": self.zone_id,
            "DOMAIN_NAME": DOMAIN,
            "PRIMARY_TARGET": self.set_up.targets[TOKYO],
            "STANDBY_TARGET": self.set_up.targets[VIRGINIA],
            "MANAGED_LOGIN_DOMAIN": LOGIN_DOMAIN,
            "LATCH_BUCKET": BUCKET,
            "RECORDS_LATCH_CHECK_ID": self.ids["records"],
            "DOMAIN_LATCH_CHECK_ID": self.ids["domain"],
            "STANDBY_CHECK_ID": self.ids["standby"],
            "TABLE_NAME": TABLE,
            "TOPIC_ARN": TOPIC,
            "STACK_ID": STACK,
        }

    @property
    def settings(self) -> Settings:
        return Settings.from_env(self.environment)

    @property
    def ledger(self) -> DynamoDBLedger:
        return DynamoDBLedger(self.client("dynamodb"), TABLE)

    def describe_pool(self, region: str) -> dict[str, Any]:
        response: dict[str, Any] = self.client("cognito-idp", region).describe_user_pool(UserPoolId=self.pool_id)
        return dict(response["UserPool"])

    def update_primary(self, **changes: Any) -> None:
        """Change settings of the pool in the primary Region, and repeat all others."""
        cognito = self.client("cognito-idp", TOKYO)
        settings = build_update_settings(self.describe_pool(TOKYO), list_update_members(cognito))
        cognito.update_user_pool(UserPoolId=self.pool_id, **settings | changes)

    def update_standby(self, **changes: Any) -> None:
        """Set the standby's own settings, with changes."""
        self.client("cognito-idp").update_user_pool(UserPoolId=self.pool_id, **self.standby_settings | changes)

    def change_records(self, *changes: tuple[str, Mapping[str, Any]]) -> None:
        batch = [{"Action": action, "ResourceRecordSet": record_set} for action, record_set in changes]
        self.client("route53").change_resource_record_sets(HostedZoneId=self.zone_id, ChangeBatch={"Changes": batch})

    def list_traffic_records(self) -> list[dict[str, Any]]:
        """Return the record sets of the domain and of its region TXT record."""
        response = self.client("route53").list_resource_record_sets(HostedZoneId=self.zone_id)
        names = {f"{DOMAIN}.", f"_region.{DOMAIN}."}
        return [record_set for record_set in response["ResourceRecordSets"] if record_set["Name"] in names]

    def set_failover(self, **failover: str) -> None:
        """Set the failover of Cognito's custom domain."""
        cognito = self.client("cognito-idp", TOKYO)
        description = cognito.describe_user_pool_domain(Domain=LOGIN_DOMAIN)["DomainDescription"]
        cognito.update_user_pool_domain(
            Domain=LOGIN_DOMAIN,
            UserPoolId=self.pool_id,
            ManagedLoginVersion=2,
            CustomDomainConfig=description["CustomDomainConfig"],
            Routing={"Failover": failover},
        )

    def set_bucket_policy(self, ranges: list[str]) -> None:
        """Permit these address ranges to read the latch."""
        statement = {
            "Effect": "Allow",
            "Principal": "*",
            "Action": "s3:GetObject",
            "Resource": f"arn:aws:s3:::{BUCKET}/*",
            "Condition": {"IpAddress": {"aws:SourceIp": ranges}},
        }
        policy = {"Version": "2012-10-17", "Statement": [statement]}
        self.client("s3").put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(policy))

    def list_checker_ranges(self) -> list[str]:
        return list(self.client("route53").get_checker_ip_ranges()["CheckerIpRanges"])

    def save_key_set(self, *, age_seconds: float = 0.0) -> None:
        """Store a key set, as the controller does."""
        at = time.time() - age_seconds
        self.ledger.save_keys(CachedJwks(fetched_at=at, keys={"k": CachedKey(jwk={"kid": "k"}, listed_at=at)}))

    def confirm_subscription(self) -> None:
        """Subscribe a person to the topic, who confirms it."""
        self.subscribe()
        self.client("sns").confirm_subscription(TopicArn=TOPIC, Token=MAIL_ADDRESS)

    def subscribe(self) -> str:
        """Subscribe a person to the topic. The subscription is pending."""
        answer = self.client("sns").subscribe(
            TopicArn=TOPIC, Protocol="email", Endpoint=MAIL_ADDRESS, ReturnSubscriptionArn=True
        )
        return str(answer["SubscriptionArn"])

    def wait_for_reports(self, outcome: str, *names: str) -> None:
        """Wait until every health checker of these checks reports "Success" or "Failure"."""
        for name in names:
            reports: list[str] = []
            while {report.partition(":")[0] for report in reports} != {outcome} or len(reports) < len(CHECKERS):
                time.sleep(0.1)
                answer = self.client("route53").get_health_check_status(HealthCheckId=self.ids[name])
                reports = [each["StatusReport"]["Status"] for each in answer["HealthCheckObservations"]]

    def set_risk_configuration(
        self, region: str, *, sender: str = "security@example.com", action: str = "BLOCK"
    ) -> None:
        """Configure threat protection in a Region."""
        notify = {"SourceArn": f"arn:aws:ses:{region}:123456789012:identity/example.com", "From": sender}
        self.client("cognito-idp", region).set_risk_configuration(
            UserPoolId=self.pool_id,
            CompromisedCredentialsRiskConfiguration={"Actions": {"EventAction": action}},
            AccountTakeoverRiskConfiguration={
                "NotifyConfiguration": notify,
                "Actions": {"HighAction": {"Notify": True, "EventAction": "BLOCK"}},
            },
        )

    def enable_logs(self, region: str, *sources: str) -> None:
        """Export these logs in a Region."""
        group = {"LogGroupArn": f"arn:aws:logs:{region}:123456789012:log-group:users"}
        self.client("cognito-idp", region).set_log_delivery_configuration(
            UserPoolId=self.pool_id,
            LogConfigurations=[
                {"LogLevel": "ERROR", "EventSource": source, "CloudWatchLogsConfiguration": group} for source in sources
            ],
        )


@contextmanager
def build_healthy_site() -> Iterator[HealthySite]:
    """Yield a sandbox in which every check passes."""
    arguments = ("--lag-seconds", "0", "--creating-seconds", "0.5", "--propagation-seconds", "0", "--check-pace", "5")
    with run_sandbox(*arguments) as sandbox:
        plan = setup.SetupPlan(addresses=sandbox.description["targets"], login_domain=LOGIN_DOMAIN)
        site = HealthySite(sandbox, setup.set_up(sandbox.client, plan, time.sleep))
        sandbox.call_control("PUT", "/settings", {"distributing_seconds": 0})
        _create_ledger_and_stack(site)
        _create_secret(site)
        _create_latch(site)
        _create_regional_settings(site)
        site.save_key_set()
        site.wait_for_reports("Failure", *SteeredName)  # no object: both latches are released
        site.wait_for_reports("Success", "standby")
        yield site


def _create_ledger_and_stack(site: HealthySite) -> None:
    names = ("pk", "sk")
    site.client("dynamodb").create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in names],
        KeySchema=[
            {"AttributeName": name, "KeyType": kind} for name, kind in zip(names, ("HASH", "RANGE"), strict=True)
        ],
    )
    site.client("sns").create_topic(Name=TOPIC.rpartition(":")[2])
    site.confirm_subscription()
    stacks = site.client("cloudformation")
    template = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}
    stacks.create_stack(StackName=STACK, TemplateBody=json.dumps(template))
    stacks.set_stack_policy(StackName=STACK, StackPolicyBody=json.dumps(PROTECTED_POLICY))


def _create_secret(site: HealthySite) -> None:
    """Store the canary's secret in the primary Region and replicate it to the standby, as failoverctl does."""
    text = site.client("secretsmanager").get_secret_value(SecretId=site.set_up.canary.secret_arn)["SecretString"]
    primary = site.client("secretsmanager", TOKYO)
    arn = primary.create_secret(Name="canary-of-both", SecretString=text)["ARN"]
    primary.replicate_secret_to_regions(SecretId=arn, AddReplicaRegions=[{"Region": VIRGINIA}])
    site.secret_arns = {TOKYO: arn, VIRGINIA: arn.replace(f":{TOKYO}:", f":{VIRGINIA}:")}


def _create_latch(site: HealthySite) -> None:
    """Create and attach both latches."""
    route53 = site.client("route53")
    site.client("s3").create_bucket(Bucket=BUCKET)
    site.set_bucket_policy(site.list_checker_ranges())
    for name in SteeredName:
        site.ids[name] = _create_health_check(
            route53,
            name,
            Type="HTTPS_STR_MATCH",
            FullyQualifiedDomainName=f"{BUCKET}.s3.{VIRGINIA}.amazonaws.com",
            ResourcePath=f"/{name}",
            SearchString="thrown",
            Inverted=True,
            EnableSNI=True,
        )
    site.ids["standby"] = _create_health_check(
        route53, "standby", Type="TCP", FullyQualifiedDomainName=site.set_up.targets[VIRGINIA], Port=443
    )
    settings = site.settings
    for name in SteeredName:
        record_sets = build_latch_state_record(name, settings).record_sets
        site.change_records(*(("CREATE", record_set) for record_set in record_sets))
    checks = {TOKYO: site.ids["records"], VIRGINIA: site.ids["standby"]}
    records = {
        record_set["SetIdentifier"]: {**record_set, "HealthCheckId": checks[record_set["SetIdentifier"]]}
        for record_set in site.list_traffic_records()
    }
    pair: PerRole[Mapping[str, Any]] = PerRole(primary=records[TOKYO], standby=records[VIRGINIA])
    region_pair = build_region_record_pair(
        pair, domain_name=DOMAIN, regions=settings.regions, weights=route_all_to(RegionRole.PRIMARY), ttl_seconds=60
    )
    site.change_records(*(("UPSERT", record_set) for _, record_set in (*pair, *region_pair)))
    site.set_failover(SecondaryRegion=VIRGINIA, PrimaryRoute53HealthCheckId=site.ids["domain"])
    route53.update_hosted_zone_features(HostedZoneId=site.zone_id, EnableAcceleratedRecovery=True)


def _create_health_check(route53: Any, name: str, **config: Any) -> str:
    settings = {"RequestInterval": 10, "FailureThreshold": 1, **config}
    response = route53.create_health_check(CallerReference=name, HealthCheckConfig=settings)
    return str(response["HealthCheck"]["Id"])


def _create_regional_settings(site: HealthySite) -> None:
    """Set trigger, e-mail, SMS, web ACL, tags, logs and threat protection in each Region."""
    trust = {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Principal": {"Service": ["lambda.amazonaws.com", "cognito-idp.amazonaws.com"]},
            "Action": "sts:AssumeRole",
        },
    }
    site.client("iam").create_role(RoleName="trigger", AssumeRolePolicyDocument=json.dumps(trust))
    settings = {region: _create_pool_settings(site, region) for region in (TOKYO, VIRGINIA)}
    site.update_primary(**settings[TOKYO])
    site.standby_settings = settings[VIRGINIA]
    site.update_standby()
    for region in (TOKYO, VIRGINIA):
        site.set_risk_configuration(region)
        site.enable_logs(region, "userNotification")
        firewall = site.client("wafv2", region)
        visibility = {"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": False, "MetricName": "users"}
        response = firewall.create_web_acl(
            Name="users", Scope="REGIONAL", DefaultAction={"Allow": {}}, VisibilityConfig=visibility
        )
        site.web_acls[region] = response["Summary"]["ARN"]
        firewall.associate_web_acl(WebACLArn=response["Summary"]["ARN"], ResourceArn=site.describe_pool(region)["Arn"])


def _create_pool_settings(site: HealthySite, region: str) -> dict[str, Any]:
    functions = site.client("lambda", region)
    function = functions.create_function(
        FunctionName="after-sign-in",
        Runtime="python3.13",
        Role=_ROLE,
        Handler="app.handler",
        Code={"ZipFile": _zip_trigger_code()},
    )
    arn = function["FunctionArn"]
    functions.add_permission(
        FunctionName=arn,
        StatementId="cognito",
        Action="lambda:InvokeFunction",
        Principal="cognito-idp.amazonaws.com",
        SourceArn=f"arn:aws:cognito-idp:{region}:123456789012:userpool/{site.pool_id}",
    )
    return {
        "LambdaConfig": {"PostAuthentication": arn},
        "EmailConfiguration": {
            "EmailSendingAccount": "DEVELOPER",
            "SourceArn": f"arn:aws:ses:{region}:123456789012:identity/example.com",
        },
        "SmsConfiguration": {"SnsCallerArn": _ROLE, "ExternalId": "users", "SnsRegion": region},
        "UserPoolTags": {"stage": "production"},
    }


def _zip_trigger_code() -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as files:
        files.writestr("app.py", _TRIGGER_SOURCE)
    return archive.getvalue()
