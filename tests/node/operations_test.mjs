// All operations through the AWS SDK for JavaScript v3, with their errors and pages: the
// cases that all clients play, in the process.
//
// Usage: node operations_test.mjs LIBRARY

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import test from "node:test";

import { clientOf, create, inProcess, mockFor, names, PACKAGE, ROOT, send } from "./door.mjs";
import { casesFor, playCase } from "../clients/js/cases.mjs";
import { CODE_CASES } from "../clients/js/code_cases.mjs";
import { ACCOUNT, kmsSdk, OPERATIONS, policy, sdk } from "../clients/js/harness.mjs";

for (const behavior of ["current", "observed", "documented"]) {
  test(`the cases of all clients, ${behavior}`, async (t) => {
    const mock = mockFor(t, { behavior });
    const transport = inProcess(mock, behavior);
    for (const one of casesFor(behavior)) {
      mock.reset();
      await t.test(one.name, () => playCase(one, transport));
    }
    for (const one of CODE_CASES) {
      mock.reset();
      await t.test(one.name, () => one(transport));
    }
  });
}

test("the history has every operation", async (t) => {
  const mock = mockFor(t);
  const glue = clientOf(mock);
  for (const [operation, { request }] of Object.entries(OPERATIONS)) {
    await send(glue, operation, request).catch(() => {});
  }
  const recorded = new Set(mock.history.map(({ operation }) => operation));
  assert.deepEqual([...recorded].sort(), Object.keys(OPERATIONS).sort());
});

test("the accounts and regions of clients", async (t) => {
  const mock = mockFor(t, { account: "999988887777", region: "eu-west-1" });
  const last = () => {
    const { account, region } = mock.history.at(-1);
    return [account, region];
  };
  await names(clientOf(mock));
  assert.deepEqual(last(), ["999988887777", "us-east-1"]);
  await names(clientOf(mock, { account: "444455556666", region: "eu-central-1" }));
  assert.deepEqual(last(), ["444455556666", "eu-central-1"]);
  // Without a signature they are those of the options.
  const handler = mock.requestHandler();
  const headers = { "X-AMZ-Target": "AWSGlue.GetSecurityConfigurations" };
  await handler.handle({ headers, body: "{}" });
  assert.deepEqual(last(), ["999988887777", "eu-west-1"]);
});

test("a call is authorized for the owner of its key", async (t) => {
  const alice = "arn:aws:iam::111122223333:user/alice";
  const mock = mockFor(t, {
    authorize: true,
    identity: "allow",
    principals: { AKIDALICE: alice },
  });
  const glue = clientOf(mock, { account: ACCOUNT });
  const PolicyInJson = policy()
    .replace('"Allow"', '"Deny"')
    .replace("arn:aws:iam::210987654321:root", alice)
    .replace("glue:Get*", "glue:GetConnection");
  await send(glue, "PutResourcePolicy", { PolicyInJson });
  const credentials = { accessKeyId: "AKIDALICE", secretAccessKey: "s" };
  const hers = new sdk.GlueClient({ ...mock.clientConfig(), credentials });
  const denied = await send(hers, "GetConnection", { Name: "n" }).catch((error) => error);
  assert.equal(denied.name, "AccessDeniedException");
  assert.ok(denied.message.includes(alice), denied.message);
  // The root user is another caller.
  await assert.rejects(send(glue, "GetConnection", { Name: "n" }), {
    name: "EntityNotFoundException",
  });
});

test("keys of KMS, which Glue uses", async (t) => {
  const mock = mockFor(t);
  const kms = new kmsSdk.KMSClient(mock.clientConfig());
  const kmsSend = (name, request) => kms.send(new kmsSdk[`${name}Command`](request));
  const { KeyMetadata } = await kmsSend("CreateKey", { Description: "d" });
  const KeyId = KeyMetadata.Arn;
  const Plaintext = new Uint8Array([0, 255, 7]);
  const { CiphertextBlob } = await kmsSend("Encrypt", { KeyId, Plaintext });
  assert.deepEqual((await kmsSend("Decrypt", { CiphertextBlob })).Plaintext, Plaintext);
  await kmsSend("DisableKey", { KeyId });
  const refused = kmsSend("Encrypt", { KeyId, Plaintext });
  await assert.rejects(refused, (error) => error.constructor === kmsSdk.DisabledException);
  const glue = clientOf(mock);
  await send(glue, "PutDataCatalogEncryptionSettings", {
    DataCatalogEncryptionSettings: {
      EncryptionAtRest: { CatalogEncryptionMode: "SSE-KMS", SseAwsKmsKeyId: KeyId },
    },
  });
  const { request } = OPERATIONS.CreateConnection;
  await assert.rejects(send(glue, "CreateConnection", request), {
    name: "GlueEncryptionException",
  });
});

test("a storage in a file outlives its mock", async (t) => {
  const storage = `sqlite:${join(PACKAGE, "records")}`;
  const first = mockFor(t, { storage });
  await create(clientOf(first), "n");
  first.close();
  assert.deepEqual(await names(clientOf(mockFor(t, { storage }))), ["n"]);
});

test("the operations are those of the engine and of its page on keys", () => {
  const { TARGETS } = createRequire(import.meta.url)(join(PACKAGE, "lib/operations.js"));
  const named = (prefix) => [...TARGETS].filter((name) => name.startsWith(prefix)).sort();
  const glue = Object.keys(OPERATIONS).map((name) => `AWSGlue.${name}`);
  assert.deepEqual(named("AWSGlue."), glue.sort());
  const page = readFileSync(join(ROOT, "docs/reference/kms.md"), "utf8");
  const table = page.split("| operation | members |")[1].split("\n\n")[0];
  const kms = [...table.matchAll(/^\| ([A-Z][A-Za-z, ]+) \|/gm)]
    .flatMap(([, cells]) => cells.split(", "))
    .map((name) => `TrentService.${name}`);
  assert.equal(kms.length, 16);
  assert.deepEqual(named("TrentService."), kms.sort());
  assert.equal(TARGETS.size, 32);
});
