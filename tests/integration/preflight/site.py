"""A sandbox in which everything is as preflight wants it, and somebody who looks from inside the standby Region."""

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

from failover.ledger.dynamodb import DynamoDBLedger
from failover.levers.beacon import beacon_pair
from failover.levers.latch import LatchName
from failover.levers.latch_beacon import latch_beacon
from failover.probe.keys import KeptKey, KeptKeys
from failover.region import PerSide, Side, all_to
from failover.settings import Settings
from failoverctl.replicate.settings import members_of_update, repeated
from sandbox import article
from sandbox.attached import Sandbox
from sandbox.testing import running

ROOT = Path(__file__).parents[3]
TOKYO, VIRGINIA = "ap-northeast-1", "us-east-1"
DOMAIN, LOGIN_DOMAIN = "auth.example.com", "login.example.com"
STACK, TABLE, BUCKET = "cognito-failover", "ledger", "latch"

_LOOKS = 4

_ROLE = "arn:aws:iam::123456789012:role/trigger"
_TRIGGER = "def handler(event, _context):\n    return event\n"


def stack_policy(effect: str) -> str:
    """Return a stack policy that lets the latch be removed, or denies it."""
    actions = ["Update:Replace", "Update:Delete"]
    statement = {"Effect": effect, "Principal": "*", "Action": actions, "Resource": "LogicalResourceId/LatchBucket"}
    return json.dumps({"Statement": [statement]})


def outcomes(found: Mapping[str, Mapping[str, Any]], outcome: str) -> set[str]:
    """Return the checks that came out so."""
    return {check for check, finding in found.items() if finding["outcome"] == outcome}


class Looker:
    """Looks, in a process of its own inside the standby Region; the clients it has made serve all its looks."""

    def __init__(self, sandbox: Sandbox, settings: Mapping[str, str]) -> None:
        environment = sandbox.environment(inside=VIRGINIA) | dict(sandbox.description["credentials"])
        paths = [environment.get("PYTHONPATH", ""), str(ROOT / "layers" / "failover")]
        self._process = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, str(Path(__file__).with_name("looker.py"))],
            env=environment | dict(settings) | {"PYTHONPATH": os.pathsep.join(paths)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def look(self, *, active: bool = False, ahead_seconds: float = 0) -> dict[str, dict[str, Any]]:
        """Return the findings by the check's id."""
        assert self._process.stdin
        assert self._process.stdout
        asked = {"event": {"active": active}, "ahead_seconds": ahead_seconds}
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        assert answer["done"], answer
        return {finding["check"]: finding for finding in answer["findings"]}

    def look_clearly(
        self, *, hidden: frozenset[str] = frozenset(), broken: frozenset[str] = frozenset(), active: bool = False
    ) -> dict[str, dict[str, Any]]:
        """Look again, a few times, while a busy machine keeps more from being read than what is hidden.

        A name server that such a machine keeps from answering in time fails its check, so any check that fails beyond
        what is broken is looked at again too. The last look is what counts.
        """
        for _ in range(_LOOKS):
            found = self.look(active=active)
            if outcomes(found, "unknown") <= hidden and outcomes(found, "failed") <= broken:
                break
        return found

    def close(self) -> None:
        """End the process."""
        with self._process:
            self._process.kill()


class Site:
    """What a test of preflight has at hand."""

    def __init__(self, sandbox: Sandbox, set_up: article.SetUp) -> None:
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
        """What the function's environment says."""
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
            "TOPIC_ARN": "arn:aws:sns:us-east-1:123456789012:unused",
            "STACK_ID": STACK,
        }

    @property
    def settings(self) -> Settings:
        return Settings.from_env(self.environment)

    @property
    def ledger(self) -> DynamoDBLedger:
        return DynamoDBLedger(self.client("dynamodb"), TABLE)

    def pool(self, region: str) -> dict[str, Any]:
        found: dict[str, Any] = self.client("cognito-idp", region).describe_user_pool(UserPoolId=self.pool_id)
        return dict(found["UserPool"])

    def update_primary(self, **changes: Any) -> None:
        """Change settings of the pool on the primary, and repeat all others."""
        cognito = self.client("cognito-idp", TOKYO)
        settings = repeated(self.pool(TOKYO), members_of_update(cognito))
        cognito.update_user_pool(UserPoolId=self.pool_id, **settings | changes)

    def update_standby(self, **changes: Any) -> None:
        """Give the standby its own settings, with changes."""
        self.client("cognito-idp").update_user_pool(UserPoolId=self.pool_id, **self.standby_settings | changes)

    def change_records(self, *changes: tuple[str, Mapping[str, Any]]) -> None:
        batch = [{"Action": action, "ResourceRecordSet": record_set} for action, record_set in changes]
        self.client("route53").change_resource_record_sets(HostedZoneId=self.zone_id, ChangeBatch={"Changes": batch})

    def steering(self) -> list[dict[str, Any]]:
        """Return the record sets of the domain and its beacon."""
        found = self.client("route53").list_resource_record_sets(HostedZoneId=self.zone_id)["ResourceRecordSets"]
        return [each for each in found if each["Name"] in {f"{DOMAIN}.", f"_region.{DOMAIN}."}]

    def set_failover(self, **failover: str) -> None:
        """Set the failover of Cognito's own domain."""
        cognito = self.client("cognito-idp", TOKYO)
        described = cognito.describe_user_pool_domain(Domain=LOGIN_DOMAIN)["DomainDescription"]
        cognito.update_user_pool_domain(
            Domain=LOGIN_DOMAIN,
            UserPoolId=self.pool_id,
            ManagedLoginVersion=2,
            CustomDomainConfig=described["CustomDomainConfig"],
            Routing={"Failover": failover},
        )

    def bucket_policy(self, ranges: list[str]) -> None:
        """Let these addresses read the latch."""
        statement = {
            "Effect": "Allow",
            "Principal": "*",
            "Action": "s3:GetObject",
            "Resource": f"arn:aws:s3:::{BUCKET}/*",
            "Condition": {"IpAddress": {"aws:SourceIp": ranges}},
        }
        policy = {"Version": "2012-10-17", "Statement": [statement]}
        self.client("s3").put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(policy))

    def checker_ranges(self) -> list[str]:
        return list(self.client("route53").get_checker_ip_ranges()["CheckerIpRanges"])

    def keep_keys(self, *, age_seconds: float = 0.0) -> None:
        """Keep a key set, as the controller does."""
        at = time.time() - age_seconds
        self.ledger.save_keys(KeptKeys(fetched_at=at, keys={"k": KeptKey(jwk={"kid": "k"}, listed_at=at)}))

    def risk(self, region: str, *, sender: str = "security@example.com", action: str = "BLOCK") -> None:
        """Set threat protection in a Region."""
        notify = {"SourceArn": f"arn:aws:ses:{region}:123456789012:identity/example.com", "From": sender}
        self.client("cognito-idp", region).set_risk_configuration(
            UserPoolId=self.pool_id,
            CompromisedCredentialsRiskConfiguration={"Actions": {"EventAction": action}},
            AccountTakeoverRiskConfiguration={
                "NotifyConfiguration": notify,
                "Actions": {"HighAction": {"Notify": True, "EventAction": "BLOCK"}},
            },
        )

    def logs(self, region: str, *sources: str) -> None:
        """Export these logs in a Region."""
        group = {"LogGroupArn": f"arn:aws:logs:{region}:123456789012:log-group:users"}
        self.client("cognito-idp", region).set_log_delivery_configuration(
            UserPoolId=self.pool_id,
            LogConfigurations=[
                {"LogLevel": "ERROR", "EventSource": source, "CloudWatchLogsConfiguration": group} for source in sources
            ],
        )


@contextmanager
def sound_site() -> Iterator[Site]:
    """Run a sandbox in which everything is as it is to be."""
    arguments = ("--lag-seconds", "0", "--creating-seconds", "0.5", "--propagation-seconds", "0")
    with running(*arguments) as sandbox:
        plan = article.Plan(addresses=sandbox.description["targets"], login_domain=LOGIN_DOMAIN)
        site = Site(sandbox, article.set_up(sandbox.client, plan, time.sleep))
        sandbox.control("PUT", "/settings", {"distributing_seconds": 0})
        _ledger_and_stack(site)
        _secret(site)
        _latch(site)
        _regional_settings(site)
        site.keep_keys()
        yield site


def _ledger_and_stack(site: Site) -> None:
    names = ("pk", "sk")
    site.client("dynamodb").create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in names],
        KeySchema=[
            {"AttributeName": name, "KeyType": kind} for name, kind in zip(names, ("HASH", "RANGE"), strict=True)
        ],
    )
    stacks = site.client("cloudformation")
    template = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}
    stacks.create_stack(StackName=STACK, TemplateBody=json.dumps(template))
    stacks.set_stack_policy(StackName=STACK, StackPolicyBody=stack_policy("Deny"))


def _secret(site: Site) -> None:
    """Keep the canary's secret on the primary, replicated to the standby, as failoverctl does."""
    text = site.client("secretsmanager").get_secret_value(SecretId=site.set_up.canary.secret_arn)["SecretString"]
    primary = site.client("secretsmanager", TOKYO)
    arn = primary.create_secret(Name="canary-of-both", SecretString=text)["ARN"]
    primary.replicate_secret_to_regions(SecretId=arn, AddReplicaRegions=[{"Region": VIRGINIA}])
    site.secret_arns = {TOKYO: arn, VIRGINIA: arn.replace(f":{TOKYO}:", f":{VIRGINIA}:")}


def _latch(site: Site) -> None:
    """Attach both latches, as the operator does in the end."""
    route53 = site.client("route53")
    site.client("s3").create_bucket(Bucket=BUCKET)
    site.bucket_policy(site.checker_ranges())
    for name in LatchName:
        site.ids[name] = _check(
            route53,
            name,
            Type="HTTPS_STR_MATCH",
            FullyQualifiedDomainName=f"{BUCKET}.s3.{VIRGINIA}.amazonaws.com",
            ResourcePath=f"/{name}",
            SearchString="thrown",
            Inverted=True,
        )
    site.ids["standby"] = _check(
        route53, "standby", Type="TCP", FullyQualifiedDomainName=site.set_up.targets[VIRGINIA], Port=443
    )
    settings = site.settings
    for name in LatchName:
        site.change_records(*(("CREATE", each) for each in latch_beacon(name, settings).record_sets))
    checks = {TOKYO: site.ids["records"], VIRGINIA: site.ids["standby"]}
    pair = {each["SetIdentifier"]: {**each, "HealthCheckId": checks[each["SetIdentifier"]]} for each in site.steering()}
    sides: PerSide[Mapping[str, Any]] = PerSide(primary=pair[TOKYO], standby=pair[VIRGINIA])
    beacon = beacon_pair(
        sides, domain_name=DOMAIN, regions=settings.regions, weights=all_to(Side.PRIMARY), ttl_seconds=60
    )
    site.change_records(*(("UPSERT", each) for both in (sides, beacon) for _, each in both))
    site.set_failover(SecondaryRegion=VIRGINIA, PrimaryRoute53HealthCheckId=site.ids["domain"])
    route53.update_hosted_zone_features(HostedZoneId=site.zone_id, EnableAcceleratedRecovery=True)


def _check(route53: Any, name: str, **config: Any) -> str:
    made = route53.create_health_check(CallerReference=name, HealthCheckConfig=config)
    return str(made["HealthCheck"]["Id"])


def _regional_settings(site: Site) -> None:
    """Give each Region its trigger, its mail, its text messages, its web ACL, its tags, logs and threat protection."""
    trust = {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Principal": {"Service": ["lambda.amazonaws.com", "cognito-idp.amazonaws.com"]},
            "Action": "sts:AssumeRole",
        },
    }
    site.client("iam").create_role(RoleName="trigger", AssumeRolePolicyDocument=json.dumps(trust))
    own = {region: _own_settings(site, region) for region in (TOKYO, VIRGINIA)}
    site.update_primary(**own[TOKYO])
    site.standby_settings = own[VIRGINIA]
    site.update_standby()
    for region in (TOKYO, VIRGINIA):
        site.risk(region)
        site.logs(region, "userNotification")
        firewall = site.client("wafv2", region)
        visibility = {"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": False, "MetricName": "users"}
        made = firewall.create_web_acl(
            Name="users", Scope="REGIONAL", DefaultAction={"Allow": {}}, VisibilityConfig=visibility
        )
        site.web_acls[region] = made["Summary"]["ARN"]
        firewall.associate_web_acl(WebACLArn=made["Summary"]["ARN"], ResourceArn=site.pool(region)["Arn"])


def _own_settings(site: Site, region: str) -> dict[str, Any]:
    functions = site.client("lambda", region)
    made = functions.create_function(
        FunctionName="after-sign-in", Runtime="python3.13", Role=_ROLE, Handler="app.handler", Code={"ZipFile": _code()}
    )
    arn = made["FunctionArn"]
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


def _code() -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as files:
        files.writestr("app.py", _TRIGGER)
    return archive.getvalue()
