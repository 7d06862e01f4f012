// The AWS SDK for JavaScript v3, unmodified, against the server in each of its
// behaviors: all operations, errors, pages. tests/node plays the same cases in the
// process.
//
// Usage: node sdk_test.mjs SERVER

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import * as sdk from "@aws-sdk/client-glue";

import { casesFor, overHttp, playCase } from "./cases.mjs";
import { CODE_CASES } from "./code_cases.mjs";
import { policy, reprinted, Server } from "./harness.mjs";

async function testTheSnippetOfTheDocuments({ server, transport }) {
  const document = new URL("../../../docs/clients.md", import.meta.url);
  const mark = "<!-- run by: tests/clients/js/sdk_test.mjs -->\n```js\n";
  const [, block] = readFileSync(document, "utf8").split(mark);
  const code = block
    .split("\n```\n")[0]
    .replace(/import (\{.*?\}) from "@aws-sdk\/client-glue";/s, "const $1 = sdk;")
    .replace("http://127.0.0.1:4566", server.url);
  assert.ok(code.includes("const {") && code.includes(server.url), code);
  const put = new sdk.PutResourcePolicyCommand({ PolicyInJson: policy() });
  await transport.client().send(put);
  const AsyncFunction = testTheSnippetOfTheDocuments.constructor;
  const run = new AsyncFunction("sdk", `${code}\nreturn PolicyInJson;`);
  assert.equal(await run(sdk), transport.behavior === "documented" ? policy() : reprinted(policy()));
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
  const send = (operation, request, by) =>
    by.send(new sdk[`${operation}Command`](request));
  const request = { Name: "\u00fc \u{1F600}", EncryptionConfiguration: {} };
  try {
    for (const [name, credentials] of [
      ["UnrecognizedClientException", { ...good, accessKeyId: "AKIDNOBODY" }],
      ["InvalidSignatureException", { ...good, secretAccessKey: "another" }],
      ["UnrecognizedClientException", bob],
      ["UnrecognizedClientException", { ...bob, sessionToken: "another" }],
    ]) {
      const by = as(credentials);
      await assert.rejects(send("CreateSecurityConfiguration", request, by), { name });
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

let failed = 0;

async function check(name, test) {
  try {
    await test();
    console.log(`ok      ${name}`);
  } catch (thrown) {
    failed += 1;
    console.log(`FAILED  ${name}\n`, thrown);
  }
}

for (const [behavior, ...flags] of [
  ["current"], // The server's default.
  ["observed", "--behavior=observed"],
  ["documented", "--behavior=documented"],
]) {
  const server = await Server.start(...flags);
  const transport = overHttp(server, behavior);
  for (const one of casesFor(behavior)) {
    await transport.reset();
    await check(`${one.name} ${behavior}`, () => playCase(one, transport));
  }
  for (const test of CODE_CASES) {
    await transport.reset();
    await check(`${test.name} ${behavior}`, () => test(transport));
  }
  await transport.reset();
  await check("the snippet", () => testTheSnippetOfTheDocuments({ server, transport }));
  transport.destroy();
  await check("the end of the server", async () => assert.equal(await server.stop(), 0));
}
// The behavior has no part in signatures.
await check("signatures", testSignaturesThatAreVerified);
console.log(`node ${process.version}: ${failed} failures`);
process.exitCode = failed === 0 ? 0 : 1;
