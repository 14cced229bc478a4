import assert from "node:assert/strict";
import { test } from "node:test";
import { RegionLookup, CognitoRegions } from "./cognito-regions.js";

const [TOKYO, VIRGINIA] = ["ap-northeast-1", "us-east-1"];
const REGIONS = [TOKYO, VIRGINIA];

/** A scripted DNS and clock. */
class FakeDns {
  now = 0;
  queries: string[] = [];
  resolve: () => Promise<string[][]> = async () => [[TOKYO]];

  setAnswer(...strings: string[]): void {
    this.resolve = async () => [strings];
  }

  fail(code = "ETIMEOUT"): void {
    this.resolve = async () => Promise.reject(Object.assign(new Error(`queryTxt ${code}`), { code }));
  }

  createRegionLookup(fallback = TOKYO): RegionLookup {
    const resolveTxt = async (name: string): Promise<string[][]> => {
      this.queries.push(name);
      return this.resolve();
    };
    return new RegionLookup("auth.example.com", {
      regions: REGIONS,
      fallback,
      resolver: { resolveTxt },
      now: () => this.now,
    });
  }

  createCognitoRegions(): CognitoRegions<string> {
    return new CognitoRegions({
      regionLookup: this.createRegionLookup(),
      primaryRegion: TOKYO,
      standbyRegion: VIRGINIA,
      createClient: (region) => `client of ${region}`,
    });
  }
}

/** Returns an attempt that fails with the given errors in turn, then returns its client, and the clients it used. */
function createFailingAttempt(...errors: unknown[]): {
  clients: string[];
  attempt: (client: string) => Promise<string>;
} {
  const clients: string[] = [];
  const attempt = async (client: string): Promise<string> => {
    clients.push(client);
    if (errors.length > 0) throw errors.shift();
    return client;
  };
  return { clients, attempt };
}

function createCognitoError(name: string, httpStatusCode = 400): Error {
  return Object.assign(new Error("Refused."), { name, $fault: "client", $metadata: { httpStatusCode } });
}

const UNREACHABLE = [
  Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED", $metadata: { attempts: 2 } }),
  Object.assign(new Error("no answer"), { name: "TimeoutError" }),
  createCognitoError("InternalErrorException", 500),
];

test("Region comes from the region TXT record", async () => {
  const dns = new FakeDns();
  dns.setAnswer(VIRGINIA);
  assert.equal(await dns.createRegionLookup().getRegion(), VIRGINIA);
  assert.deepEqual(dns.queries, ["_region.auth.example.com"]);
});

test("record in several strings is joined", async () => {
  const dns = new FakeDns();
  dns.setAnswer("us-", "east-1");
  assert.equal(await dns.createRegionLookup().getRegion(), VIRGINIA);
});

test("answer is cached for 5 s", async () => {
  const dns = new FakeDns();
  const lookup = dns.createRegionLookup();
  await lookup.getRegion();
  dns.setAnswer(VIRGINIA);
  dns.now = 4_999;
  assert.equal(await lookup.getRegion(), TOKYO);
  dns.now = 5_000;
  assert.equal(await lookup.getRegion(), VIRGINIA);
});

test("fallback is used until DNS answers", async () => {
  const dns = new FakeDns();
  dns.fail();
  assert.equal(await dns.createRegionLookup(VIRGINIA).getRegion(), VIRGINIA);
});

test("last answer is used while DNS fails, without a query per sign-in", async () => {
  const dns = new FakeDns();
  const lookup = dns.createRegionLookup(VIRGINIA);
  await lookup.getRegion();
  dns.fail();
  dns.now = 6_000;
  assert.equal(await lookup.getRegion(), TOKYO);
  assert.equal(await lookup.getRegion(), TOKYO);
  assert.equal(dns.queries.length, 2);
});

for (const code of ["ENOTFOUND", "ENODATA"]) {
  test(`missing record (${code}) and silent DNS are each warned about once`, async (context) => {
    const warn = context.mock.method(console, "warn", () => undefined);
    const dns = new FakeDns();
    const lookup = dns.createRegionLookup(VIRGINIA);
    for (const step of [code, code, "ETIMEOUT", code, "", code]) {
      if (step === "") dns.setAnswer(TOKYO);
      else dns.fail(step);
      dns.now += 5_000;
      await lookup.getRegion();
    }
    assert.deepEqual(
      warn.mock.calls.map((call) => call.arguments[0]),
      [
        ["There is no", VIRGINIA],
        ["DNS does not answer for the", VIRGINIA],
        ["There is no", TOKYO],
      ].map(
        ([problem, region]) => `${problem} TXT record _region.auth.example.com to follow: sign-in stays in ${region}.`,
      ),
    );
  });
}

for (const strings of [["eu-west-1"], [""], []]) {
  test(`answer ${JSON.stringify(strings)} naming neither Region is ignored`, async () => {
    const dns = new FakeDns();
    dns.setAnswer(...strings);
    assert.equal(await dns.createRegionLookup().getRegion(), TOKYO);
  });
}

test("concurrent callers share one query", async () => {
  const dns = new FakeDns();
  const lookup = dns.createRegionLookup();
  await Promise.all([lookup.getRegion(), lookup.getRegion(), lookup.refresh()]);
  assert.equal(dns.queries.length, 1);
});

test("failure requeries DNS early, at most once a second", async () => {
  const dns = new FakeDns();
  const lookup = dns.createRegionLookup();
  await lookup.getRegion();
  dns.setAnswer(VIRGINIA);
  dns.now = 999;
  assert.equal(await lookup.refresh(), TOKYO);
  dns.now = 1_000;
  assert.equal(await lookup.refresh(), VIRGINIA);
});

test("writes go to the primary while the standby is active", async () => {
  const dns = new FakeDns();
  dns.setAnswer(VIRGINIA);
  const regions = dns.createCognitoRegions();
  assert.equal(regions.getClient(await regions.getRegion()), `client of ${VIRGINIA}`);
  assert.equal(regions.writeClient, `client of ${TOKYO}`);
});

for (const error of UNREACHABLE) {
  test(`sign-in failed with ${error.name}: ${error.message} restarts in the new Region`, async () => {
    const dns = new FakeDns();
    const regions = dns.createCognitoRegions();
    await regions.getRegion();
    dns.setAnswer(VIRGINIA);
    dns.now = 1_000;
    const { clients, attempt } = createFailingAttempt(error);
    assert.equal(await regions.signIn(attempt), `client of ${VIRGINIA}`);
    assert.deepEqual(clients, [`client of ${TOKYO}`, `client of ${VIRGINIA}`]);
  });
}

test("failure reaches the caller while the record is unchanged", async () => {
  const { clients, attempt } = createFailingAttempt(UNREACHABLE[0]);
  await assert.rejects(new FakeDns().createCognitoRegions().signIn(attempt), UNREACHABLE[0]);
  assert.equal(clients.length, 1);
});

test("sign-in restarts only once", async () => {
  const dns = new FakeDns();
  const regions = dns.createCognitoRegions();
  await regions.getRegion();
  dns.setAnswer(VIRGINIA);
  dns.now = 1_000;
  const { clients, attempt } = createFailingAttempt(...UNREACHABLE);
  await assert.rejects(regions.signIn(attempt), UNREACHABLE[1]);
  assert.equal(clients.length, 2);
});

test("operation unsupported by the replica runs in the primary", async () => {
  const dns = new FakeDns();
  dns.setAnswer(VIRGINIA);
  const { clients, attempt } = createFailingAttempt(createCognitoError("OperationNotEnabledException"));
  assert.equal(await dns.createCognitoRegions().signIn(attempt), `client of ${TOKYO}`);
  assert.equal(clients.length, 2);
});

test("operation unsupported by the primary is not retried", async () => {
  const { clients, attempt } = createFailingAttempt(createCognitoError("OperationNotEnabledException"));
  await assert.rejects(new FakeDns().createCognitoRegions().signIn(attempt), { name: "OperationNotEnabledException" });
  assert.equal(clients.length, 1);
});

for (const error of [
  createCognitoError("NotAuthorizedException"),
  createCognitoError("TooManyRequestsException", 429),
  new TypeError("bug"),
]) {
  test(`${error.name} is final even after the record moves`, async () => {
    const dns = new FakeDns();
    const { clients, attempt } = createFailingAttempt(error);
    const moveThenAttempt = async (client: string): Promise<string> => {
      dns.setAnswer(VIRGINIA);
      dns.now += 6_000;
      return attempt(client);
    };
    await assert.rejects(dns.createCognitoRegions().signIn(moveThenAttempt), error);
    assert.equal(clients.length, 1);
  });
}
