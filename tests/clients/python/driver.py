"""Executes one order per line of JSON, and answers with a line of JSON.

``sign-in`` gets tokens, answers a challenge for a new password, and reads the user's data. With ``pause`` its first
attempt reports a pause after the first call, and waits for a line. ``change-name`` is a write that the program does not
know as one. ``sign-up`` is a write that goes to the primary directly. The only argument is the configuration.
"""

import json
import sys
from itertools import count
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from dns.resolver import Resolver

from cognito_regions import CognitoRegions, RegionLookup

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient as Client

CONFIG = json.loads(sys.argv[1])


def create_client(region: str) -> "Client":
    timeout: float = CONFIG["patience_seconds"][region]
    config = Config(
        connect_timeout=timeout, read_timeout=timeout, retries={"total_max_attempts": 1, "mode": "standard"}
    )
    return boto3.session.Session().client("cognito-idp", region_name=region, config=config)


def emit(answer: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def sign_in(client: "Client", order: dict[str, Any], *, pause: bool) -> dict[str, Any]:
    step: Any = client.initiate_auth(
        AuthFlow="USER_PASSWORD_AUTH",
        ClientId=CONFIG["client_id"],
        AuthParameters={"USERNAME": order["username"], "PASSWORD": order["password"]},
    )
    if pause:
        emit({"paused": client.meta.region_name})
        sys.stdin.readline()
    if step.get("ChallengeName") == "NEW_PASSWORD_REQUIRED":
        step = client.respond_to_auth_challenge(
            ChallengeName="NEW_PASSWORD_REQUIRED",
            ClientId=CONFIG["client_id"],
            Session=step["Session"],
            ChallengeResponses={"USERNAME": order["username"], "NEW_PASSWORD": order["new_password"]},
        )
    token = step["AuthenticationResult"]["AccessToken"]
    user = client.get_user(AccessToken=token)
    return {"region": client.meta.region_name, "user": user["Username"], "token": token}


def change_name(client: "Client", token: str) -> dict[str, Any]:
    client.update_user_attributes(AccessToken=token, UserAttributes=[{"Name": "name", "Value": "Changed"}])
    return {"region": client.meta.region_name}


def sign_up(client: "Client", order: dict[str, Any]) -> dict[str, Any]:
    client.sign_up(ClientId=CONFIG["client_id"], Username=order["username"], Password=order["password"])
    return {"region": client.meta.region_name}


def execute(cognito: CognitoRegions, order: dict[str, Any]) -> dict[str, Any]:
    attempts = 0

    def attempt(client: "Client") -> dict[str, Any]:
        nonlocal attempts
        attempts += 1
        if order["do"] == "change-name":
            return change_name(client, order["token"])
        return sign_in(client, order, pause=bool(order.get("pause")) and attempts == 1)

    try:
        result = sign_up(cognito.write_client, order) if order["do"] == "sign-up" else cognito.sign_in(attempt)
    except ClientError as error:
        result = {"error": error.response["Error"]["Code"]}
    except BotoCoreError as error:
        result = {"error": type(error).__name__}
    return {**result, "attempts": attempts}


def main() -> None:
    resolver = Resolver(configure=False)
    address, _, port = CONFIG["resolver"].rpartition(":")
    resolver.nameservers, resolver.port = [address], int(port)
    elapsed = count(step=100)
    region_lookup = RegionLookup(
        CONFIG["domain"],
        regions=(CONFIG["primary"], CONFIG["standby"]),
        fallback=CONFIG["primary"],
        resolver=resolver,
        clock=lambda: next(elapsed),  # each lookup queries DNS; caching has separate tests
    )
    cognito = CognitoRegions(
        region_lookup, primary_region=CONFIG["primary"], standby_region=CONFIG["standby"], create_client=create_client
    )
    for line in sys.stdin:
        emit(execute(cognito, json.loads(line)))


main()
