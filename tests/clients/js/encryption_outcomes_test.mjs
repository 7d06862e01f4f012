// The AWS SDK for JavaScript v3, unmodified, and the table proper of what the encryption
// settings do: the group `cell` of tests/data/encryption_outcomes.txt, whose head defines
// the words. The server is held to each row that the wire can show, in the columns
// `result`, `kms_error`, `status`, `shown`, and `changed` and `stored_password` as far as
// a later read tells.
//
// Usage: node encryption_outcomes_test.mjs SERVER

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

import * as glueSdk from "@aws-sdk/client-glue";
import * as kmsSdk from "@aws-sdk/client-kms";

import { ACCOUNT, Server } from "./harness.mjs";

// The rows of the group.
const ROWS = 1750;
// Those that the wire cannot show: the encrypted data key of a sealed object cannot be
// replaced.
const LEFT_OUT = 80;
// With a sanitizer every 11th row is played. Neither the number of states nor that of
// operations divides it, so that all of them are among these rows.
const STEP = process.env.GLUE_SECURITY_SHORT_TESTS === undefined ? 1 : 11;
const FILE = new URL("../../data/encryption_outcomes.txt", import.meta.url);
const KEYS = ["P1", "P2", "C1", "C2", "G"];
const NAME = "orders";

let server;
let glue;
let kms;
// The ARNs of the keys, and of those that sign, by the names of the table.
const keys = {};
const signingKeys = {};
let keyPolicy;
// The catalogs as they are before an operation, by the words that made them.
const bases = new Map();

function readRows() {
  const lines = readFileSync(FILE, "ascii")
    .split("\n")
    .filter((line) => line !== "" && line[0] !== "#");
  const [names, ...rows] = lines.map((line) => line.split("|"));
  return rows.map((words) => {
    assert.equal(words.length, names.length);
    return Object.fromEntries(words.map((word, i) => [names[i], word]));
  });
}

function nameOf(row) {
  return Object.values(row).slice(0, 8).join("|");
}

const seals = (settings) => settings === "catalog" || settings === "both";
const flags = (settings) => settings === "flag" || settings === "both";
const protects = (settings) => flags(settings) || settings === "key";
const isRead = (row) => /^(get|list)/.test(row.operation);
const textOf = (column) => `the password of ${column}`;

function isLeftOut(row) {
  return row.key === "context" && row.existing !== "-" && seals(row.before);
}

// Returns true when the stored ENCRYPTED_PASSWORD belongs to another context.
function hasOtherContext(row) {
  return row.key === "context" && row.existing === "password" && protects(row.before);
}

function callKms(operation, members = {}) {
  return kms.send(new kmsSdk[`${operation}Command`](members));
}

function callGlue(operation, members = {}) {
  return glue.send(new glueSdk[`${operation}Command`](members));
}

async function makeKeys() {
  const make = async (members) => (await callKms("CreateKey", members)).KeyMetadata.Arn;
  for (const name of KEYS) keys[name] = await make({});
  for (const name of ["P2", "C2"]) {
    signingKeys[name] = await make({ KeySpec: "RSA_2048", KeyUsage: "SIGN_VERIFY" });
  }
  keyPolicy = JSON.parse((await callKms("GetKeyPolicy", { KeyId: keys.P1 })).Policy);
}

// Steps 1 to 3.

function putSettings(word, passwordKey, catalogKey) {
  return callGlue("PutDataCatalogEncryptionSettings", {
    DataCatalogEncryptionSettings: {
      EncryptionAtRest: seals(word)
        ? { CatalogEncryptionMode: "SSE-KMS", SseAwsKmsKeyId: catalogKey }
        : { CatalogEncryptionMode: "DISABLED" },
      ConnectionPasswordEncryption: {
        ReturnConnectionPasswordEncrypted: flags(word),
        AwsKmsKeyId: protects(word) ? passwordKey : undefined,
      },
    },
  });
}

// Returns what step 2 gives, or step 5. The description says which of them.
async function inputOf(row, column) {
  const ConnectionProperties = { USERNAME: "scott" };
  if (column === "existing" && hasOtherContext(row)) {
    // It comes in as it is to be stored.
    const { CiphertextBlob } = await callKms("Encrypt", {
      KeyId: keys.P1,
      Plaintext: Buffer.from(textOf(column)),
      EncryptionContext: { a: "b" },
    });
    ConnectionProperties.ENCRYPTED_PASSWORD = Buffer.from(CiphertextBlob).toString("base64");
  } else if (row[column] === "password") {
    ConnectionProperties.PASSWORD = textOf(column);
  } else {
    assert.equal(row[column], "without");
  }
  return { Name: NAME, Description: column, ConnectionType: "JDBC", ConnectionProperties };
}

// Returns the catalog that steps 1 to 3 of a row make: its snapshot, the
// ENCRYPTED_PASSWORD that is stored, if the settings show it, and the connection's time.
async function baseOf(row) {
  const signs = row.key === "wrong";
  const madeOf = [row.before, row.existing, row.after, signs, hasOtherContext(row)].join("|");
  if (bases.has(madeOf)) return bases.get(madeOf);
  const base = { snapshot: `base${bases.size}` };
  bases.set(madeOf, base);
  await server.control("POST", "/snapshots/empty/restore");
  await putSettings(row.before, keys.P1, keys.C1);
  const exists = row.existing !== "-";
  if (exists) {
    await callGlue("CreateConnection", { ConnectionInput: await inputOf(row, "existing") });
  }
  const second = signs ? signingKeys : keys;
  await putSettings(row.after, second.P2, second.C2);
  await server.control("PUT", `/snapshots/${base.snapshot}`);
  if (exists) {
    const { Connection } = await callGlue("GetConnection", {
      Name: NAME,
      HidePassword: !flags(row.after),
    });
    base.stored = Connection.ConnectionProperties.ENCRYPTED_PASSWORD;
    base.updated = Connection.LastUpdatedTime;
  }
  return base;
}

// Step 4. Gives all keys the state, or takes it away.

async function putPolicies(...statements) {
  const Policy = JSON.stringify({
    ...keyPolicy,
    Statement: [...keyPolicy.Statement, ...statements],
  });
  for (const KeyId of Object.values(keys)) await callKms("PutKeyPolicy", { KeyId, Policy });
}

async function onAllKeys(operation) {
  for (const KeyId of Object.values(keys)) await callKms(operation, { KeyId });
}

const STATES = {
  fine: [async () => {}, async () => {}],
  wrong: [async () => {}, async () => {}],
  context: [async () => {}, async () => {}],
  denied: [
    () =>
      putPolicies({
        Effect: "Deny",
        Principal: "*",
        Action: ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey", "kms:DescribeKey"],
        Resource: "*",
      }),
    () => putPolicies(),
  ],
  disabled: [() => onAllKeys("DisableKey"), () => onAllKeys("EnableKey")],
  pending: [
    () => onAllKeys("ScheduleKeyDeletion"),
    async () => {
      await onAllKeys("CancelKeyDeletion");
      await onAllKeys("EnableKey");
    },
  ],
  timeout: [
    () =>
      server.control("POST", "/faults", {
        key_call: "any",
        via: "glue",
        fault: "lose_request",
        count: "forever",
      }),
    () => server.control("DELETE", "/faults"),
  ],
};

// Steps 5 and 6.

// Returns the answer of the operation, or the error.
async function operate(row) {
  const input = row.input === "-" ? undefined : await inputOf(row, "input");
  const [operation, members] = {
    create: ["CreateConnection", { ConnectionInput: input }],
    update: ["UpdateConnection", { Name: NAME, ConnectionInput: input }],
    get: ["GetConnection", { Name: NAME }],
    "get-hidden": ["GetConnection", { Name: NAME, HidePassword: true }],
    list: ["GetConnections", {}],
  }[row.operation];
  return callGlue(operation, members).catch((error) => error);
}

// Returns the words of an answer.
function outcomeOf(answer, base) {
  const outcome = { result: "success", kms_error: "-", status: "-", shown: "-" };
  if (answer instanceof Error) {
    outcome.result = answer.name;
    const found =
      /^(.*) \(Service: AWSKMS; Status Code: (\d+); Error Code: (\w+); Request ID: [0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}; Proxy: null\)$/s.exec(
        answer.message,
      );
    if (found === null) return { ...outcome, kms_error: answer.message };
    assert.ok(answer instanceof glueSdk.GlueEncryptionException);
    assert.equal(answer.$metadata.httpStatusCode, 400);
    [, , outcome.status, outcome.kms_error] = found;
    if (outcome.kms_error === "InvalidCiphertextException") assert.equal(found[1], "null");
    return outcome;
  }
  if (answer.ConnectionList !== undefined) assert.equal(answer.ConnectionList.length, 1);
  const shown = answer.Connection ?? answer.ConnectionList?.[0];
  if (shown === undefined) return outcome;
  const { USERNAME, ...properties } = shown.ConnectionProperties;
  assert.equal(USERNAME, "scott");
  outcome.shown = JSON.stringify(properties);
  for (const [word, expected] of [
    ["neither", {}],
    ["clear", { PASSWORD: textOf("existing") }],
    ["encrypted", { ENCRYPTED_PASSWORD: base.stored }],
  ]) {
    if (outcome.shown === JSON.stringify(expected)) outcome.shown = word;
  }
  return outcome;
}

function checkAnswer(row, base, answer) {
  const actual = outcomeOf(answer, base);
  for (const [column, word] of Object.entries(actual)) {
    if (row[column] !== "?") assert.equal(word, row[column], column);
  }
  // What is shown of a password stored in clear is not settled.
  if (row.notes.includes("n2")) {
    assert.ok(!JSON.stringify(answer).includes("ENCRYPTED_PASSWORD"));
  }
}

// Returns true when a read with the settings cannot decrypt what is stored.
function isUndecipherable(row) {
  return row.changed === "no" && hasOtherContext(row) && !flags(row.after);
}

// Returns what a later read shows, or the error. Of a connection with a password that
// cannot be decrypted the rest is read.
function look(row) {
  const members = { Name: NAME, HidePassword: isUndecipherable(row) };
  return callGlue("GetConnection", members).catch((error) => error);
}

// Checks what a later read shows: the connection of step 2, or of step 5.
function checkLook(row, base, seen) {
  if (row.stored_object === "-") {
    assert.ok(seen instanceof glueSdk.EntityNotFoundException, seen);
    return;
  }
  if (seen instanceof Error) throw seen;
  const column = row.changed === "yes" ? "input" : "existing";
  const flag = flags(row.after);
  const { Description, LastUpdatedTime, ConnectionProperties } = seen.Connection;
  assert.equal(Description, column);
  if (column === "existing") assert.deepEqual(LastUpdatedTime, base.updated);
  const { USERNAME, ...properties } = ConnectionProperties;
  assert.equal(USERNAME, "scott");
  if (row.stored_password === "none" || isUndecipherable(row)) {
    assert.deepEqual(properties, {});
  } else if (!flag) {
    assert.deepEqual(properties, { PASSWORD: textOf(column) });
  } else if (row.stored_password === "clear") {
    assert.ok(!("ENCRYPTED_PASSWORD" in properties));
  } else if (column === "existing") {
    assert.deepEqual(properties, { ENCRYPTED_PASSWORD: base.stored });
  } else {
    assert.deepEqual(Object.keys(properties), ["ENCRYPTED_PASSWORD"]);
    assert.notEqual(properties.ENCRYPTED_PASSWORD, base.stored);
  }
}

// Takes the rows of a state through their steps. Returns how many failed.
async function play(state, rows) {
  const turns = [];
  for (const row of rows) {
    const base = await baseOf(row);
    const last = turns.at(-1);
    // Reads of one catalog follow one another on it. The later read tells what any of
    // them has changed.
    if (last?.base === base && isRead(row) && isRead(last.rows[0])) {
      last.rows.push(row);
    } else {
      turns.push({ base, rows: [row] });
    }
  }
  const failed = new Set();
  const check = async (row, judge) => {
    try {
      await judge();
    } catch (thrown) {
      failed.add(row);
      console.log(`FAILED  ${nameOf(row)}\n`, thrown);
    }
  };
  const [strike, heal] = STATES[state];
  await strike();
  for (const [number, turn] of turns.entries()) {
    await server.control("POST", `/snapshots/${turn.base.snapshot}/restore`);
    for (const row of turn.rows) {
      const answer = await operate(row);
      await check(row, () => checkAnswer(row, turn.base, answer));
    }
    await server.control("PUT", `/snapshots/turn${number}`);
  }
  await heal();
  for (const [number, turn] of turns.entries()) {
    await server.control("POST", `/snapshots/turn${number}/restore`);
    const seen = await look(turn.rows[0]);
    for (const row of turn.rows) await check(row, () => checkLook(row, turn.base, seen));
  }
  return failed.size;
}

let failed = 0;
let played = 0;
const cells = readRows().filter((row) => row.group === "cell");
const shown = cells.filter((row) => !isLeftOut(row));
assert.ok(cells.every((row) => row.struck === "all"));
server = await Server.start("--snapshot-limit=10000");
try {
  const configuration = {
    endpoint: server.url,
    region: "us-east-1",
    credentials: { accessKeyId: ACCOUNT, secretAccessKey: "secret" },
    maxAttempts: 1,
  };
  glue = new glueSdk.GlueClient(configuration);
  kms = new kmsSdk.KMSClient(configuration);
  await server.control("PUT", "/snapshots/empty");
  await makeKeys();
  for (const state of Object.keys(STATES)) {
    const rows = shown.filter((row, i) => i % STEP === 0 && row.key === state);
    played += rows.length;
    const failures = await play(state, rows);
    failed += failures;
    console.log(`${failures === 0 ? "ok     " : "FAILED "} ${state}: ${rows.length} rows`);
  }
} finally {
  glue?.destroy();
  kms?.destroy();
  const status = await server.stop();
  if (status !== 0) {
    failed += 1;
    console.log(`FAILED  the server ended with ${status}`);
  }
}
// None is lost silently.
assert.deepEqual([cells.length, cells.length - shown.length], [ROWS, LEFT_OUT]);
assert.equal(played, Math.ceil((ROWS - LEFT_OUT) / STEP));
console.log(`node ${process.version}: ${played} rows of ${ROWS}, ${failed} failures`);
process.exitCode = failed === 0 ? 0 : 1;
