/** AWS Glue's Security API in this process, for tests that use the AWS SDK v3.
 *
 *   const mock = mockGlueSecurity();
 *   const glue = new GlueClient(mock.clientConfig());
 */

/** The options of a mock. The fields of Behavior and Limits, such as `policy_checks` and
 * `security_configurations_max`, are options, too: docs/reference/control.md lists them. */
export interface MockOptions {
  /** "current" by default. */
  behavior?: "current" | "observed" | "documented";
  /** "memory", the default, or "sqlite:PATH". */
  storage?: string;
  /** The account and the region of calls that name none: "123456789012", "us-east-1". */
  account?: string;
  region?: string;
  /** True: the catalog's policy decides about calls. */
  authorize?: boolean;
  /** With `authorize`, what the callers' identity policies decide. */
  identity?: "implicit_deny" | "explicit_deny" | "allow";
  /** False: calls are not recorded, which takes less time. */
  history?: boolean;
  /** The ARNs of the owners of access keys, for `authorize`. */
  principals?: Record<string, string>;
  [setting: string]: string | number | boolean | Record<string, string> | undefined;
}

/** A handler of requests, as the AWS SDK v3 has it. */
export interface RequestHandler {
  readonly metadata: { handlerProtocol: string };
  handle(request: any, options?: any): Promise<{ response: any }>;
  destroy(): void;
  updateHttpClientConfig(key: never, value: never): void;
  httpHandlerConfigs(): any;
}

export interface HandlerOptions {
  /** Takes the requests that the mock does not answer: by default the SDK's
   * NodeHttpHandler, and with null such a request is a NoHandlerError. */
  next?: { handle(request: any, options?: any): Promise<{ response: any }> } | null;
}

export interface ClientOptions extends HandlerOptions {
  /** The account of the client's calls, 12 digits; by default that of the mock. */
  account?: string;
  /** "us-east-1" by default. */
  region?: string;
}

export interface ClientConfig {
  region: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
  requestHandler: RequestHandler;
}

/** The clock of the engine, which gives the times of records and keys. A time is a Date or
 * RFC 3339's form of one. All methods return the time that the clock then shows. */
export interface Clock {
  readonly now: Date;
  /** True when the clock stands still. */
  readonly frozen: boolean;
  /** Sets the clock, which goes on from there unless it is frozen. */
  set(now: Date | string): Date;
  /** Stops the clock, at `now` if that is given. */
  freeze(now?: Date | string): Date;
  /** Moves the clock, also backwards, also while frozen. */
  advance(seconds: number): Date;
  /** Lets the clock follow the system's. */
  restore(): Date;
}

/** A fault rule: docs/reference/control.md describes its members. */
export interface FaultRule {
  operation?: string;
  /** "error" by default; "none" is for a rule that only delays. A lost request or answer
   * is an error with the code ECONNRESET, which the SDK tries again. */
  fault?: "error" | "lose_request" | "lose_answer" | "none";
  error?: string;
  message?: string;
  delay_seconds?: number;
  account?: string;
  region?: string;
  principal?: string;
  skip?: number;
  every?: number;
  count?: number | "forever";
  key_call?: string;
  via?: "glue" | "direct" | "any";
}

/** A rule of the engine, with how often it matched and acted. */
export interface StoredFaultRule extends FaultRule {
  id: number;
  matched: number;
  acted: number;
  remaining: number | "forever";
}

export interface Faults extends Iterable<StoredFaultRule> {
  /** Adds a rule and returns its number. */
  add(rule: FaultRule): number;
  /** Removes all rules. */
  clear(): void;
  readonly length: number;
}

/** A call of the history: docs/reference/control.md describes its members. */
export interface RecordedCall {
  client: number;
  start: number;
  end?: number;
  account: string;
  region: string;
  operation: string;
  request?: Record<string, any>;
  response?: Record<string, any>;
  unknown?: boolean;
  cut?: boolean;
  [member: string]: any;
}

/** A mock with an engine of its own, which starts empty. */
export declare class MockGlueSecurity {
  /** Throws an InvalidArgumentError for a wrong option, a StorageError when the storage
   * cannot be opened, and a LibraryError when the library cannot be loaded. */
  constructor(options?: MockOptions);
  readonly clock: Clock;
  readonly faults: Faults;
  /** The calls so far with their answers. `leftOut` is the number of calls that were
   * dropped since the last reset. */
  readonly history: RecordedCall[] & { readonly leftOut: number };
  /** True after close(). */
  readonly closed: boolean;
  /** Returns a handler for clients of Glue and KMS. */
  requestHandler(options?: HandlerOptions): RequestHandler;
  /** Returns what a client needs: a handler, a region and credentials. */
  clientConfig(options?: ClientOptions): ClientConfig;
  /** Empties the records, the keys, the fault rules and the history, and lets the clock
   * follow the system's. Snapshots stay. */
  reset(): void;
  /** Saves the records, without keys, as a snapshot in memory: "default" without a name. */
  save(name?: string): void;
  /** Restores a snapshot. Throws a SnapshotNotFoundError if there is none. */
  restore(name?: string): void;
  /** Closes the engine, and forgets its records unless they are in a file. Everything but
   * `close` and `closed` then throws a NotActiveError. `using` calls it, too. */
  close(): void;
}

/** Returns a mock that answers the Security API of AWS Glue, and the keys of KMS. */
export declare function mockGlueSecurity(options?: MockOptions): MockGlueSecurity;

/** A policy document, as text or as a value. */
export type Policy = string | Record<string, unknown>;

export interface CheckOptions {
  account?: string;
  region?: string;
  /** The ARN of who puts the policy, and must not be locked out. */
  caller?: string;
  roleArn?: string;
  uniqueId?: string;
  level?: "json" | "grammar" | "glue";
}

export interface Finding {
  code: string;
  severity: "error" | "warning";
  pointer: string;
  line: number;
  column: number;
  message: string;
  [member: string]: any;
}

export interface DecideRequest extends CheckOptions {
  caller: string;
  action: string;
  resource: string;
  /** The condition keys of the request. */
  context?: Record<string, string | string[]>;
  /** Condition keys that the request may have or not. */
  unknown?: string[];
  /** What the caller's identity policies decide. */
  identity?: "implicit_deny" | "explicit_deny" | "allow";
}

export interface Decision {
  decision: "allow" | "explicit_deny" | "implicit_deny" | "undecided";
  /** The reasons. */
  statements: Record<string, any>[];
  [member: string]: any;
}

/** Returns the findings about a resource policy, an empty array for a good one.
 *
 *   checkPolicy("{}")[0].message; // "a policy needs a Statement"
 */
export declare function checkPolicy(policy: Policy, options?: CheckOptions): Finding[];

/** Decides a request by a resource policy. Throws a PolicyError for one with errors. */
export declare function decide(policy: Policy, request: DecideRequest): Decision;

/** Returns the version of the shared library, such as "0.1.0". */
export declare function libraryVersion(): string;

/** The base of what the package throws, but for TypeErrors and RangeErrors. */
export declare class GlueSecurityError extends Error {}
/** An option, a rule or another argument is wrong. */
export declare class InvalidArgumentError extends GlueSecurityError {}
/** The mock is closed. */
export declare class NotActiveError extends GlueSecurityError {}
/** There is no snapshot of that name. */
export declare class SnapshotNotFoundError extends GlueSecurityError {}
/** A bound would be exceeded. */
export declare class NoRoomError extends GlueSecurityError {}
/** The storage cannot be opened, or failed. */
export declare class StorageError extends GlueSecurityError {}
/** The addon or the shared library cannot be loaded, or made a mistake. */
export declare class LibraryError extends GlueSecurityError {}
/** A request is not for the mock, and there is no handler for it. */
export declare class NoHandlerError extends GlueSecurityError {}
/** A policy document has errors. */
export declare class PolicyError extends InvalidArgumentError {
  readonly findings: Finding[];
}
