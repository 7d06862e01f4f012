// The AWS SDK for JavaScript v3, unmodified, against the server in each of its
// behaviors: all operations, errors, pages.
//
// Usage: node sdk_test.mjs SERVER

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import * as sdk from "@aws-sdk/client-glue";

import { ACCOUNT, OPERATIONS, policy, reprinted, Server } from "./harness.mjs";

const OTHER_ACCOUNT = "444455556666";
const CONFIGURATIONS_MAX = 250;
const SETTINGS_DEFAULT = {
  EncryptionAtRest: { CatalogEncryptionMode: "DISABLED" },
  ConnectionPasswordEncryption: { ReturnConnectionPasswordEncrypted: false },
};

const KEY = "arn:aws:kms:us-east-1:1:key/k";
// The operations of the contract.
const CONTRACT = Object.keys(OPERATIONS).filter((name) => !("since" in OPERATIONS[name]));

// The expectations that differ between the behaviors.
const OBSERVED = {
  flags: ["--behavior=observed"],
  // The exception of a broken constraint.
  constraint: "ValidationException",
  // The form in which a policy comes back.
  shown: reprinted,
  // The answer to a policy of 10241 bytes, not counting blanks.
  tooLong: ["ValidationException", "length less than or equal to 10240"],
  // The members of keys that nobody gave.
  defaultKey: "alias/aws/glue",
  // The texts of a configuration that exists, and of one that does not. The service's are
  // empty, and the SDK then has one of its own.
  exists: () => "UnknownError",
  missing: () => "UnknownError",
  lastToken: "",
  pageSizeMax: 200,
  recordedRules: true,
  operations: CONTRACT,
  errors: 58,
};
const CURRENT = {
  ...OBSERVED,
  // The server's default.
  flags: [],
  tooLong: ["InvalidInputException", "has 10241 bytes, more than the limit of 10240"],
  operations: Object.keys(OPERATIONS),
  errors: 62,
};
const DOCUMENTED = {
  ...OBSERVED,
  flags: ["--behavior=documented"],
  constraint: "InvalidInputException",
  shown: (text) => text,
  tooLong: ["InvalidInputException", "length less than or equal to 10240"],
  defaultKey: undefined,
  exists: (quoted) => `security configuration "${quoted}" already exists`,
  missing: (quoted) => `security configuration "${quoted}" does not exist`,
  lastToken: undefined,
  pageSizeMax: 1000,
  recordedRules: false,
};

let behavior; // the expectations of the server's
let server; // all tests use one
let glue; // its usual client

function client({ account = ACCOUNT, region = "us-east-1", maxAttempts = 1 } = {}) {
  return new sdk.GlueClient({
    endpoint: server.url,
    region,
    credentials: { accessKeyId: account, secretAccessKey: "secret" },
    maxAttempts,
  });
}

function send(operation, request = {}, by = glue) {
  return by.send(new sdk[`${operation}Command`](request));
}

// Makes a call that must fail; returns the thrown error.
async function thrownBy(operation, request, by) {
  try {
    await send(operation, request, by);
  } catch (thrown) {
    return thrown;
  }
  return assert.fail(`${operation} did not fail`);
}

// Makes a call that must fail with the SDK's class for `error`; returns the
// message.
async function fails(error, operation, request, by) {
  const thrown = await thrownBy(operation, request, by);
  assert.ok(thrown instanceof sdk[error], `${operation}: ${thrown}, not ${error}`);
  // The SDK's instanceof compares names only.
  assert.equal(thrown.constructor, sdk[error]);
  assert.equal(thrown.name, error);
  assert.equal(thrown.$metadata.attempts, 1);
  return thrown.message;
}

function isDate(value) {
  assert.ok(value instanceof Date, `${value} is no Date`);
  assert.ok(!Number.isNaN(value.getTime()));
}

async function settingsOf(by) {
  const got = await send("GetDataCatalogEncryptionSettings", {}, by);
  return got.DataCatalogEncryptionSettings;
}

async function testEncryptionSettings() {
  assert.deepEqual(await settingsOf(), SETTINGS_DEFAULT);
  const settings = {
    EncryptionAtRest: {
      CatalogEncryptionMode: sdk.CatalogEncryptionMode.SSEKMS,
      SseAwsKmsKeyId: "alias/schl\u00fcssel",
    },
    ConnectionPasswordEncryption: {
      ReturnConnectionPasswordEncrypted: true,
      AwsKmsKeyId: "key",
    },
  };
  await send("PutDataCatalogEncryptionSettings", { DataCatalogEncryptionSettings: settings });
  assert.deepEqual(await settingsOf(), settings);
  await send("PutDataCatalogEncryptionSettings", { DataCatalogEncryptionSettings: {} });
  assert.deepEqual(await settingsOf(), SETTINGS_DEFAULT);
}

async function testKeysThatAreNotGiven() {
  const at = { CatalogEncryptionMode: "SSE-KMS" };
  const passwords = { ReturnConnectionPasswordEncrypted: true };
  await send("PutDataCatalogEncryptionSettings", {
    DataCatalogEncryptionSettings: {
      EncryptionAtRest: at,
      ConnectionPasswordEncryption: passwords,
    },
  });
  const key = behavior.defaultKey;
  assert.deepEqual(await settingsOf(), {
    EncryptionAtRest: key === undefined ? at : { ...at, SseAwsKmsKeyId: key },
    ConnectionPasswordEncryption:
      key === undefined ? passwords : { ...passwords, AwsKmsKeyId: key },
  });
}

async function testResourcePolicy() {
  const PolicyInJson = policy();
  assert.equal(await fails("EntityNotFoundException", "GetResourcePolicy"), "Policy not found");
  await fails("EntityNotFoundException", "DeleteResourcePolicy");
  const create = { PolicyInJson, PolicyExistsCondition: sdk.ExistCondition.NOT_EXIST };
  const first = (await send("PutResourcePolicy", create)).PolicyHash;
  await fails("ConditionCheckFailureException", "PutResourcePolicy", create);
  const got = await send("GetResourcePolicy");
  assert.equal(got.PolicyInJson, behavior.shown(PolicyInJson));
  assert.equal(got.PolicyHash, first);
  isDate(got.CreateTime);
  isDate(got.UpdateTime);
  assert.deepEqual(got.CreateTime, got.UpdateTime);
  await fails("ConditionCheckFailureException", "PutResourcePolicy", {
    PolicyInJson,
    PolicyHashCondition: "stale",
  });
  const second = (
    await send("PutResourcePolicy", {
      PolicyInJson: PolicyInJson.replace("Allow", "Deny"),
      PolicyHashCondition: first,
      PolicyExistsCondition: "MUST_EXIST",
    })
  ).PolicyHash;
  assert.equal(typeof second, "string");
  assert.notEqual(first, second);
  const stale = { PolicyHashCondition: first };
  await fails("ConditionCheckFailureException", "DeleteResourcePolicy", stale);
  assert.equal((await send("GetResourcePolicy")).PolicyHash, second);
  await send("DeleteResourcePolicy", { PolicyHashCondition: second });
  await fails("EntityNotFoundException", "GetResourcePolicy");
}

async function testPolicyOf10240Bytes() {
  const text = policy({ size: 10240 });
  assert.equal(Buffer.byteLength(text), 10240);
  await send("PutResourcePolicy", { PolicyInJson: text });
  const before = await send("GetResourcePolicy");
  assert.equal(before.PolicyInJson, behavior.shown(text));
  const [error, words] = behavior.tooLong;
  const message = await fails(error, "PutResourcePolicy", {
    PolicyInJson: policy({ size: 10241 }),
  });
  assert.ok(message.includes(words), message);
  const { $metadata: _, ...after } = await send("GetResourcePolicy");
  const { $metadata: __, ...expected } = before;
  assert.deepEqual(after, expected);
}

async function testTimesAreTheServers() {
  await server.control("PUT", "/clock", { now: "2019-09-01T00:00:00.123Z", frozen: true });
  await send("PutResourcePolicy", { PolicyInJson: policy() });
  await server.control("POST", "/clock/advance", { seconds: 1.5 });
  await send("PutResourcePolicy", { PolicyInJson: policy() });
  const got = await send("GetResourcePolicy");
  assert.deepEqual(got.CreateTime, new Date("2019-09-01T00:00:00.123Z"));
  assert.deepEqual(got.UpdateTime, new Date("2019-09-01T00:00:01.623Z"));
}

async function testSecurityConfigurations() {
  const names = ["\u00fcn\u00efcode \u{1f600} \"quoted\" \\", "\u{1f469}\u200d\u{1f52c}", "'"];
  const configuration = {
    S3Encryption: [{ S3EncryptionMode: sdk.S3EncryptionMode.SSEKMS, KmsKeyArn: KEY }],
    CloudWatchEncryption: {},
    JobBookmarksEncryption: { JobBookmarksEncryptionMode: "CSE-KMS", KmsKeyArn: KEY },
  };
  for (const Name of names) {
    const create = { Name, EncryptionConfiguration: configuration };
    const created = await send("CreateSecurityConfiguration", create);
    assert.equal(created.Name, Name);
    isDate(created.CreatedTimestamp);
    const got = (await send("GetSecurityConfiguration", { Name })).SecurityConfiguration;
    // The two structures spell the time differently.
    assert.deepEqual(got, {
      Name,
      CreatedTimeStamp: created.CreatedTimestamp,
      EncryptionConfiguration: configuration,
    });
    const listed = (await send("GetSecurityConfigurations")).SecurityConfigurations;
    assert.deepEqual(listed, [got]);
    const quoted = JSON.stringify(Name).slice(1, -1);
    assert.equal(
      await fails("AlreadyExistsException", "CreateSecurityConfiguration", create),
      behavior.exists(quoted),
    );
    await send("DeleteSecurityConfiguration", { Name });
    for (const operation of ["GetSecurityConfiguration", "DeleteSecurityConfiguration"]) {
      const message = await fails("EntityNotFoundException", operation, { Name });
      assert.equal(message, behavior.missing(quoted));
    }
    assert.deepEqual((await send("GetSecurityConfigurations")).SecurityConfigurations, []);
  }
}

async function testEncryptionsThatTheServiceRefuses() {
  for (const [EncryptionConfiguration, words] of [
    [
      { S3Encryption: [{ S3EncryptionMode: "SSE-S3" }, { S3EncryptionMode: "SSE-S3" }] },
      "S3 EncryptionConfiguration list cannot be greater than one",
    ],
    [
      { JobBookmarksEncryption: { JobBookmarksEncryptionMode: "CSE-KMS" } },
      "kmsKeyArn can only be empty for jobBookmarksEncryptionMode CSE_KMS",
    ],
  ]) {
    const create = { Name: "n", EncryptionConfiguration };
    if (behavior.recordedRules) {
      const message = await fails("InvalidInputException", "CreateSecurityConfiguration", create);
      assert.equal(message, words);
    } else {
      await send("CreateSecurityConfiguration", create);
      const got = await send("GetSecurityConfiguration", { Name: "n" });
      assert.deepEqual(
        got.SecurityConfiguration.EncryptionConfiguration,
        EncryptionConfiguration,
      );
      await send("DeleteSecurityConfiguration", { Name: "n" });
    }
  }
}

async function testPages() {
  const names = Array.from(
    { length: CONFIGURATIONS_MAX },
    (_, i) => `name ${String(i).padStart(3, "0")}`,
  );
  const create = (Name) =>
    send("CreateSecurityConfiguration", { Name, EncryptionConfiguration: {} });
  // Creates ten at once, each on a connection of its own.
  const waiting = [...names].reverse();
  while (waiting.length > 0) await Promise.all(waiting.splice(0, 10).map(create));
  await fails("ResourceNumberLimitExceededException", "CreateSecurityConfiguration", {
    Name: "one more",
    EncryptionConfiguration: {},
  });
  // Without a page size the server uses its own.
  for (const [pageSize, bound] of [[1, 1], [7, 7], [100, 100], [200, 200], [undefined, 100]]) {
    const listed = [];
    const lengths = [];
    const tokens = [];
    const pages = sdk.paginateGetSecurityConfigurations({ client: glue, pageSize }, {});
    for await (const page of pages) {
      tokens.push(page.NextToken);
      lengths.push(page.SecurityConfigurations.length);
      listed.push(...page.SecurityConfigurations.map((c) => c.Name));
    }
    assert.deepEqual(listed, names, `page size ${pageSize}`);
    const full = Math.floor(names.length / bound);
    const rest = names.length % bound;
    const expected = [...Array(full).fill(bound), ...(rest > 0 ? [rest] : [])];
    assert.deepEqual(lengths, expected, `page size ${pageSize}`);
    assert.equal(tokens.pop(), behavior.lastToken);
    assert.ok(tokens.every((token) => token !== undefined && token !== ""));
  }
  for (const MaxResults of [201, 1000]) {
    if (MaxResults > behavior.pageSizeMax) {
      assert.equal(
        await fails("InvalidInputException", "GetSecurityConfigurations", { MaxResults }),
        "MaxResults size must be between 1 and 200",
      );
    } else {
      const page = await send("GetSecurityConfigurations", { MaxResults });
      assert.equal(page.SecurityConfigurations.length, Math.min(MaxResults, names.length));
    }
  }
  await fails("InvalidInputException", "GetSecurityConfigurations", { NextToken: "made up" });
}

async function testWrongInput() {
  const { constraint } = behavior;
  let message = await fails(constraint, "CreateSecurityConfiguration", {
    Name: "x".repeat(256),
    EncryptionConfiguration: { S3Encryption: [{ S3EncryptionMode: "SSEKMS" }] },
  });
  assert.ok(message.startsWith("2 validation errors detected: "), message);
  assert.ok(message.includes("'name' failed"), message);
  assert.ok(
    message.includes("encryptionConfiguration.s3Encryption.1.member.s3EncryptionMode"),
    message,
  );
  assert.equal(
    await fails(constraint, "PutResourcePolicy"),
    "1 validation error detected: Value null at 'policyInJson' failed to satisfy " +
      "constraint: Member must not be null",
  );
  await fails("InvalidInputException", "PutResourcePolicy", { PolicyInJson: "not json" });
  message = await fails(constraint, "PutResourcePolicy", {
    PolicyInJson: policy(),
    PolicyExistsCondition: "MAY_EXIST",
  });
  assert.ok(message.includes("'MAY_EXIST' at 'policyExistsCondition'"), message);
  assert.ok(message.includes("[MUST_EXIST, NOT_EXIST, NONE]"), message);
  await fails("EntityNotFoundException", "GetResourcePolicy");
  for (const MaxResults of [0, 1001, 2 ** 40]) {
    await fails(constraint, "GetSecurityConfigurations", { MaxResults });
  }
  // The SDK has no class for this exception.
  const thrown = await thrownBy("GetSecurityConfigurations", { MaxResults: "7" });
  assert.equal(thrown.name, "SerializationException");
}

async function testEveryErrorOfEveryOperation() {
  let count = 0;
  for (const operation of behavior.operations) {
    const { request, errors } = OPERATIONS[operation];
    for (const error of errors) {
      const text = `${operation} \u00e9 \u{1f600}`;
      await server.failNext(operation, error, text);
      assert.equal(await fails(error, operation, request), text);
      count += 1;
    }
  }
  assert.equal(count, behavior.errors);
}

async function testAnInternalErrorIsTriedAgain() {
  await server.failNext("GetDataCatalogEncryptionSettings", "InternalServiceException");
  const patient = client({ maxAttempts: 3 });
  const answer = await send("GetDataCatalogEncryptionSettings", {}, patient);
  assert.equal(answer.$metadata.attempts, 2);
  assert.deepEqual(answer.DataCatalogEncryptionSettings, SETTINGS_DEFAULT);
}

async function testALostAnswerIsALostConnection() {
  const rule = { operation: "PutResourcePolicy", fault: "lose_answer" };
  await server.control("POST", "/faults", rule);
  const thrown = await thrownBy("PutResourcePolicy", { PolicyInJson: policy() });
  assert.equal(thrown.code, "ECONNRESET", String(thrown));
  assert.equal(thrown.$metadata.attempts, 1);
  // The call took effect although its answer was an error.
  assert.equal((await send("GetResourcePolicy")).PolicyInJson, behavior.shown(policy()));
}

async function testAccountsAndRegionsDoNotSeeEachOther() {
  await send("PutResourcePolicy", { PolicyInJson: policy() });
  for (const place of [
    { account: OTHER_ACCOUNT },
    { region: "eu-west-1" },
    { account: OTHER_ACCOUNT, region: "eu-west-1" },
  ]) {
    const other = client(place);
    await fails("EntityNotFoundException", "GetResourcePolicy", {}, other);
    await send("PutResourcePolicy", { PolicyInJson: policy(place) }, other);
    const got = await send("GetResourcePolicy", {}, other);
    assert.equal(got.PolicyInJson, behavior.shown(policy(place)));
  }
  assert.equal((await send("GetResourcePolicy")).PolicyInJson, behavior.shown(policy()));
  // Only a CatalogId reaches the catalog of another account.
  const other = client({ account: OTHER_ACCOUNT });
  const settings = {
    ...SETTINGS_DEFAULT,
    EncryptionAtRest: { CatalogEncryptionMode: "SSE-KMS", SseAwsKmsKeyId: "k" },
  };
  await send(
    "PutDataCatalogEncryptionSettings",
    { CatalogId: ACCOUNT, DataCatalogEncryptionSettings: settings },
    other,
  );
  assert.deepEqual(await settingsOf(), settings);
  assert.deepEqual(await settingsOf(other), SETTINGS_DEFAULT);
  // A key that is not an account id belongs to the default account.
  const named = client({ account: "AKIDEXAMPLE" });
  await fails("EntityNotFoundException", "GetResourcePolicy", {}, named);
}

async function testTheSnippetOfTheDocuments() {
  const document = new URL("../../../docs/clients.md", import.meta.url);
  const mark = "<!-- run by: tests/clients/js/sdk_test.mjs -->\n```js\n";
  const [, block] = readFileSync(document, "utf8").split(mark);
  const code = block
    .split("\n```\n")[0]
    .replace(/import (\{.*?\}) from "@aws-sdk\/client-glue";/s, "const $1 = sdk;")
    .replace("http://127.0.0.1:4566", server.url);
  assert.ok(code.includes("const {") && code.includes(server.url), code);
  await send("PutResourcePolicy", { PolicyInJson: policy() });
  const AsyncFunction = testTheSnippetOfTheDocuments.constructor;
  const run = new AsyncFunction("sdk", `${code}\nreturn PolicyInJson;`);
  assert.equal(await run(sdk), behavior.shown(policy()));
}

async function testSignaturesThatAreVerified() {
  const folder = mkdtempSync(join(tmpdir(), "credentials-"));
  const file = join(folder, "credentials");
  writeFileSync(
    file,
    `[a]\naws_access_key_id = AKIDALICE\naws_secret_access_key = a/secret+of=hers\n` +
      `[b]\naws_access_key_id = ASIABOB\naws_secret_access_key = his\n` +
      `aws_session_token = a/token+of=his\n`,
  );
  const verifying = await Server.start(`--credentials=${file}`);
  const as = (credentials) =>
    new sdk.GlueClient({
      endpoint: verifying.url,
      region: "us-east-1",
      credentials,
      maxAttempts: 1,
    });
  const good = { accessKeyId: "AKIDALICE", secretAccessKey: "a/secret+of=hers" };
  const bob = { accessKeyId: "ASIABOB", secretAccessKey: "his" };
  const request = { Name: "\u00fc \u{1F600}", EncryptionConfiguration: {} };
  try {
    for (const [name, credentials] of [
      ["UnrecognizedClientException", { ...good, accessKeyId: "AKIDNOBODY" }],
      ["InvalidSignatureException", { ...good, secretAccessKey: "another" }],
      ["UnrecognizedClientException", bob],
      ["UnrecognizedClientException", { ...bob, sessionToken: "another" }],
    ]) {
      const by = as(credentials);
      const thrown = await thrownBy("CreateSecurityConfiguration", request, by);
      assert.equal(thrown.name, name);
      by.destroy();
    }
    // Nothing was executed.
    assert.deepEqual((await verifying.control("GET", "/history")).calls, []);
    for (const credentials of [good, { ...bob, sessionToken: "a/token+of=his" }]) {
      const by = as(credentials);
      await send("CreateSecurityConfiguration", request, by);
      await send("DeleteSecurityConfiguration", { Name: request.Name }, by);
      by.destroy();
    }
  } finally {
    assert.equal(await verifying.stop(), 0);
    rmSync(folder, { recursive: true });
  }
}

// Two connections: one with every member, one with those that it must have.
const CONNECTIONS = [
  {
    Name: "\u00fc \u{1F600} \"quoted\" \\",
    Description: "two\r\nlines",
    ConnectionType: "JDBC",
    MatchCriteria: ["b", "a", "b"],
    ConnectionProperties: { USERNAME: "b\u00f6b", PASSWORD: "a secret", HOST: "" },
    PhysicalConnectionRequirements: {
      SubnetId: "subnet",
      SecurityGroupIdList: ["sg-2", "sg-1"],
      AvailabilityZone: "zone",
    },
  },
  { Name: "least", ConnectionType: "SFTP", ConnectionProperties: {} },
];

async function testConnections() {
  await server.control("PUT", "/clock", { now: "2019-09-01T00:00:00.123Z", frozen: true });
  const time = new Date("2019-09-01T00:00:00.123Z");
  for (const ConnectionInput of CONNECTIONS) {
    await send("CreateConnection", { ConnectionInput });
    const { Connection } = await send("GetConnection", { Name: ConnectionInput.Name });
    assert.deepEqual(Connection, {
      ...ConnectionInput,
      CreationTime: time,
      LastUpdatedTime: time,
    });
  }
  const [{ Name, ConnectionProperties }, least] = CONNECTIONS;
  const hidden = await send("GetConnection", { Name, HidePassword: true });
  const { PASSWORD, ...others } = ConnectionProperties;
  assert.deepEqual(hidden.Connection.ConnectionProperties, others);
  const quoted = await fails("AlreadyExistsException", "CreateConnection", {
    ConnectionInput: least,
  });
  assert.equal(quoted, 'connection "least" already exists');
  await fails("InvalidInputException", "UpdateConnection", { Name, ConnectionInput: least });
  await send("UpdateConnection", { Name, ConnectionInput: { ...least, Name } });
  const updated = (await send("GetConnection", { Name })).Connection;
  assert.deepEqual(updated.ConnectionProperties, {});
  assert.equal("Description" in updated, false);
  await send("DeleteConnection", { ConnectionName: Name });
  await fails("EntityNotFoundException", "GetConnection", { Name });
  const names = ["least", "none", "least"];
  const deleted = await send("BatchDeleteConnection", { ConnectionNameList: names });
  assert.deepEqual(deleted.Succeeded, ["least"]);
  assert.deepEqual(deleted.Errors, {
    none: {
      ErrorCode: "EntityNotFoundException",
      ErrorMessage: 'connection "none" does not exist',
    },
  });
}

async function testPagesOfConnections() {
  const names = Array.from({ length: 12 }, (_, i) => `name ${String.fromCharCode(97 + i)}`);
  for (const [i, Name] of names.entries()) {
    const ConnectionType = i % 2 === 0 ? "JDBC" : "SFTP";
    const ConnectionInput = { ...CONNECTIONS[1], Name, ConnectionType };
    await send("CreateConnection", { ConnectionInput });
  }
  for (const [request, expected] of [
    [{}, names],
    [{ Filter: { ConnectionType: "JDBC" } }, names.filter((_, i) => i % 2 === 0)],
    [{ Filter: { MatchCriteria: ["m"] } }, []],
  ]) {
    const listed = [];
    let last;
    for await (const page of sdk.paginateGetConnections({ client: glue, pageSize: 5 }, request)) {
      listed.push(...page.ConnectionList.map((one) => one.Name));
      last = page;
    }
    assert.deepEqual(listed, expected);
    assert.equal(last.NextToken, behavior.lastToken);
  }
}

async function testPasswordsThatStayEncrypted() {
  const put = (encrypted, mode) =>
    send("PutDataCatalogEncryptionSettings", {
      DataCatalogEncryptionSettings: {
        ConnectionPasswordEncryption: { ReturnConnectionPasswordEncrypted: encrypted },
        EncryptionAtRest: { CatalogEncryptionMode: mode },
      },
    });
  const [ConnectionInput] = CONNECTIONS;
  const { Name, ConnectionProperties } = ConnectionInput;
  const properties = async (HidePassword) =>
    (await send("GetConnection", { Name, HidePassword })).Connection.ConnectionProperties;
  const { PASSWORD, ...others } = ConnectionProperties;
  for (const mode of ["DISABLED", "SSE-KMS"]) {
    await put(true, mode);
    await send("CreateConnection", { ConnectionInput });
    const { ENCRYPTED_PASSWORD, ...shown } = await properties();
    assert.match(ENCRYPTED_PASSWORD, /^AQICAH/);
    assert.deepEqual(shown, others);
    assert.deepEqual(await properties(true), others);
    await put(false, "DISABLED");
    assert.deepEqual(await properties(), ConnectionProperties);
    assert.deepEqual(await properties(true), others);
    await send("DeleteConnection", { ConnectionName: Name });
  }
}

async function testWrongConnections() {
  const message = await fails(behavior.constraint, "CreateConnection", {
    ConnectionInput: {
      ...CONNECTIONS[1],
      MatchCriteria: Array(11).fill("m"),
      ConnectionProperties: { PASSWORD: `a secret${"x".repeat(1024)}` },
    },
  });
  const rest = "failed to satisfy constraint: ";
  assert.equal(
    message,
    `2 validation errors detected: Value at 'connectionInput.matchCriteria' ${rest}Member ` +
      "must have length less than or equal to 10; Value at " +
      `'connectionInput.connectionProperties.PASSWORD.member' ${rest}Map value must satisfy ` +
      "constraint: [Member must have length less than or equal to 1024]",
  );
}

const TESTS = [
  testEncryptionSettings,
  testKeysThatAreNotGiven,
  testResourcePolicy,
  testPolicyOf10240Bytes,
  testTimesAreTheServers,
  testSecurityConfigurations,
  testEncryptionsThatTheServiceRefuses,
  testPages,
  testConnections,
  testPagesOfConnections,
  testPasswordsThatStayEncrypted,
  testWrongConnections,
  testWrongInput,
  testEveryErrorOfEveryOperation,
  testAnInternalErrorIsTriedAgain,
  testALostAnswerIsALostConnection,
  testAccountsAndRegionsDoNotSeeEachOther,
  testTheSnippetOfTheDocuments,
];

// Runs tests against a server; returns the number of those that fail.
async function run(tests, expected) {
  let failed = 0;
  behavior = expected;
  server = await Server.start(...behavior.flags);
  try {
    glue = client();
    for (const test of tests) {
      await server.control("POST", "/reset");
      const name = [test.name, ...behavior.flags].join(" ");
      try {
        await test();
        console.log(`ok      ${name}`);
      } catch (thrown) {
        failed += 1;
        console.log(`FAILED  ${name}\n`, thrown);
      }
    }
  } finally {
    glue?.destroy();
    const status = await server.stop();
    if (status !== 0) {
      failed += 1;
      console.log(`FAILED  the server ended with ${status}`);
    }
  }
  return failed;
}

const failed =
  // The behavior has no part in signatures.
  (await run([...TESTS, testSignaturesThatAreVerified], CURRENT)) +
  (await run(TESTS, OBSERVED)) +
  (await run(TESTS, DOCUMENTED));
console.log(`node ${process.version}: ${failed} failures`);
process.exitCode = failed === 0 ? 0 : 1;
