"""Signs in by SRP with boto3, as it is, through the host that its endpoint_url names.

It carries out one order a line, read as JSON, and answers each with a line of JSON. With ``pause`` it says so after the
first of the sign-in's two calls and waits for a line. A sign-in that was caught between the Regions is restarted once.
"""

import json
import sys
from collections.abc import Mapping
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tests.integration.sandbox_cognito.srp import PUBLIC, proof
from tests.support import patience

place = json.loads(sys.argv[1])
client = boto3.client(
    "cognito-idp",
    region_name=place["region"],
    endpoint_url=place["endpoint"],
    config=Config(
        connect_timeout=patience.scale(5),
        read_timeout=patience.scale(10),
        retries={"total_max_attempts": 1, "mode": "standard"},
    ),
)


def say(answer: Mapping[str, object]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def sign_in(order: Mapping[str, Any], *, pause: bool) -> str:
    challenge = client.initiate_auth(
        AuthFlow="USER_SRP_AUTH",
        ClientId=place["client_id"],
        AuthParameters={"USERNAME": order["username"], "SRP_A": PUBLIC},
    )
    if pause:
        say({"paused": True})
        sys.stdin.readline()
    signed_in = client.respond_to_auth_challenge(
        ClientId=place["client_id"],
        ChallengeName=challenge["ChallengeName"],
        ChallengeResponses=proof(place["pool_id"], order["password"], challenge["ChallengeParameters"]),
    )
    user = client.get_user(AccessToken=signed_in["AuthenticationResult"]["AccessToken"])
    return str(user["Username"])


def was_caught(error: ClientError) -> bool:
    code, message = error.response["Error"]["Code"], error.response["Error"]["Message"]
    return code == "NotAuthorizedException" and message != "Incorrect username or password."


for line in sys.stdin:
    order = json.loads(line)
    restarts = 0
    try:
        try:
            user = sign_in(order, pause=order["pause"])
        except ClientError as error:
            if not was_caught(error):
                raise
            restarts = 1
            user = sign_in(order, pause=False)
        say({"user": user, "restarts": restarts})
    except ClientError as error:
        say({"error": error.response["Error"]["Code"], "restarts": restarts})
    except BotoCoreError as error:
        say({"error": type(error).__name__, "restarts": restarts})
