/**
 * Sign in to a replicated Cognito user pool in its active Region, and send writes to the primary.
 *
 * For programs that call Cognito with an SDK, and so choose the Region themselves. Copy this file. It needs only
 * Node 20.
 */

import { Resolver } from "node:dns/promises";

const DNS_TIMEOUT_MS = 1_000;
const MIN_QUERY_INTERVAL_MS = 1_000;

/** How long an answer is cached. Node does not show the TTL of a TXT record; the resolver observes it. */
const CACHE_MS = 5_000;

const MIN_SERVER_ERROR_STATUS = 500;

/** Node's error codes for a missing name, and for a name without a TXT record. */
const MISSING_RECORD_CODES = ["ENOTFOUND", "ENODATA"];

export interface RegionLookupOptions {
  /** The pool's two Regions. Other answers are ignored. */
  regions: readonly string[];
  /** The Region until DNS answers for the first time. */
  fallback: string;
  /** The DNS resolver; by default the machine's own. */
  resolver?: Pick<Resolver, "resolveTxt">;
  /** A monotonic clock, in milliseconds. */
  now?: () => number;
}

/**
 * Looks up the active Region of a domain in its region TXT record, which the failover controller moves.
 *
 * While DNS does not answer, the last answer is kept. A missing record, and a DNS that does not answer, are logged as
 * a warning, once until there is an answer. The controller creates the record when it may act.
 */
export class RegionLookup {
  readonly #recordName: string;
  readonly #regions: readonly string[];
  readonly #resolver: Pick<Resolver, "resolveTxt">;
  readonly #now: () => number;
  #region: string;
  readonly #problems = new Set<string>();
  #queriedAt = -Infinity;
  #query: Promise<void> | undefined;

  /** @param domainName The domain that users sign in at, such as `auth.example.com`. */
  constructor(domainName: string, { regions, fallback, resolver, now }: RegionLookupOptions) {
    this.#recordName = `_region.${domainName}`;
    this.#regions = regions;
    this.#region = fallback;
    this.#resolver = resolver ?? new Resolver({ timeout: DNS_TIMEOUT_MS, tries: 1 });
    this.#now = now ?? (() => performance.now());
  }

  /** Returns the Region to sign in to. */
  async getRegion(): Promise<string> {
    return this.#getRegionNotOlderThan(CACHE_MS);
  }

  /** Queries DNS again after a failure, at most once a second. Returns the Region to sign in to. */
  async refresh(): Promise<string> {
    return this.#getRegionNotOlderThan(MIN_QUERY_INTERVAL_MS);
  }

  async #getRegionNotOlderThan(maxAgeMs: number): Promise<string> {
    if (this.#query !== undefined || this.#now() - this.#queriedAt >= maxAgeMs) {
      // Concurrent callers share one query.
      this.#query ??= this.#queryDns().finally(() => (this.#query = undefined));
      await this.#query;
    }
    return this.#region;
  }

  async #queryDns(): Promise<void> {
    try {
      const [strings] = await this.#resolver.resolveTxt(this.#recordName);
      const region = strings?.join("");
      if (region !== undefined && this.#regions.includes(region)) this.#region = region;
      this.#problems.clear();
    } catch (error) {
      const isMissing = MISSING_RECORD_CODES.includes((error as NodeJS.ErrnoException).code ?? "");
      this.#warnOnce(isMissing ? "There is no TXT record" : "DNS does not answer for the TXT record");
    } finally {
      this.#queriedAt = this.#now();
    }
  }

  /** Logs a new problem. The last answer stays in use. */
  #warnOnce(problem: string): void {
    if (this.#problems.has(problem)) return;
    this.#problems.add(problem);
    console.warn(`${problem} ${this.#recordName} to follow: sign-in stays in ${this.#region}.`);
  }
}

export interface CognitoRegionsOptions<Client> {
  /** Looks up the Region for sign-in. */
  regionLookup: RegionLookup;
  /** The Region that accepts writes, also while the standby is active. */
  primaryRegion: string;
  standbyRegion: string;
  /** Creates a Region's client. Called once for each Region. */
  createClient: (region: string) => Client;
}

/** The pool's clients: for sign-in in the active Region, and for writes in the primary. */
export class CognitoRegions<Client> {
  /** The primary's client: for sign-up, password reset, MFA set-up and all changes of a user. */
  readonly writeClient: Client;
  readonly #regionLookup: RegionLookup;
  readonly #primaryRegion: string;
  readonly #standbyClient: Client;

  constructor({ regionLookup, primaryRegion, standbyRegion, createClient }: CognitoRegionsOptions<Client>) {
    this.writeClient = createClient(primaryRegion);
    this.#standbyClient = createClient(standbyRegion);
    this.#regionLookup = regionLookup;
    this.#primaryRegion = primaryRegion;
  }

  /** Returns the Region for a new sign-in. Make all of its calls there. */
  async getRegion(): Promise<string> {
    return this.#regionLookup.getRegion();
  }

  /** Returns a Region's client. */
  getClient(region: string): Client {
    return region === this.#primaryRegion ? this.writeClient : this.#standbyClient;
  }

  /**
   * Runs a complete sign-in in one Region. Restarts it once if the active Region has changed.
   *
   * @param attempt Makes all calls of the sign-in with the given client, from `InitiateAuth` on. It may run twice, so
   *   it must have no other effects. It can also be a single call that a replica may refuse.
   * @throws The error of the last attempt.
   */
  async signIn<Result>(attempt: (client: Client) => Promise<Result>): Promise<Result> {
    const region = await this.getRegion();
    try {
      return await attempt(this.getClient(region));
    } catch (error) {
      const retryRegion = await this.findRetryRegion(region, error);
      if (retryRegion === undefined) throw error;
      return attempt(this.getClient(retryRegion));
    }
  }

  /**
   * Returns the Region in which to restart a failed sign-in, or undefined if a restart does not help.
   *
   * A refusal, such as a wrong password, is final: a retry in the other Region counts as another failed attempt.
   *
   * @param region The Region of the failed sign-in.
   * @param error The error of its client.
   */
  async findRetryRegion(region: string, error: unknown): Promise<string | undefined> {
    if (!(error instanceof Error)) return undefined;
    if (error.name === "OperationNotEnabledException") {
      return region === this.#primaryRegion ? undefined : this.#primaryRegion;
    }
    if (!isRegionFailure(error)) return undefined;
    const activeRegion = await this.#regionLookup.refresh();
    return activeRegion === region ? undefined : activeRegion;
  }
}

/** Returns whether the Region did not answer, or answered with a server error. */
function isRegionFailure(error: Error & { code?: unknown; $metadata?: { httpStatusCode?: number } }): boolean {
  const status = error.$metadata?.httpStatusCode;
  if (status !== undefined) return status >= MIN_SERVER_ERROR_STATUS;
  // The SDK's timeouts have a name; Node's network and TLS errors have a code.
  return error.name === "TimeoutError" || typeof error.code === "string";
}
