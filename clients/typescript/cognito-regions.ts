/**
 * Sign in to a replicated Cognito user pool in the Region that serves it, and write in the primary.
 *
 * For programs that call Cognito through an SDK and so choose the Region themselves. Copy this file; it needs Node 20
 * and nothing else.
 */

import { Resolver } from "node:dns/promises";

const LOOKUP_MS = 1_000;
const LOOK_AGAIN_MS = 1_000;

/** How long an answer is kept. Node does not tell the TTL of a TXT record; the resolver it asks keeps to it. */
const KEPT_MS = 5_000;

const SERVER_ERROR = 500;

/** What Node calls a name that does not exist, and one without a TXT record. */
const MISSING = ["ENOTFOUND", "ENODATA"];

export interface BeaconOptions {
  /** The pool's two Regions; an answer that names neither counts as none. */
  regions: readonly string[];
  /** The Region until DNS has answered for the first time. */
  fallback: string;
  /** Whom to ask; the machine's own resolver unless given. */
  resolver?: Pick<Resolver, "resolveTxt">;
  /** Milliseconds that only grow. */
  now?: () => number;
}

/**
 * Reads which Region serves a domain: the TXT record beside the name that the failover controller moves.
 *
 * While DNS gives no answer the last one is kept. That the record does not exist is warned of, once until it does: the
 * controller makes it as soon as it may act.
 */
export class Beacon {
  readonly #name: string;
  readonly #regions: readonly string[];
  readonly #resolver: Pick<Resolver, "resolveTxt">;
  readonly #now: () => number;
  #region: string;
  #missing = false;
  #askedAt = -Infinity;
  #asking: Promise<void> | undefined;

  /** @param domainName What users sign in through, such as `auth.example.com`. */
  constructor(domainName: string, { regions, fallback, resolver, now }: BeaconOptions) {
    this.#name = `_region.${domainName}`;
    this.#regions = regions;
    this.#region = fallback;
    this.#resolver = resolver ?? new Resolver({ timeout: LOOKUP_MS, tries: 1 });
    this.#now = now ?? (() => performance.now());
  }

  /** The Region to sign in to. */
  async region(): Promise<string> {
    return this.#notOlderThan(KEPT_MS);
  }

  /** The Region to sign in to, asked anew because a failure suggests that it has changed. */
  async lookAgain(): Promise<string> {
    return this.#notOlderThan(LOOK_AGAIN_MS);
  }

  async #notOlderThan(ms: number): Promise<string> {
    if (this.#asking !== undefined || this.#now() - this.#askedAt >= ms) {
      // One question for all who want to know at the same time.
      this.#asking ??= this.#ask().finally(() => (this.#asking = undefined));
      await this.#asking;
    }
    return this.#region;
  }

  async #ask(): Promise<void> {
    try {
      const [strings] = await this.#resolver.resolveTxt(this.#name);
      const region = strings?.join("");
      if (region !== undefined && this.#regions.includes(region)) this.#region = region;
      this.#missing = false;
    } catch (error) {
      // The last answer is the best there is.
      if (!MISSING.includes((error as NodeJS.ErrnoException).code ?? "")) return;
      if (!this.#missing) {
        console.warn(`There is no TXT record ${this.#name} to follow: sign-in stays in ${this.#region}.`);
      }
      this.#missing = true;
    } finally {
      this.#askedAt = this.#now();
    }
  }
}

export interface CognitoRegionsOptions<Client> {
  /** Says where sign-in goes. */
  beacon: Beacon;
  /** The Region that takes writes, also while it does not serve sign-in. */
  primaryRegion: string;
  standbyRegion: string;
  /** Makes the client of a Region; called once for each. */
  clientFor: (region: string) => Client;
}

/** The pool's clients: one where sign-in goes, one where writes go. */
export class CognitoRegions<Client> {
  /** The primary's client: for sign-up, password reset, MFA set-up and every change of a user. */
  readonly writes: Client;
  readonly #beacon: Beacon;
  readonly #primaryRegion: string;
  readonly #standby: Client;

  constructor({ beacon, primaryRegion, standbyRegion, clientFor }: CognitoRegionsOptions<Client>) {
    this.writes = clientFor(primaryRegion);
    this.#standby = clientFor(standbyRegion);
    this.#beacon = beacon;
    this.#primaryRegion = primaryRegion;
  }

  /** The Region in which to begin a sign-in; all of its calls go there. */
  async region(): Promise<string> {
    return this.#beacon.region();
  }

  /** A Region's client. */
  client(region: string): Client {
    return region === this.#primaryRegion ? this.writes : this.#standby;
  }

  /**
   * Runs a whole sign-in in one Region, and once more from its beginning if that Region stopped serving.
   *
   * @param attempt Makes all calls of the sign-in with the client it is given, from `InitiateAuth` on. It may be run
   *   twice, so it changes nothing else. It may also be a single call that a replica may refuse.
   * @throws What Cognito or the SDK throws, from the second attempt if there was one.
   */
  async signIn<Result>(attempt: (client: Client) => Promise<Result>): Promise<Result> {
    const region = await this.region();
    try {
      return await attempt(this.client(region));
    } catch (error) {
      const elsewhere = await this.regionAfter(region, error);
      if (elsewhere === undefined) throw error;
      return attempt(this.client(elsewhere));
    }
  }

  /**
   * Where to begin a failed sign-in anew, or undefined if it would fail there as well.
   *
   * A refusal, such as a wrong password, is final: asking the other Region would count as one more try.
   *
   * @param region Where it failed.
   * @param error What its client threw.
   */
  async regionAfter(region: string, error: unknown): Promise<string | undefined> {
    if (!(error instanceof Error)) return undefined;
    if (error.name === "OperationNotEnabledException") {
      return region === this.#primaryRegion ? undefined : this.#primaryRegion;
    }
    if (!isFailure(error)) return undefined;
    const serving = await this.#beacon.lookAgain();
    return serving === region ? undefined : serving;
  }
}

/** Whether the Region did not answer, or answered with a failure of its own. */
function isFailure(error: Error & { code?: unknown; $metadata?: { httpStatusCode?: number } }): boolean {
  const status = error.$metadata?.httpStatusCode;
  if (status !== undefined) return status >= SERVER_ERROR;
  // The SDK's own timeouts by name; Node's network and TLS errors by their codes.
  return error.name === "TimeoutError" || typeof error.code === "string";
}
