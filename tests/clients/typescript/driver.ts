/**
 * Executes one order per line of JSON, and answers with a line of JSON.
 *
 * `sign-in` gets tokens, answers a challenge for a new password, and reads the user's data. With `pause` its first
 * attempt reports a pause after the first call, and waits for a line. `change-name` is a write that the program does
 * not know as one. `sign-up` is a write that goes to the primary directly. The only argument is the configuration.
 */

import { Resolver } from "node:dns/promises";
import { argv, stdin } from "node:process";
import { createInterface } from "node:readline/promises";
import {
  CognitoIdentityProviderClient,
  GetUserCommand,
  InitiateAuthCommand,
  RespondToAuthChallengeCommand,
  SignUpCommand,
  UpdateUserAttributesCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { RegionLookup, CognitoRegions } from "./cognito-regions.js";

interface Config {
  domain: string;
  primary: string;
  standby: string;
  resolver: string;
  patience_seconds: Record<string, number>;
  client_id: string;
}

interface Order {
  do: "sign-in" | "change-name" | "sign-up";
  username: string;
  password: string;
  new_password: string;
  pause: boolean;
  token: string;
}

const config = JSON.parse(argv[2] ?? "") as Config;
const lines = createInterface({ input: stdin })[Symbol.asyncIterator]();
const resolver = new Resolver({ timeout: 5_000, tries: 2 });
resolver.setServers([config.resolver]);
let elapsed = 0;
const regionLookup = new RegionLookup(config.domain, {
  regions: [config.primary, config.standby],
  fallback: config.primary,
  resolver,
  now: () => (elapsed += 100_000), // each lookup queries DNS; caching has separate tests
});
const cognito = new CognitoRegions({
  regionLookup,
  primaryRegion: config.primary,
  standbyRegion: config.standby,
  createClient: (region) => {
    const patience = 1_000 * (config.patience_seconds[region] ?? 0);
    return new CognitoIdentityProviderClient({
      region,
      credentials: { accessKeyId: "unused", secretAccessKey: "unused" },
      maxAttempts: 1,
      requestHandler: { connectionTimeout: patience, requestTimeout: patience, throwOnRequestTimeout: true },
    });
  },
});

function emit(answer: object): void {
  console.log(JSON.stringify(answer));
}

async function signIn(client: CognitoIdentityProviderClient, order: Order, pause: boolean): Promise<object> {
  const region = await client.config.region();
  let step = await client.send(
    new InitiateAuthCommand({
      AuthFlow: "USER_PASSWORD_AUTH",
      ClientId: config.client_id,
      AuthParameters: { USERNAME: order.username, PASSWORD: order.password },
    }),
  );
  if (pause) {
    emit({ paused: region });
    await lines.next();
  }
  if (step.ChallengeName === "NEW_PASSWORD_REQUIRED") {
    step = await client.send(
      new RespondToAuthChallengeCommand({
        ChallengeName: step.ChallengeName,
        ClientId: config.client_id,
        Session: step.Session,
        ChallengeResponses: { USERNAME: order.username, NEW_PASSWORD: order.new_password },
      }),
    );
  }
  const AccessToken = step.AuthenticationResult?.AccessToken;
  const user = await client.send(new GetUserCommand({ AccessToken }));
  return { region, user: user.Username, token: AccessToken };
}

async function changeName(client: CognitoIdentityProviderClient, AccessToken: string): Promise<object> {
  const UserAttributes = [{ Name: "name", Value: "Changed" }];
  await client.send(new UpdateUserAttributesCommand({ AccessToken, UserAttributes }));
  return { region: await client.config.region() };
}

async function signUp({ username, password }: Order): Promise<object> {
  await cognito.writeClient.send(
    new SignUpCommand({ ClientId: config.client_id, Username: username, Password: password }),
  );
  return { region: await cognito.writeClient.config.region() };
}

for (let line = await lines.next(); !line.done; line = await lines.next()) {
  const order = JSON.parse(line.value) as Order;
  let attempts = 0;
  const attempt = async (client: CognitoIdentityProviderClient): Promise<object> => {
    attempts += 1;
    if (order.do === "change-name") return changeName(client, order.token);
    return signIn(client, order, order.pause && attempts === 1);
  };
  try {
    const result = order.do === "sign-up" ? await signUp(order) : await cognito.signIn(attempt);
    emit({ ...result, attempts });
  } catch (error) {
    emit({ error: error instanceof Error ? error.name : String(error), attempts });
  }
}
