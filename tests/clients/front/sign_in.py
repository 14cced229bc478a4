"""Signs in by SRP with unmodified boto3, through the host of its endpoint_url.

It executes one order per line of JSON, and answers with a line of JSON. With ``pause`` it reports a pause between the
sign-in's two calls, and waits for a line. A sign-in that a move interrupts is restarted once.
"""

import json
import sys
from collections.abc import Mapping
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tests.integration.sandbox_cognito.srp import PUBLIC, build_proof
from tests.support import load_scaling

config = json.loads(sys.argv[1])
client = boto3.client(
    "cognito-idp",
    region_name=config["region"],
    endpoint_url=config["endpoint"],
    config=Config(
        connect_timeout=load_scaling.scale_seconds(5),
        read_timeout=load_scaling.scale_seconds(10),
        retries={"total_max_attempts": 1, "mode": "standard"},
    ),
)


def emit(answer: Mapping[str, object]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def sign_in(order: Mapping[str, Any], *, pause: bool) -> str:
    challenge = client.initiate_auth(
        AuthFlow="USER_SRP_AUTH",
        ClientId=config["client_id"],
        AuthParameters={"USERNAME": order["username"], "SRP_A": PUBLIC},
    )
    if pause:
        emit({"paused": True})
        sys.stdin.readline()
    signed_in = client.respond_to_auth_challenge(
        ClientId=config["client_id"],
        ChallengeName=challenge["ChallengeName"],
        ChallengeResponses=build_proof(config["pool_id"], order["password"], challenge["ChallengeParameters"]),
    )
    user = client.get_user(AccessToken=signed_in["AuthenticationResult"]["AccessToken"])
    return str(user["Username"])


def was_interrupted(error: ClientError) -> bool:
    code, message = error.response["Error"]["Code"], error.response["Error"]["Message"]
    return code == "NotAuthorizedException" and message != "Incorrect username or password."


for line in sys.stdin:
    order = json.loads(line)
    restarts = 0
    try:
        try:
            user = sign_in(order, pause=order["pause"])
        except ClientError as error:
            if not was_interrupted(error):
                raise
            restarts = 1
            user = sign_in(order, pause=False)
        emit({"user": user, "restarts": restarts})
    except ClientError as error:
        emit({"error": error.response["Error"]["Code"], "restarts": restarts})
    except BotoCoreError as error:
        emit({"error": type(error).__name__, "restarts": restarts})
