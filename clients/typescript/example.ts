/**
 * Signs a user in again and again, and says in which Region; see docs/clients.md.
 *
 * Reads DOMAIN, PRIMARY, STANDBY, CLIENT_ID, USERNAME and PASSWORD. TIMES is how often; until interrupted if not given.
 * RESOLVER is a DNS server with its port, to ask another one than this machine's own.
 */

import { Resolver } from "node:dns/promises";
import { env } from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { CognitoIdentityProviderClient, InitiateAuthCommand } from "@aws-sdk/client-cognito-identity-provider";
import { Beacon, CognitoRegions } from "./cognito-regions.js";

function required(name: string): string {
  const value = env[name];
  if (!value) throw new Error(`Set ${name}.`);
  return value;
}

function resolver(): Resolver | undefined {
  if (!env["RESOLVER"]) return undefined;
  const own = new Resolver({ timeout: 1_000, tries: 1 });
  own.setServers([env["RESOLVER"]]);
  return own;
}

/** A client that gives up on a dead Region within 8 s. Without throwOnRequestTimeout the SDK only warns. */
function clientFor(region: string): CognitoIdentityProviderClient {
  return new CognitoIdentityProviderClient({
    region,
    maxAttempts: 2,
    requestHandler: { connectionTimeout: 1_000, requestTimeout: 3_000, throwOnRequestTimeout: true },
  });
}

const [primaryRegion, standbyRegion] = [required("PRIMARY"), required("STANDBY")];
const local = resolver();
const beacon = new Beacon(required("DOMAIN"), {
  regions: [primaryRegion, standbyRegion],
  fallback: primaryRegion,
  ...(local ? { resolver: local } : {}),
});
const cognito = new CognitoRegions({ beacon, primaryRegion, standbyRegion, clientFor });
const command = new InitiateAuthCommand({
  AuthFlow: "USER_PASSWORD_AUTH",
  ClientId: required("CLIENT_ID"),
  AuthParameters: { USERNAME: required("USERNAME"), PASSWORD: required("PASSWORD") },
});

for (let left = Number(env["TIMES"] ?? Infinity); left > 0; left--) {
  const outcome = await cognito
    .signIn(async (client) => {
      await client.send(command);
      return `signed in in ${await client.config.region()}`;
    })
    .catch((error: unknown) => `failed: ${error}`);
  console.log(`${new Date().toISOString().slice(11, 19)} ${outcome}`);
  await sleep(1_000);
}
