/**
 * Signs a user in repeatedly, and prints the Region. See docs/clients.md.
 *
 * Reads DOMAIN, PRIMARY, STANDBY, CLIENT_ID, USERNAME and PASSWORD. TIMES is the number of sign-ins; by default until
 * interrupted. RESOLVER is a DNS server with its port; by default this machine's own.
 */

import { Resolver } from "node:dns/promises";
import { env } from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { CognitoIdentityProviderClient, InitiateAuthCommand } from "@aws-sdk/client-cognito-identity-provider";
import { RegionLookup, CognitoRegions } from "./cognito-regions.js";

function requireVariable(name: string): string {
  const value = env[name];
  if (!value) throw new Error(`Set ${name}.`);
  return value;
}

function createResolver(): Resolver | undefined {
  if (!env["RESOLVER"]) return undefined;
  const resolver = new Resolver({ timeout: 1_000, tries: 1 });
  resolver.setServers([env["RESOLVER"]]);
  return resolver;
}

/** Returns a client that gives up on a dead Region within 8 s. Without throwOnRequestTimeout the SDK only warns. */
function createClient(region: string): CognitoIdentityProviderClient {
  return new CognitoIdentityProviderClient({
    region,
    maxAttempts: 2,
    requestHandler: { connectionTimeout: 1_000, requestTimeout: 3_000, throwOnRequestTimeout: true },
  });
}

const [primaryRegion, standbyRegion] = [requireVariable("PRIMARY"), requireVariable("STANDBY")];
const resolver = createResolver();
const regionLookup = new RegionLookup(requireVariable("DOMAIN"), {
  regions: [primaryRegion, standbyRegion],
  fallback: primaryRegion,
  ...(resolver ? { resolver } : {}),
});
const cognito = new CognitoRegions({ regionLookup, primaryRegion, standbyRegion, createClient });
const command = new InitiateAuthCommand({
  AuthFlow: "USER_PASSWORD_AUTH",
  ClientId: requireVariable("CLIENT_ID"),
  AuthParameters: { USERNAME: requireVariable("USERNAME"), PASSWORD: requireVariable("PASSWORD") },
});

for (let remaining = Number(env["TIMES"] ?? Infinity); remaining > 0; remaining--) {
  const outcome = await cognito
    .signIn(async (client) => {
      await client.send(command);
      return `signed in to ${await client.config.region()}`;
    })
    .catch((error: unknown) => `failed: ${error}`);
  console.log(`${new Date().toISOString().slice(11, 19)} ${outcome}`);
  await sleep(1_000);
}
