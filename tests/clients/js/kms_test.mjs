// The AWS SDK for JavaScript v3, unmodified, and KMS on the wire of the server: keys,
// aliases, contexts, states, policies, grants, errors with their texts, and what Glue does
// with the keys.
//
// Usage: node kms_test.mjs SERVER

import assert from "node:assert/strict";

import * as glueSdk from "@aws-sdk/client-glue";
import * as sdk from "@aws-sdk/client-kms";

import { ACCOUNT, Server } from "./harness.mjs";

const NO_KEY = "01234567-89ab-cdef-0123-456789abcdef";
const ARN = `arn:aws:kms:us-east-1:${ACCOUNT}:`;
const PLAINTEXT = Uint8Array.from({ length: 256 }, (_, i) => i);
const PASSWORD = "correct horse battery staple";

let server;
let kms;
let glue;

function configuration() {
  return {
    endpoint: server.url,
    region: "us-east-1",
    credentials: { accessKeyId: ACCOUNT, secretAccessKey: "secret" },
    maxAttempts: 1,
  };
}

// Makes a call of KMS: call("CreateKey", {}).
function call(operation, members = {}) {
  return kms.send(new sdk[`${operation}Command`](members));
}

function callGlue(operation, members = {}) {
  return glue.send(new glueSdk[`${operation}Command`](members));
}

// Makes a call that is refused; returns the text.
async function refused(error, promise, status = 400) {
  try {
    await promise;
  } catch (thrown) {
    assert.equal(thrown.name, error, thrown.message);
    assert.equal(thrown.$metadata.httpStatusCode, status);
    return thrown.message;
  }
  return assert.fail(`no ${error}`);
}

async function newKey(members = {}) {
  return (await call("CreateKey", members)).KeyMetadata.Arn;
}

function policyWith(...statements) {
  const everything = {
    Effect: "Allow",
    Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` },
    Action: "kms:*",
    Resource: "*",
  };
  return JSON.stringify({ Version: "2012-10-17", Statement: [everything, ...statements] });
}

async function testAKeyAndItsAliases() {
  await server.control("PUT", "/clock", { now: "2024-02-05T12:00:00.25Z", frozen: true });
  const { KeyMetadata: key } = await call("CreateKey", { Description: "the orders" });
  assert.equal(key.Arn, `${ARN}key/${key.KeyId}`);
  assert.deepEqual(key.CreationDate, new Date("2024-02-05T12:00:00.250Z"));
  assert.equal(key.KeyState, "Enabled");
  assert.deepEqual(key.EncryptionAlgorithms, ["SYMMETRIC_DEFAULT"]);
  // A call without a result has an empty body.
  await call("CreateAlias", { AliasName: "alias/orders", TargetKeyId: key.KeyId });
  const described = await call("DescribeKey", { KeyId: "alias/orders" });
  assert.deepEqual(described.KeyMetadata, key);
  const names = [];
  for await (const page of sdk.paginateListAliases({ client: kms, pageSize: 1 }, {})) {
    names.push(...page.Aliases.map((alias) => alias.AliasName));
  }
  assert.deepEqual(names, ["alias/aws/glue", "alias/orders"]);
}

async function testEncryptionContexts() {
  const key = await newKey();
  const context = { table: "orders", "\u00fc\u{1f600}": '"\\' };
  const encrypted = await call("Encrypt", {
    KeyId: key,
    Plaintext: PLAINTEXT,
    EncryptionContext: context,
  });
  assert.equal(encrypted.KeyId, key);
  const { CiphertextBlob } = encrypted;
  const decrypted = await call("Decrypt", { CiphertextBlob, EncryptionContext: context });
  assert.deepEqual(new Uint8Array(decrypted.Plaintext), PLAINTEXT);
  await refused("InvalidCiphertextException", call("Decrypt", { CiphertextBlob }));
  assert.equal(
    await refused(
      "IncorrectKeyException",
      call("Decrypt", {
        CiphertextBlob,
        EncryptionContext: context,
        KeyId: await newKey(),
      }),
    ),
    "The key ID in the request does not identify a CMK that can perform this operation.",
  );
}

async function testDataKeys() {
  const key = await newKey();
  for (const [members, size] of [
    [{ KeySpec: "AES_256" }, 32],
    [{ KeySpec: "AES_128" }, 16],
    [{ NumberOfBytes: 1024 }, 1024],
  ]) {
    const made = await call("GenerateDataKey", { KeyId: key, ...members });
    assert.equal(made.Plaintext.length, size);
    const opened = await call("Decrypt", { CiphertextBlob: made.CiphertextBlob });
    assert.deepEqual(opened.Plaintext, made.Plaintext);
  }
  assert.equal(
    await refused("ValidationException", call("GenerateDataKey", { KeyId: key })),
    "Please specify either number of bytes or key spec.",
  );
}

async function testStates() {
  const key = await newKey();
  const encrypt = () => call("Encrypt", { KeyId: key, Plaintext: PLAINTEXT });
  await call("DisableKey", { KeyId: key });
  assert.equal(await refused("DisabledException", encrypt()), `${key} is disabled.`);
  await call("EnableKey", { KeyId: key });
  await encrypt();
  const scheduled = await call("ScheduleKeyDeletion", { KeyId: key });
  assert.equal(scheduled.PendingWindowInDays, 30);
  assert.ok(scheduled.DeletionDate instanceof Date);
  assert.equal(
    await refused("KMSInvalidStateException", encrypt()),
    `${key} is pending deletion.`,
  );
  assert.equal((await call("CancelKeyDeletion", { KeyId: key })).KeyId, key);
  assert.equal((await call("DescribeKey", { KeyId: key })).KeyMetadata.KeyState, "Disabled");
}

async function testPolicies() {
  const key = await newKey();
  const policy = policyWith({
    Effect: "Deny",
    Principal: "*",
    Action: "kms:Encrypt",
    Resource: "*",
  });
  await call("PutKeyPolicy", { KeyId: key, Policy: policy });
  assert.equal((await call("GetKeyPolicy", { KeyId: key })).Policy, policy);
  assert.equal(
    await refused("AccessDeniedException", call("Encrypt", { KeyId: key, Plaintext: PLAINTEXT })),
    `User: arn:aws:iam::${ACCOUNT}:root is not authorized to perform: kms:Encrypt on ` +
      `resource: ${key} with an explicit deny in a resource-based policy`,
  );
  assert.equal(
    await refused(
      "MalformedPolicyDocumentException",
      call("PutKeyPolicy", {
        KeyId: key,
        Policy: policy.replaceAll(`${ACCOUNT}:root`, "444455556666:root"),
      }),
    ),
    "The new key policy will not allow you to update the key policy in the future.",
  );
}

async function testGrants() {
  const key = await newKey();
  const members = {
    KeyId: key,
    GranteePrincipal: `arn:aws:iam::${ACCOUNT}:root`,
    Operations: ["Encrypt", "Decrypt"],
    Name: "mine",
    Constraints: { EncryptionContextEquals: { a: "b" } },
  };
  const grant = await call("CreateGrant", members);
  assert.equal((await call("CreateGrant", members)).GrantId, grant.GrantId);
  const { Grants: listed } = await call("ListGrants", { KeyId: key });
  assert.equal(listed.length, 1);
  assert.deepEqual(listed[0].Constraints, members.Constraints);
  assert.deepEqual(listed[0].Operations, members.Operations);
  await refused(
    "InvalidGrantTokenException",
    call("DescribeKey", { KeyId: key, GrantTokens: ["invented"] }),
  );
  await call("DescribeKey", { KeyId: key, GrantTokens: [grant.GrantToken] });
  await call("RevokeGrant", { KeyId: key, GrantId: grant.GrantId });
  assert.deepEqual((await call("ListGrants", { KeyId: key })).Grants, []);
}

async function testErrors() {
  const key = await newKey();
  for (const [error, operation, members, text] of [
    [
      "NotFoundException",
      "DescribeKey",
      { KeyId: NO_KEY },
      `Key '${ARN}key/${NO_KEY}' does not exist`,
    ],
    ["NotFoundException", "DescribeKey", { KeyId: "x" }, "Invalid keyId 'x'"],
    [
      "ValidationException",
      "Encrypt",
      { KeyId: key, Plaintext: new Uint8Array(4097) },
      "1 validation error detected: Value at 'plaintext' failed to satisfy constraint: " +
        "Member must have length less than or equal to 4096",
    ],
    [
      "ValidationException",
      "CreateAlias",
      { AliasName: "orders", TargetKeyId: key },
      'Alias must start with the prefix "alias/". Please see ' +
        "https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html",
    ],
    [
      "DryRunOperationException",
      "Encrypt",
      { KeyId: key, Plaintext: PLAINTEXT, DryRun: true },
      "The request would have succeeded, but the DryRun option is set.",
    ],
    [
      "UnsupportedOperationException",
      "CreateKey",
      { MultiRegion: true },
      "MultiRegion is not supported here",
    ],
    [
      "UnsupportedOperationException",
      "CreateKey",
      { Origin: "EXTERNAL" },
      "the origin EXTERNAL is not supported here",
    ],
  ]) {
    assert.equal(await refused(error, call(operation, members)), text);
  }
  // The SDK knows the exceptions by their classes.
  await assert.rejects(call("DescribeKey", { KeyId: NO_KEY }), sdk.NotFoundException);
  // It sends an operation that is not known here.
  await refused("UnknownOperationException", call("ListKeys"));
}

async function testGlueUsesTheKeys() {
  const key = await newKey();
  await callGlue("PutDataCatalogEncryptionSettings", {
    DataCatalogEncryptionSettings: {
      EncryptionAtRest: { CatalogEncryptionMode: "SSE-KMS", SseAwsKmsKeyId: key },
      ConnectionPasswordEncryption: {
        ReturnConnectionPasswordEncrypted: false,
        AwsKmsKeyId: key,
      },
    },
  });
  await callGlue("CreateConnection", {
    ConnectionInput: {
      Name: "n",
      ConnectionType: "JDBC",
      ConnectionProperties: { PASSWORD },
    },
  });
  const read = () => callGlue("GetConnection", { Name: "n" });
  assert.deepEqual((await read()).Connection.ConnectionProperties, { PASSWORD });
  await call("DisableKey", { KeyId: key });
  const text = await refused("GlueEncryptionException", read());
  assert.ok(text.startsWith(`${key} is disabled. (Service: AWSKMS; Status Code: 400;`), text);
  await call("EnableKey", { KeyId: key });
  await server.control("POST", "/faults", {
    key_call: "Decrypt",
    via: "glue",
    error: "KeyUnavailableException",
  });
  assert.match(await refused("GlueEncryptionException", read()), /^null .* Status Code: 500; /);
  assert.deepEqual((await read()).Connection.ConnectionProperties, { PASSWORD });
}

async function testRulesOfTheControl() {
  const key = await newKey();
  await server.control("POST", "/faults", {
    key_call: "any",
    error: "DependencyTimeoutException",
    message: "late",
  });
  assert.equal(
    await refused("DependencyTimeoutException", call("DescribeKey", { KeyId: key }), 500),
    "late",
  );
  await call("DescribeKey", { KeyId: key });
}

const TESTS = [
  testAKeyAndItsAliases,
  testEncryptionContexts,
  testDataKeys,
  testStates,
  testPolicies,
  testGrants,
  testErrors,
  testGlueUsesTheKeys,
  testRulesOfTheControl,
];

let failed = 0;
server = await Server.start();
try {
  kms = new sdk.KMSClient(configuration());
  glue = new glueSdk.GlueClient(configuration());
  for (const test of TESTS) {
    await server.control("POST", "/reset");
    try {
      await test();
      console.log(`ok      ${test.name}`);
    } catch (thrown) {
      failed += 1;
      console.log(`FAILED  ${test.name}\n`, thrown);
    }
  }
} finally {
  kms?.destroy();
  glue?.destroy();
  const status = await server.stop();
  if (status !== 0) {
    failed += 1;
    console.log(`FAILED  the server ended with ${status}`);
  }
}
console.log(`node ${process.version}: ${failed} failures`);
process.exitCode = failed === 0 ? 0 : 1;
