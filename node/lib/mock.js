// The mock.

"use strict";

const controls = require("./controls.js");
const { NotActiveError } = require("./errors.js");
const library = require("./library.js");
const { isObject } = require("./objects.js");
const { RequestHandler } = require("./request_handler.js");

// The key is not an account id, so that the mock's `account` is that of the calls.
const KEY = "AKIAGLUESECURITYMOCK";
const ARN = /^arn:[^:]+:[^:]+:[^:]*:[0-9]{12}:[ -~]+$/;

function optionText(name, value) {
  if (typeof value === "string") return value;
  if (typeof value === "boolean" || Number.isSafeInteger(value)) return String(value);
  throw new TypeError(`${name} is a string, a Boolean or an integer`);
}

/** Returns access key -> ARN. */
function readPrincipals(principals) {
  if (!isObject(principals)) throw new TypeError("principals are an object");
  const entries = Object.entries(principals);
  for (const [, arn] of entries) {
    if (typeof arn !== "string") throw new TypeError("principals: an ARN is a string");
    if (!ARN.test(arn)) {
      throw new TypeError(`principals: not the ARN of a principal: '${arn}'`);
    }
  }
  return new Map(entries);
}

/** A mock with an engine of its own, which starts empty. It answers the clients that use
 * its request handler until it is closed. mockGlueSecurity() makes one. */
class MockGlueSecurity {
  #engine;
  #addon;
  #open = true;
  #principals;
  #run = (name, ...values) => {
    this.#checkOpen();
    return library.run(this.#engine, name, ...values);
  };

  constructor(options = {}) {
    if (!isObject(options)) throw new TypeError("options are an object");
    const { principals = {}, behavior = "current", ...others } = options;
    this.#principals = readPrincipals(principals);
    const pairs = [];
    for (const [name, value] of Object.entries({ behavior, ...others })) {
      if (value !== undefined) pairs.push(name, optionText(name, value));
    }
    this.#addon = library.load().addon;
    this.#engine = library.take(this.#addon.open(pairs)).engine;
    /** The clock of the engine. */
    this.clock = new controls.Clock(this.#run);
    /** The fault rules of the engine. */
    this.faults = new controls.Faults(this.#run);
  }

  // ---- clients

  /** Returns a handler for clients of Glue and KMS. Requests for other operations go to
   * `next`, by default to the SDK's NodeHttpHandler, and with null to an error. */
  requestHandler({ next } = {}) {
    if (next !== undefined && next !== null && typeof next.handle !== "function") {
      throw new TypeError("next is a request handler or null");
    }
    return new RequestHandler(this.#call, next);
  }

  /** Returns what a client needs: the handler, a region, and credentials, whose access key
   * is the account if that is given. */
  clientConfig({ account, region = "us-east-1", next } = {}) {
    if (account !== undefined && !/^[0-9]{12}$/.test(account)) {
      throw new TypeError("an account has 12 digits");
    }
    if (typeof region !== "string") throw new TypeError("a region is a string");
    return {
      region,
      credentials: { accessKeyId: account ?? KEY, secretAccessKey: "secret" },
      requestHandler: this.requestHandler({ next }),
    };
  }

  /** Makes a call for the owner of an access key. */
  #call = (key, region, target, body) => {
    this.#checkOpen();
    const principal = this.#principals.get(key) ?? "";
    let account = "";
    if (principal !== "") {
      account = principal.split(":")[4];
    } else if (/^[0-9]{12}$/.test(key)) {
      account = key;
    }
    const answer = this.#addon.call(this.#engine, account, region, principal, target, body);
    return library.take(answer);
  };

  // ---- control

  /** Empties the records, the keys, the fault rules and the history, and lets the clock
   * follow the system's. Snapshots stay. */
  reset() {
    this.#run("reset");
  }

  /** Saves the records, without keys, as a snapshot in memory. */
  save(name = "default") {
    this.#run("save", name);
  }

  /** Restores a snapshot. Throws a SnapshotNotFoundError if there is none. */
  restore(name = "default") {
    this.#run("restore", name);
  }

  /** The calls so far with their answers. */
  get history() {
    return controls.history(this.#run);
  }

  // ---- the end

  /** Closes the engine, and forgets its records unless they are in a file. Does nothing
   * when it is closed. */
  close() {
    if (!this.#open) return;
    this.#open = false;
    this.#addon.close(this.#engine);
  }

  /** True after close(). */
  get closed() {
    return !this.#open;
  }

  #checkOpen() {
    if (!this.#open) throw new NotActiveError("the mock is closed");
  }
}

if (Symbol.dispose !== undefined) {
  MockGlueSecurity.prototype[Symbol.dispose] = MockGlueSecurity.prototype.close;
}

/** Returns a mock that answers the Security API of AWS Glue, and the keys of KMS. */
function mockGlueSecurity(options) {
  return new MockGlueSecurity(options);
}

module.exports = { MockGlueSecurity, mockGlueSecurity };
