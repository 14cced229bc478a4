import assert from "node:assert/strict";
import { test } from "node:test";
import { Beacon, CognitoRegions } from "./cognito-regions.js";

const [TOKYO, VIRGINIA] = ["ap-northeast-1", "us-east-1"];
const REGIONS = [TOKYO, VIRGINIA];

/** DNS, and a clock, that do what a test says. */
class World {
  now = 0;
  asked: string[] = [];
  answers: () => Promise<string[][]> = async () => [[TOKYO]];

  says(...strings: string[]): void {
    this.answers = async () => [strings];
  }

  fails(code = "ETIMEOUT"): void {
    this.answers = async () => Promise.reject(Object.assign(new Error(`queryTxt ${code}`), { code }));
  }

  beacon(fallback = TOKYO): Beacon {
    const resolveTxt = async (name: string): Promise<string[][]> => {
      this.asked.push(name);
      return this.answers();
    };
    return new Beacon("auth.example.com", { regions: REGIONS, fallback, resolver: { resolveTxt }, now: () => this.now });
  }

  regions(): CognitoRegions<string> {
    return new CognitoRegions({
      beacon: this.beacon(),
      primaryRegion: TOKYO,
      standbyRegion: VIRGINIA,
      clientFor: (region) => `client of ${region}`,
    });
  }
}

/** An attempt that fails with what it is given, one after another, and then says with which clients it was made. */
function failing(...errors: unknown[]): { tried: string[]; attempt: (client: string) => Promise<string> } {
  const tried: string[] = [];
  const attempt = async (client: string): Promise<string> => {
    tried.push(client);
    if (errors.length > 0) throw errors.shift();
    return client;
  };
  return { tried, attempt };
}

function refusal(name: string, httpStatusCode = 400): Error {
  return Object.assign(new Error("Cognito says no."), { name, $fault: "client", $metadata: { httpStatusCode } });
}

const UNREACHABLE = [
  Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED", $metadata: { attempts: 2 } }),
  Object.assign(new Error("no answer"), { name: "TimeoutError" }),
  refusal("InternalErrorException", 500),
];

test("the Region is the one that the record beside the name gives", async () => {
  const world = new World();
  world.says(VIRGINIA);
  assert.equal(await world.beacon().region(), VIRGINIA);
  assert.deepEqual(world.asked, ["_region.auth.example.com"]);
});

test("a record in several strings is read as one", async () => {
  const world = new World();
  world.says("us-", "east-1");
  assert.equal(await world.beacon().region(), VIRGINIA);
});

test("an answer is kept for a while and then asked for again", async () => {
  const world = new World();
  const beacon = world.beacon();
  await beacon.region();
  world.says(VIRGINIA);
  world.now = 4_999;
  assert.equal(await beacon.region(), TOKYO);
  world.now = 5_000;
  assert.equal(await beacon.region(), VIRGINIA);
});

test("until DNS has answered it is the fallback", async () => {
  const world = new World();
  world.fails();
  assert.equal(await world.beacon(VIRGINIA).region(), VIRGINIA);
});

test("the last answer is kept while DNS fails, and DNS is not asked for every sign-in", async () => {
  const world = new World();
  const beacon = world.beacon(VIRGINIA);
  await beacon.region();
  world.fails();
  world.now = 6_000;
  assert.equal(await beacon.region(), TOKYO);
  assert.equal(await beacon.region(), TOKYO);
  assert.equal(world.asked.length, 2);
});

for (const code of ["ENOTFOUND", "ENODATA"]) {
  test(`a record that does not exist, ${code}, is warned of once until it does`, async (context) => {
    const warn = context.mock.method(console, "warn", () => undefined);
    const world = new World();
    const beacon = world.beacon(VIRGINIA);
    for (const step of [code, code, "ETIMEOUT", code, "", code]) {
      if (step === "") world.says(TOKYO);
      else world.fails(step);
      world.now += 5_000;
      await beacon.region();
    }
    assert.deepEqual(
      warn.mock.calls.map((call) => call.arguments[0]),
      [VIRGINIA, TOKYO].map(
        (region) => `There is no TXT record _region.auth.example.com to follow: sign-in stays in ${region}.`,
      ),
    );
  });
}

for (const strings of [["eu-west-1"], [""], []]) {
  test(`an answer of ${JSON.stringify(strings)}, which names neither Region, counts as none`, async () => {
    const world = new World();
    world.says(...strings);
    assert.equal(await world.beacon().region(), TOKYO);
  });
}

test("those who want to know at the same time share one question", async () => {
  const world = new World();
  const beacon = world.beacon();
  await Promise.all([beacon.region(), beacon.region(), beacon.lookAgain()]);
  assert.equal(world.asked.length, 1);
});

test("after a failure DNS is asked before its time, once a second at most", async () => {
  const world = new World();
  const beacon = world.beacon();
  await beacon.region();
  world.says(VIRGINIA);
  world.now = 999;
  assert.equal(await beacon.lookAgain(), TOKYO);
  world.now = 1_000;
  assert.equal(await beacon.lookAgain(), VIRGINIA);
});

test("writes go to the primary while the standby serves sign-in", async () => {
  const world = new World();
  world.says(VIRGINIA);
  const regions = world.regions();
  assert.equal(regions.client(await regions.region()), `client of ${VIRGINIA}`);
  assert.equal(regions.writes, `client of ${TOKYO}`);
});

for (const error of UNREACHABLE) {
  test(`a sign-in that met ${error.name}: ${error.message} begins anew where the beacon has moved to`, async () => {
    const world = new World();
    const regions = world.regions();
    await regions.region();
    world.says(VIRGINIA);
    world.now = 1_000;
    const { tried, attempt } = failing(error);
    assert.equal(await regions.signIn(attempt), `client of ${VIRGINIA}`);
    assert.deepEqual(tried, [`client of ${TOKYO}`, `client of ${VIRGINIA}`]);
  });
}

test("while the beacon has not moved the failure is the caller's to see", async () => {
  const { tried, attempt } = failing(UNREACHABLE[0]);
  await assert.rejects(new World().regions().signIn(attempt), UNREACHABLE[0]);
  assert.equal(tried.length, 1);
});

test("a sign-in begins anew once only", async () => {
  const world = new World();
  const regions = world.regions();
  await regions.region();
  world.says(VIRGINIA);
  world.now = 1_000;
  const { tried, attempt } = failing(...UNREACHABLE);
  await assert.rejects(regions.signIn(attempt), UNREACHABLE[1]);
  assert.equal(tried.length, 2);
});

test("what a replica does not do is done in the primary", async () => {
  const world = new World();
  world.says(VIRGINIA);
  const { tried, attempt } = failing(refusal("OperationNotEnabledException"));
  assert.equal(await world.regions().signIn(attempt), `client of ${TOKYO}`);
  assert.equal(tried.length, 2);
});

test("what the primary itself does not do is not tried again", async () => {
  const { tried, attempt } = failing(refusal("OperationNotEnabledException"));
  await assert.rejects(new World().regions().signIn(attempt), { name: "OperationNotEnabledException" });
  assert.equal(tried.length, 1);
});

for (const error of [refusal("NotAuthorizedException"), refusal("TooManyRequestsException", 429), new TypeError("bug")]) {
  test(`${error.name} is final, wherever the beacon has moved to`, async () => {
    const world = new World();
    const { tried, attempt } = failing(error);
    const moving = async (client: string): Promise<string> => {
      world.says(VIRGINIA);
      world.now += 6_000;
      return attempt(client);
    };
    await assert.rejects(world.regions().signIn(moving), error);
    assert.equal(tried.length, 1);
  });
}
