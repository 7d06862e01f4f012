// Plays the cases of ../cases.json, whose head describes them, against a transport: the
// server over HTTP, or the package for Node.js in the process.
//
// A transport has the name of its `behavior`, the function `client({account, region,
// maxAttempts})`, and the functions of control `reset()`, `setClock(change)`,
// `advanceClock(seconds)`, `addFault(rule)`, `save(name)` and `restore(name)`.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

import * as sdk from "@aws-sdk/client-glue";

import { ACCOUNT, policy, reprinted } from "./harness.mjs";

const { cases: CASES } = JSON.parse(
  readFileSync(new URL("../cases.json", import.meta.url), "utf8"),
);

// Returns the cases of a behavior.
export function casesFor(behavior) {
  return CASES.filter(({ in: behaviors = [behavior] }) => behaviors.includes(behavior));
}

// What the SDK says when a message is empty.
const NO_MESSAGE = "UnknownError";
const ABSENT = Symbol("absent");

// A value that accepts others.
class Matcher {
  constructor(accepts, text) {
    this.accepts = accepts;
    this.text = text;
  }
}

const KINDS = {
  string: (value) => typeof value === "string",
  time: (value) => value instanceof Date && !Number.isNaN(value.getTime()),
};

// Returns the value that a value of the list stands for.
function meant(value, behavior, kept) {
  const inner = (one) => meant(one, behavior, kept);
  if (typeof value === "string") return value.startsWith("$") ? kept[value.slice(1)] : value;
  if (Array.isArray(value)) return value.map(inner);
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  const [[name, argument] = [], ...others] = Object.entries(value);
  if (name === undefined || name[0] !== "$" || others.length > 0) {
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, inner(one)]));
  }
  switch (name) {
    case "$by":
      return inner(argument[behavior] ?? argument.else);
    case "$policy":
      return policy(argument);
    case "$shown":
      return behavior === "documented" ? inner(argument) : reprinted(inner(argument));
    case "$repeat":
      return argument[0].repeat(argument[1]);
    case "$times":
      return Array(argument[1]).fill(argument[0]);
    case "$time":
      return new Date(argument);
    case "$a":
      return new Matcher(KINDS[argument], `a ${argument}`);
    case "$like":
      return new Matcher((text) => new RegExp(argument).test(text), argument);
    case "$absent":
      return ABSENT;
    default:
      return assert.fail(`there is no ${name}`);
  }
}

// Compares a value with an expected one, member by member.
function compare(got, expected, path) {
  if (expected instanceof Matcher) {
    assert.ok(expected.accepts(got), `${path} is ${got}, not ${expected.text}`);
  } else if (expected === ABSENT) {
    assert.equal(got, undefined, path);
  } else if (Array.isArray(expected) || expected?.constructor === Object) {
    assert.equal(typeof got, "object", path);
    const names = Object.keys(expected).filter((name) => expected[name] !== ABSENT);
    const found = Object.keys(got).filter((name) => got[name] !== undefined);
    assert.deepEqual(found.sort(), names.sort(), path);
    for (const name of names) compare(got[name], expected[name], `${path}.${name}`);
  } else {
    assert.deepEqual(got, expected, path);
  }
}

function checkError(thrown, error, step, value) {
  const what = `${step.call}: ${thrown}, not ${error}`;
  assert.equal(thrown.name, error, what);
  // The SDK's instanceof compares names only.
  if (error in sdk) assert.equal(thrown.constructor, sdk[error], what);
  assert.equal(thrown.$metadata.attempts, 1);
  const { message } = thrown;
  if (step.message !== undefined) assert.equal(message, value(step.message) || NO_MESSAGE);
  for (const part of (step.contains ?? []).map(value)) assert.ok(message.includes(part), message);
}

async function playCall(transport, step, kept) {
  const value = (one) => meant(one, transport.behavior, kept);
  const client = transport.client(step.as);
  const command = new sdk[`${step.call}Command`](value(step.request ?? {}));
  const error = value(step.error);
  let answer;
  let thrown;
  try {
    answer = await client.send(command);
  } catch (caught) {
    thrown = caught;
  }
  if (step.lost) {
    assert.equal(thrown?.code, "ECONNRESET", `${step.call}: ${thrown}`);
    assert.equal(thrown.$metadata.attempts, 1);
    return;
  }
  if (error !== undefined && error !== ABSENT) {
    assert.ok(thrown, `${step.call} did not fail`);
    checkError(thrown, error, step, value);
    return;
  }
  if (thrown) throw thrown;
  for (const [name, expected] of Object.entries(step.answer ?? {})) {
    compare(answer[name], value(expected), `${step.call}.${name}`);
  }
  for (const [name, member] of Object.entries(step.keep ?? {})) kept[name] = answer[member];
}

async function playPages(transport, step, kept) {
  const { size: pageSize, member, name } = step;
  const client = transport.client();
  const pages = [];
  const paginate = sdk[`paginate${step.pages}`];
  for await (const page of paginate({ client, pageSize }, step.request ?? {})) {
    pages.push(page[member].map((element) => element[name]));
  }
  assert.deepEqual(pages, meant(step.names, transport.behavior, kept), step.pages);
}

// Plays a case in an empty catalog.
export async function playCase({ steps }, transport) {
  const kept = {};
  for (const step of steps) {
    if (step.call) await playCall(transport, step, kept);
    else if (step.pages) await playPages(transport, step, kept);
    else if (step.clock) await transport.setClock(step.clock);
    else if (step.advance) await transport.advanceClock(step.advance);
    else if (step.fault) await transport.addFault(step.fault);
    else if (step.save) await transport.save(step.save);
    else if (step.restore) await transport.restore(step.restore);
    else assert.fail(`no step: ${JSON.stringify(step)}`);
  }
}

// The server of a harness.mjs as a transport.
export function overHttp(server, behavior) {
  const clients = new Map();
  return {
    behavior,
    client({ account = ACCOUNT, region = "us-east-1", maxAttempts = 1 } = {}) {
      const key = `${account} ${region} ${maxAttempts}`;
      if (!clients.has(key)) {
        const credentials = { accessKeyId: account, secretAccessKey: "secret" };
        const endpoint = server.url;
        clients.set(key, new sdk.GlueClient({ endpoint, region, credentials, maxAttempts }));
      }
      return clients.get(key);
    },
    reset: () => server.control("POST", "/reset"),
    setClock: (change) => server.control("PUT", "/clock", change),
    advanceClock: (seconds) => server.control("POST", "/clock/advance", { seconds }),
    addFault: (rule) => server.control("POST", "/faults", rule),
    save: (name) => server.control("PUT", `/snapshots/${name}`),
    restore: (name) => server.control("POST", `/snapshots/${name}/restore`),
    destroy() {
      for (const client of clients.values()) client.destroy();
    },
  };
}
