/**
 * Signs a user in with a call for a token and one for the user's data, once for every line it reads.
 *
 * A line `pause` lets the first attempt's second call wait for another line, after saying so. Answers are JSON, a line
 * each. `change-name TOKEN` changes the user instead. The one argument is a Setting as JSON.
 */

import { Resolver } from "node:dns/promises";
import { argv, stdin } from "node:process";
import { createInterface } from "node:readline/promises";
import {
  CognitoIdentityProviderClient,
  GetUserCommand,
  InitiateAuthCommand,
  UpdateUserAttributesCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { Beacon, CognitoRegions } from "./cognito-regions.js";

interface Setting {
  domain: string;
  primary: string;
  standby: string;
  resolver: string;
  endpoints: Record<string, string>;
  clientId: string;
  username: string;
  password: string;
}

const setting = JSON.parse(argv[2] ?? "") as Setting;
const resolver = new Resolver({ timeout: 1_000, tries: 1 });
resolver.setServers([setting.resolver]);
const beacon = new Beacon(setting.domain, {
  regions: [setting.primary, setting.standby],
  fallback: setting.primary,
  resolver,
  now: () => (elapsed += 10_000), // every look is due: what is kept for how long has a test of its own
});
let elapsed = 0;
const cognito = new CognitoRegions({
  beacon,
  primaryRegion: setting.primary,
  standbyRegion: setting.standby,
  clientFor: (region) =>
    new CognitoIdentityProviderClient({
      region,
      endpoint: setting.endpoints[region] ?? "",
      credentials: { accessKeyId: "unused", secretAccessKey: "unused" },
      maxAttempts: 1,
      requestHandler: { connectionTimeout: 500, requestTimeout: 1_000, throwOnRequestTimeout: true },
    }),
});

const lines = createInterface({ input: stdin })[Symbol.asyncIterator]();

function say(answer: object): void {
  console.log(JSON.stringify(answer));
}

async function signIn(client: CognitoIdentityProviderClient, pause: boolean): Promise<object> {
  const begun = await client.send(
    new InitiateAuthCommand({
      AuthFlow: "USER_PASSWORD_AUTH",
      ClientId: setting.clientId,
      AuthParameters: { USERNAME: setting.username, PASSWORD: setting.password },
    }),
  );
  const AccessToken = begun.AuthenticationResult?.AccessToken;
  if (pause) {
    say({ paused: await client.config.region() });
    await lines.next();
  }
  const user = await client.send(new GetUserCommand({ AccessToken }));
  return { region: await client.config.region(), user: user.Username, token: AccessToken };
}

async function changeName(client: CognitoIdentityProviderClient, token: string): Promise<object> {
  const UserAttributes = [{ Name: "name", Value: "Changed" }];
  await client.send(new UpdateUserAttributesCommand({ AccessToken: token, UserAttributes }));
  return { region: await client.config.region() };
}

for (let line = await lines.next(); !line.done; line = await lines.next()) {
  const [order, token = ""] = line.value.split(" ");
  let attempts = 0;
  const attempt = async (client: CognitoIdentityProviderClient): Promise<object> => {
    attempts += 1;
    if (order === "change-name") return changeName(client, token);
    return signIn(client, order === "pause" && attempts === 1);
  };
  try {
    say({ ...(await cognito.signIn(attempt)), attempts });
  } catch (error) {
    say({ error: error instanceof Error ? error.name : String(error), attempts });
  }
}
