/**
 * Signs in by SRP with amazon-cognito-identity-js, as it is, through the host that its endpoint option names.
 *
 * It carries out one order a line, read as JSON, and answers each with a line of JSON. With `pause` it says so after the
 * first of the sign-in's two calls and waits for a line. A sign-in that was caught between the Regions is restarted once.
 */

"use strict";

const { createInterface } = require("node:readline");

const place = JSON.parse(process.argv[2]);
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const say = (answer) => console.log(JSON.stringify(answer));

let pauseBefore = null;
const { fetch } = globalThis;
globalThis.fetch = async (url, options) => {
  if (options.headers["X-Amz-Target"].endsWith(pauseBefore)) {
    pauseBefore = null;
    say({ paused: true });
    await lines.next();
  }
  return fetch(url, options);
};
// Now, not before: the library keeps the fetch it finds.
const { AuthenticationDetails, CognitoUser, CognitoUserPool } = require("amazon-cognito-identity-js");

function signIn({ username, password }) {
  const pool = new CognitoUserPool({ UserPoolId: place.pool_id, ClientId: place.client_id, endpoint: place.endpoint });
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

function wasCaught(error) {
  return error.code === "NotAuthorizedException" && error.message !== "Incorrect username or password.";
}

async function main() {
  for (let line = await lines.next(); !line.done; line = await lines.next()) {
    const order = JSON.parse(line.value);
    pauseBefore = order.pause ? ".RespondToAuthChallenge" : null;
    let restarts = 0;
    try {
      const user = await signIn(order).catch((error) => {
        if (!wasCaught(error)) throw error;
        restarts = 1;
        return signIn(order);
      });
      say({ user, restarts });
    } catch (error) {
      say({ error: error.code ?? error.name, restarts });
    }
  }
}

main();
