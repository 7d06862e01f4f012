// The forms of the mock, its control, other handlers beside it, and wrong arguments.
//
// Usage: node mock_test.mjs LIBRARY

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { join } from "node:path";
import { Readable } from "node:stream";
import test from "node:test";

import { clientOf, create, glueSecurity, mockFor, names, PACKAGE, send } from "./door.mjs";
import { policy, reprinted } from "../clients/js/harness.mjs";

const { checkPolicy, decide, mockGlueSecurity } = glueSecurity;
const require = createRequire(import.meta.url);
const addon = require(join(PACKAGE, "native/glue_security.node"));
const TARGET = { "x-amz-target": "AWSGlue.PutResourcePolicy" };
const REQUEST = JSON.stringify({ PolicyInJson: policy({ account: "123456789012" }) });

// A handler that counts what reaches it.
class OtherHandler {
  requests = [];
  destroyed = 0;

  async handle(request, options) {
    this.requests.push([request, options]);
    const headers = { "content-type": "application/x-amz-json-1.1" };
    return { response: { statusCode: 200, headers, body: Buffer.from('{"JobNames":["j"]}') } };
  }

  destroy() {
    this.destroyed += 1;
  }
}

// ---- forms

test("import and require give the same", () => {
  const required = require(PACKAGE);
  assert.deepEqual({ ...glueSecurity }, { ...required });
  assert.equal(glueSecurity.libraryVersion(), "0.1.0");
});

test("mocks are separate, and a new one is empty", async (t) => {
  const mocks = [mockFor(t), mockFor(t)];
  await create(clientOf(mocks[0]), "n");
  assert.deepEqual(await names(clientOf(mocks[0])), ["n"]);
  assert.deepEqual(await names(clientOf(mocks[1])), []);
});

test("the options of a mock", async (t) => {
  const mock = mockFor(t, { security_configurations_max: 1, history: false });
  const glue = clientOf(mock);
  await create(glue, "n");
  await assert.rejects(create(glue, "m"), { name: "ResourceNumberLimitExceededException" });
  assert.deepEqual(mock.history, []);
});

test("an option that is undefined is as one that is not given", async (t) => {
  const texts = [];
  for (const options of [{}, { behavior: undefined, account: undefined }]) {
    const glue = clientOf(mockFor(t, options), { account: "111122223333" });
    await send(glue, "PutResourcePolicy", { PolicyInJson: policy() });
    texts.push((await send(glue, "GetResourcePolicy", {})).PolicyInJson);
  }
  assert.equal(texts[0], texts[1]);
  assert.notEqual(texts[0], policy());
});

test("a mock is disposed by `using`", { skip: Symbol.dispose === undefined }, () => {
  const mock = mockGlueSecurity();
  mock[Symbol.dispose]();
  assert.ok(mock.closed);
});

// ---- other requests

test("other operations go to the next handler, unchanged", async (t) => {
  const mock = mockFor(t);
  const next = new OtherHandler();
  const glue = clientOf(mock, { next });
  assert.deepEqual((await send(glue, "ListJobs")).JobNames, ["j"]);
  const [[request]] = next.requests;
  assert.equal(request.headers["x-amz-target"], "AWSGlue.ListJobs");
  assert.equal(request.hostname, "glue.us-east-1.amazonaws.com");
  await names(glue);
  assert.equal(next.requests.length, 1);
  assert.deepEqual(mock.history.map(({ operation }) => operation), [
    "GetSecurityConfigurations",
  ]);
  glue.destroy();
  assert.equal(next.destroyed, 1);
  // A request of another service has no target.
  const options = { requestTimeout: 7 };
  const other = { method: "GET", path: "/bucket", headers: {} };
  await mock.requestHandler({ next }).handle(other, options);
  assert.deepEqual(next.requests.at(-1), [other, options]);
});

test("without a next handler other operations are errors", async (t) => {
  const glue = clientOf(mockFor(t), { next: null });
  await assert.rejects(send(glue, "ListJobs"), {
    name: "NoHandlerError",
    message: /does not know AWSGlue\.ListJobs/,
  });
  // The SDK's handler is not among the packages that this one finds here.
  await assert.rejects(send(clientOf(mockFor(t)), "ListJobs"), {
    name: "NoHandlerError",
    message: /@smithy\/node-http-handler is not found/,
  });
});

// ---- bodies

const BYTES = Buffer.from(REQUEST);
async function* parts() {
  yield BYTES.subarray(0, 10);
  yield REQUEST.slice(10);
}
for (const [name, body] of [
  ["a string", () => REQUEST],
  ["a Buffer", () => BYTES],
  ["a Uint8Array", () => new Uint8Array(BYTES)],
  ["a part of an array", () => new Uint8Array(Buffer.concat([BYTES, BYTES])).subarray(0, BYTES.length)],
  ["an ArrayBuffer", () => new Uint8Array(BYTES).buffer],
  ["a DataView", () => new DataView(new Uint8Array(BYTES).buffer)],
  ["shared memory", () => {
    const shared = new Uint8Array(new SharedArrayBuffer(BYTES.length));
    shared.set(BYTES);
    return shared;
  }],
  ["a stream", () => Readable.from([BYTES.subarray(0, 7), BYTES.subarray(7)])],
  ["a generator", parts],
  ["a stream of the web", () => new Blob([BYTES]).stream()],
  ["a Blob", () => new Blob([BYTES])],
]) {
  test(`the body of a request is ${name}`, async (t) => {
    const handler = mockFor(t).requestHandler();
    const { response } = await handler.handle({ headers: TARGET, body: body() });
    assert.equal(response.statusCode, 200, String(response.body));
    assert.match(String(response.body), /^\{"PolicyHash":/);
  });
}

test("bodies that are refused", async (t) => {
  const mock = mockFor(t);
  const handle = (body) => mock.requestHandler().handle({ headers: TARGET, body });
  for (const body of [7, true, {}, Symbol("s"), () => {}, Readable.from([{}]), Readable.from([7])]) {
    await assert.rejects(handle(body), TypeError);
  }
  async function* endless() {
    for (;;) yield Buffer.alloc(1 << 20);
  }
  await assert.rejects(handle(endless()), RangeError);
  const failing = new Readable({ read() { this.destroy(new Error("broken")); } });
  await assert.rejects(handle(failing), { message: "broken" });
  assert.deepEqual(mock.history, []);
  // More than the engine takes is an answer.
  const { response } = await handle(Buffer.alloc(1 << 20, " "));
  assert.equal(response.statusCode, 400);
  // No body is an empty text.
  assert.equal((await handle(undefined)).response.statusCode, 400);
});

// ---- control

test("the clock", (t) => {
  const { clock } = mockFor(t);
  assert.ok(Math.abs(clock.now - Date.now()) < 60_000);
  const time = new Date("2026-01-31T12:00:00.123Z");
  assert.deepEqual(clock.freeze(time), time);
  assert.ok(clock.frozen);
  assert.deepEqual(clock.advance(-0.123), new Date("2026-01-31T12:00:00Z"));
  assert.deepEqual(clock.now, new Date("2026-01-31T12:00:00Z"));
  assert.deepEqual(clock.set("2020-01-01T01:00:00+01:00"), new Date("2020-01-01T00:00:00Z"));
  assert.ok(clock.frozen);
  assert.ok(clock.restore() - time > 0);
  assert.equal(clock.frozen, false);
  assert.deepEqual(clock.freeze(), clock.now);
});

test("fault rules", async (t) => {
  const mock = mockFor(t);
  const { faults } = mock;
  assert.equal(faults.length, 0);
  const error = "GlueEncryptionException";
  const id = faults.add({ operation: "GetConnection", error, message: "m", skip: 1 });
  assert.equal(faults.length, 1);
  const call = () => send(clientOf(mock), "GetConnection", { Name: "n" });
  await assert.rejects(call(), { name: "EntityNotFoundException" });
  await assert.rejects(call(), { name: error, message: "m" });
  const [rule] = faults;
  assert.deepEqual([rule.id, rule.matched, rule.acted, rule.error], [id, 2, 1, error]);
  faults.clear();
  assert.deepEqual([...faults], []);
});

test("a lost connection is tried again by the SDK", async (t) => {
  const mock = mockFor(t);
  const glue = clientOf(mock, { maxAttempts: 3 });
  mock.faults.add({ operation: "CreateSecurityConfiguration", fault: "lose_answer" });
  await assert.rejects(create(glue, "n"), { name: "AlreadyExistsException" });
  mock.faults.add({ operation: "CreateSecurityConfiguration", fault: "lose_request" });
  await create(glue, "m");
  assert.deepEqual(await names(glue), ["m", "n"]);
});

test("snapshots and resets", async (t) => {
  const mock = mockFor(t);
  const glue = clientOf(mock);
  await create(glue, "n");
  mock.save();
  mock.save("other");
  mock.reset();
  assert.deepEqual(await names(glue), []);
  mock.restore("other");
  assert.deepEqual(await names(glue), ["n"]);
  assert.equal(mock.history.length, 2);
  assert.throws(() => mock.restore("none"), glueSecurity.SnapshotNotFoundError);
  assert.throws(() => mock.save("a/b"), glueSecurity.InvalidArgumentError);
  assert.deepEqual(await names(glue), ["n"]);
});

test("a history of several pages", async (t) => {
  const mock = mockFor(t, { policy_checks: "none" });
  const handler = mock.requestHandler();
  // An answer of the engine has at most 8 MiB.
  const body = JSON.stringify({ PolicyInJson: "x".repeat(10240) });
  for (let i = 0; i < 1000; ++i) await handler.handle({ headers: TARGET, body });
  assert.equal(mock.history.length, 1000);
  assert.equal(mock.history.leftOut, 0);
});

// ---- delays and aborts

const DELAY = { operation: "GetSecurityConfigurations", fault: "none", delay_seconds: 600 };

test("a delay is waited for", async (t) => {
  const mock = mockFor(t);
  mock.faults.add({ ...DELAY, delay_seconds: 0.01 });
  assert.deepEqual(await names(clientOf(mock)), []);
});

test("a request that is aborted", async (t) => {
  const mock = mockFor(t);
  const handler = mock.requestHandler();
  const request = { headers: { "x-amz-target": "AWSGlue.GetSecurityConfigurations" }, body: "{}" };
  const aborted = { name: "AbortError", message: "Request aborted" };
  await assert.rejects(handler.handle(request, { abortSignal: AbortSignal.abort() }), aborted);
  assert.deepEqual(mock.history, []);
  // While it waits, after the call was executed.
  mock.faults.add({ ...DELAY, count: "forever" });
  const controller = new AbortController();
  const waiting = handler.handle(request, { abortSignal: controller.signal });
  controller.abort(new Error("why"));
  await assert.rejects(waiting, { ...aborted, cause: controller.signal.reason });
  assert.equal(mock.history.length, 1);
  // While its body is read, before.
  const other = new AbortController();
  const body = new Readable({ read() {} });
  const reading = handler.handle({ ...request, body }, { abortSignal: other.signal });
  other.abort();
  await assert.rejects(reading, aborted);
  assert.equal(mock.history.length, 1);
  // The older kind of signal.
  const old = { aborted: false };
  const third = handler.handle(request, { abortSignal: old });
  await null;
  old.onabort();
  await assert.rejects(third, aborted);
  // A timeout of the request.
  await assert.rejects(handler.handle(request, { requestTimeout: 5 }), {
    name: "TimeoutError",
    code: "ETIMEDOUT",
  });
});

// ---- the end

test("a closed mock", async () => {
  const mock = mockGlueSecurity();
  const glue = clientOf(mock);
  const { clock, faults } = mock;
  assert.equal(mock.closed, false);
  mock.close();
  mock.close();
  assert.equal(mock.closed, true);
  for (const use of [
    () => mock.reset(),
    () => mock.save(),
    () => mock.restore(),
    () => mock.history,
    () => clock.now,
    () => clock.frozen,
    () => clock.set("2026-01-31T12:00:00Z"),
    () => clock.advance(1),
    () => clock.restore(),
    () => faults.add({}),
    () => faults.clear(),
    () => faults.length,
    () => [...faults],
  ]) {
    assert.throws(use, { name: "NotActiveError", message: "the mock is closed" }, String(use));
  }
  await assert.rejects(names(glue), { name: "NotActiveError" });
});

test("a mock that is closed under calls", async (t) => {
  const mock = mockFor(t);
  mock.faults.add({ ...DELAY, delay_seconds: 0.05 });
  const glue = clientOf(mock);
  const calls = [names(glue), names(glue), names(glue)];
  await new Promise(setImmediate);
  mock.close();
  const results = await Promise.allSettled(calls);
  for (const { status, reason } of results) {
    assert.ok(status === "fulfilled" || reason.name === "NotActiveError", String(reason));
  }
  // An answer that waits for its delay comes, although the mock is closed.
  const handler = mockFor(t);
  handler.faults.add({ ...DELAY, delay_seconds: 0.05 });
  const waiting = names(clientOf(handler));
  while (handler.history.length === 0) await new Promise(setImmediate);
  handler.close();
  assert.deepEqual(await waiting, []);
});

// ---- policies

test("policies are checked", () => {
  assert.deepEqual(checkPolicy(policy()), []);
  assert.deepEqual(checkPolicy(JSON.parse(reprinted(policy()))), []);
  assert.equal(checkPolicy("{}")[0].message, "a policy needs a Statement");
  assert.deepEqual(checkPolicy("{}", { level: "json" }), []);
  assert.equal(checkPolicy("{")[0].code, "JSON_SYNTAX_ERROR");
});

test("policies decide", () => {
  const request = {
    caller: "arn:aws:iam::210987654321:user/u",
    action: "glue:GetTable",
    resource: "arn:aws:glue:us-east-1:111122223333:catalog",
    account: "111122223333",
    identity: "allow",
  };
  assert.equal(decide(policy(), request).decision, "allow");
  const denied = decide(policy().replace("Allow", "Deny"), request);
  assert.equal(denied.decision, "explicit_deny");
  assert.equal(denied.statements.length, 1);
  const conditional = JSON.parse(policy());
  const key = "aws:PrincipalTag/t";
  conditional.Statement[0].Condition = { StringEquals: { [key]: ["a", "b"] } };
  const by = (more) => decide(conditional, { ...request, ...more }).decision;
  assert.equal(by({ context: { [key]: "a" } }), "allow");
  assert.equal(by({ context: { [key]: ["c"] } }), "implicit_deny");
  assert.equal(by({ unknown: [key] }), "undecided");
  assert.equal(by({ context: { [key]: "a" }, region: undefined }), "allow");
  assert.throws(() => decide("{}", request), (error) => {
    assert.ok(error instanceof glueSecurity.PolicyError);
    assert.ok(error instanceof glueSecurity.InvalidArgumentError);
    assert.equal(error.findings[0].code, "MISSING_STATEMENT");
    return true;
  });
});

// ---- wrong arguments

const { InvalidArgumentError, StorageError } = glueSecurity;
const REQUIRED = { caller: "c", action: "a", resource: "r" };

for (const [error, call] of [
  [TypeError, () => mockGlueSecurity(null)],
  [TypeError, () => mockGlueSecurity("documented")],
  [TypeError, () => mockGlueSecurity([])],
  [TypeError, () => mockGlueSecurity({ storage: {} })],
  [TypeError, () => mockGlueSecurity({ page_size_default: 1.5 })],
  [TypeError, () => mockGlueSecurity({ page_size_default: NaN })],
  [TypeError, () => mockGlueSecurity({ principals: ["k"] })],
  [TypeError, () => mockGlueSecurity({ principals: { k: "alice" } })],
  [TypeError, () => mockGlueSecurity({ principals: { k: 7 } })],
  [TypeError, () => mockGlueSecurity({ principals: { k: "arn:aws:iam::1234:user/alice" } })],
  [TypeError, () => mockGlueSecurity({ principals: new Map() })],
  [TypeError, () => mockGlueSecurity(new Map())],
  [InvalidArgumentError, () => mockGlueSecurity({ no_such_option: 1 })],
  [InvalidArgumentError, () => mockGlueSecurity({ behavior: "best" })],
  [InvalidArgumentError, () => mockGlueSecurity({ page_size_default: 0 })],
  [InvalidArgumentError, () => mockGlueSecurity({ account: "1" })],
  [InvalidArgumentError, () => mockGlueSecurity({ storage: "etcd://localhost" })],
  [StorageError, () => mockGlueSecurity({ storage: "sqlite:/no/such/folder/records" })],
  [TypeError, (mock) => mock.requestHandler({ next: {} })],
  [TypeError, (mock) => mock.requestHandler({ next: "network" })],
  [TypeError, (mock) => mock.clientConfig({ account: "1234" })],
  [TypeError, (mock) => mock.clientConfig({ region: 7 })],
  [TypeError, (mock) => mock.save(7)],
  [TypeError, (mock) => mock.restore({})],
  [InvalidArgumentError, (mock) => mock.save("x".repeat(129))],
  [TypeError, (mock) => mock.clock.set()],
  [TypeError, (mock) => mock.clock.set(7)],
  [RangeError, (mock) => mock.clock.set(new Date(NaN))],
  [InvalidArgumentError, (mock) => mock.clock.set("yesterday")],
  [InvalidArgumentError, (mock) => mock.clock.freeze("9999-99-99T00:00:00Z")],
  [TypeError, (mock) => mock.clock.advance("1")],
  [TypeError, (mock) => mock.clock.advance(1n)],
  [InvalidArgumentError, (mock) => mock.clock.advance(NaN)],
  [InvalidArgumentError, (mock) => mock.clock.advance(1e300)],
  [TypeError, (mock) => mock.faults.add()],
  [TypeError, (mock) => mock.faults.add("GetConnection")],
  [TypeError, (mock) => mock.faults.add(new Map())],
  [InvalidArgumentError, (mock) => mock.faults.add({ operation: "ListJobs" })],
  [InvalidArgumentError, (mock) => mock.faults.add({ operations: "GetConnection" })],
  [InvalidArgumentError, (mock) => mock.faults.add({ count: -1 })],
  [RangeError, (mock) => mock.faults.add({ delay_seconds: Infinity })],
  [TypeError, () => checkPolicy()],
  [TypeError, () => checkPolicy(7)],
  [TypeError, () => checkPolicy([])],
  [TypeError, () => checkPolicy(new Map())],
  [TypeError, () => checkPolicy("{}", new Map())],
  [TypeError, () => checkPolicy("{}", null)],
  [TypeError, () => checkPolicy("{}", { role_arn: "a" })],
  [TypeError, () => checkPolicy("{}", { level: 7 })],
  [InvalidArgumentError, () => checkPolicy("{}", { level: "best" })],
  [InvalidArgumentError, () => checkPolicy("{}", { caller: "c" })],
  [InvalidArgumentError, () => decide(policy())],
  [InvalidArgumentError, () => decide(policy(), {})],
  [TypeError, () => decide(policy(), { ...REQUIRED, caller: 7 })],
  [TypeError, () => decide(policy(), { ...REQUIRED, context: 7 })],
  [TypeError, () => decide(policy(), { ...REQUIRED, context: new Map() })],
  [TypeError, () => decide(policy(), { ...REQUIRED, context: { k: 7 } })],
  [TypeError, () => decide(policy(), { ...REQUIRED, unknown: "k" })],
  [TypeError, () => decide(policy(), { ...REQUIRED, unknown: [7] })],
  [TypeError, () => decide(policy(), { ...REQUIRED, more: "k" })],
  [InvalidArgumentError, () => decide(policy(), REQUIRED)],
]) {
  test(`refused: ${String(call).replace(/^\(\w*\) => /, "")}`, (t) => {
    const mock = mockFor(t);
    assert.throws(() => call(mock), (thrown) => {
      assert.ok(thrown instanceof error, `${thrown.stack}, not ${error.name}`);
      assert.notEqual(thrown.message, "");
      return true;
    });
    // Nothing has changed.
    assert.deepEqual([...mock.faults], []);
    assert.equal(mock.clock.frozen, false);
  });
}

test("the addon takes no wrong argument, and ends no process", () => {
  addon.load(join(PACKAGE, "native/libglue_security_c.so.0"));
  const { engine } = addon.open([]);
  const detached = new Uint8Array(8);
  structuredClone(detached, { transfer: [detached.buffer] });
  const values = [
    undefined, null, true, 1, NaN, 1n, "x", "\ud800", Symbol("s"), {}, [], () => 1, ["a", "b"],
    ["a"], [1, 2], new Array(3000), new Uint8Array(3), new Uint8Array(new SharedArrayBuffer(3)),
    new Uint16Array(2), new Float64Array(1), new DataView(new ArrayBuffer(2)),
    new ArrayBuffer(4), Buffer.from("{}"), detached, new Proxy({}, {}), new Proxy([], {}),
    Object.create(engine), new Proxy(engine, {}), addon, new Date(), new Map(),
    Object.freeze({}), { engine }, "x".repeat(1000),
  ];
  let refused = 0;
  for (const [name, call] of Object.entries(addon)) {
    for (const [i, one] of values.entries()) {
      for (const other of values.filter((_, j) => (i + j) % 5 === 0)) {
        for (const given of [[], [one], [one, other], [engine, one, other],
          [engine, "", "", "", one, other], [engine, one, other, "", "", ""], [["a", "b"], one],
          [other, "", "", "", "", "{}"]]) {
          if (name === "close" && given[0] === engine) continue;
          try {
            const answer = call(...given);
            if (answer?.engine) addon.close(answer.engine);
          } catch (error) {
            refused += 1;
            const expected = name === "load" ? Error : TypeError;
            assert.ok(error instanceof expected, `${name}: ${error.stack}`);
          }
        }
      }
    }
  }
  assert.ok(refused > 10_000, String(refused));
  // The engine works, and each exception of a getter comes through.
  assert.equal(addon.call(engine, "", "", "", "AWSGlue.GetConnections", "{}").httpStatus, 200);
  const throwing = ["a", "b"];
  Object.defineProperty(throwing, 0, { get() { throw new SyntaxError("mine"); } });
  assert.throws(() => addon.open(throwing), { name: "SyntaxError", message: "mine" });
  addon.close(engine);
  addon.close(engine);
  assert.equal(addon.reset(engine).code, 2);
  assert.equal(addon.call(engine, "", "", "", "AWSGlue.GetConnections", "{}").code, 2);
});

test("large inputs are refused early", async (t) => {
  // Its pages are never touched.
  const bytes = new Uint8Array((1 << 30) + 1);
  const handler = mockFor(t).requestHandler();
  await assert.rejects(handler.handle({ headers: TARGET, body: bytes }), {
    name: "RangeError",
    message: "a text has more than 1 GiB",
  });
  const many = Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [`k${i}`, "v"]));
  assert.throws(() => mockGlueSecurity(many), { message: /more than 1,000 options/ });
  assert.equal(checkPolicy("[".repeat(1_000_000)).length, 1);
});
