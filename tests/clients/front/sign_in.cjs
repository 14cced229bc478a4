/**
 * Signs in by SRP with unmodified amazon-cognito-identity-js, through the host of its endpoint option.
 *
 * It executes one order per line of JSON, and answers with a line of JSON. With `pause` it reports a pause between the
 * sign-in's two calls, and waits for a line. A sign-in that a move interrupts is restarted once.
 */

"use strict";

const { createInterface } = require("node:readline");

const config = JSON.parse(process.argv[2]);
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const emit = (answer) => console.log(JSON.stringify(answer));

let pauseBefore = null;
const { fetch } = globalThis;
globalThis.fetch = async (url, given) => {
  // As docs/front.md shows it: the library has no timeout of its own.
  const options = { signal: AbortSignal.timeout(config.timeout_seconds * 1_000), ...given };
  if (options.headers["X-Amz-Target"].endsWith(pauseBefore)) {
    pauseBefore = null;
    emit({ paused: true });
    await lines.next();
  }
  return fetch(url, options);
};
// Load the library only now: it keeps the fetch that it finds.
const { AuthenticationDetails, CognitoUser, CognitoUserPool } = require("amazon-cognito-identity-js");

function signIn({ username, password }) {
  const { pool_id: UserPoolId, client_id: ClientId, endpoint } = config;
  const pool = new CognitoUserPool({ UserPoolId, ClientId, endpoint });
  const user = new CognitoUser({ Username: username, Pool: pool });
  return new Promise((onSuccess, onFailure) => {
    user.authenticateUser(new AuthenticationDetails({ Username: username, Password: password }), {
      onSuccess,
      onFailure,
    });
  }).then(
    () =>
      new Promise((resolve, reject) => {
        user.getUserData((error, data) => (error ? reject(error) : resolve(data.Username)), { bypassCache: true });
      }),
  );
}

function wasInterrupted(error) {
  return error.code === "NotAuthorizedException" && error.message !== "Incorrect username or password.";
}

async function main() {
  for (let line = await lines.next(); !line.done; line = await lines.next()) {
    const order = JSON.parse(line.value);
    pauseBefore = order.pause ? ".RespondToAuthChallenge" : null;
    let restarts = 0;
    try {
      const user = await signIn(order).catch((error) => {
        if (!wasInterrupted(error)) throw error;
        restarts = 1;
        return signIn(order);
      });
      emit({ user, restarts });
    } catch (error) {
      emit({ error: error.code ?? error.name, restarts });
    }
  }
}

main();
