// The date of the API, with the members and operations that a newer SDK sends: what comes
// back on the day before each date of the service's model, and since then.
//
// Usage: node api_date_test.mjs SERVER

import assert from "node:assert/strict";

import * as sdk from "@aws-sdk/client-glue";

import { ACCOUNT, policy, reprinted, Server } from "./harness.mjs";

const KEY = `arn:aws:kms:us-east-1:${ACCOUNT}:key/k`;
const CHINESE_KEY = `arn:aws-cn:kms:cn-north-1:${ACCOUNT}:key/k`;
const ROLE = `arn:aws:iam::${ACCOUNT}:role/r`;
const DATABASE = `arn:aws:glue:us-east-1:${ACCOUNT}:database/x`;
const UNSUPPORTED =
  "InvalidInputException: Glue resource level policy is not currently supported";

// Each takes a function that makes a call, and returns what can be seen.

async function listedPolicies(send, client) {
  const PolicyInJson = policy();
  await send("PutResourcePolicy", { PolicyInJson, EnableHybrid: "TRUE" });
  const listed = [];
  for await (const page of sdk.paginateGetResourcePolicies({ client, pageSize: 1 }, {})) {
    listed.push(...page.GetResourcePoliciesResponseList.map((one) => one.PolicyInJson));
  }
  return listed;
}

async function policyAfterADelete(send) {
  const { PolicyHash } = await send("PutResourcePolicy", { PolicyInJson: policy() });
  let outcome = "ok";
  try {
    await send("DeleteResourcePolicy", { ResourceArn: DATABASE });
  } catch (thrown) {
    outcome = `${thrown.name}: ${thrown.message}`;
    assert.equal((await send("GetResourcePolicy")).PolicyHash, PolicyHash);
  }
  return outcome;
}

async function serviceRole(send) {
  const at = {
    CatalogEncryptionMode: sdk.CatalogEncryptionMode.SSEKMSWITHSERVICEROLE,
    CatalogEncryptionServiceRole: ROLE,
    SseAwsKmsKeyId: KEY,
  };
  await send("PutDataCatalogEncryptionSettings", {
    DataCatalogEncryptionSettings: { EncryptionAtRest: at },
  });
  const got = await send("GetDataCatalogEncryptionSettings");
  assert.deepEqual(got.DataCatalogEncryptionSettings.EncryptionAtRest, at);
  return "kept";
}

async function configuration(send, EncryptionConfiguration) {
  await send("CreateSecurityConfiguration", { Name: "n", EncryptionConfiguration });
  const got = await send("GetSecurityConfiguration", { Name: "n" });
  return got.SecurityConfiguration.EncryptionConfiguration;
}

const QUALITY = {
  DataQualityEncryption: { DataQualityEncryptionMode: "SSE-KMS", KmsKeyArn: KEY },
};
const LOGS = {
  CloudWatchEncryption: { CloudWatchEncryptionMode: "SSE-KMS", KmsKeyArn: CHINESE_KEY },
};

// The date, what is done, and what comes back before and since: a value, or the start of
// an exception and its message. What differs in the current behavior is after it.
const CHANGES = [
  ["2020-07-07", listedPolicies, "UnknownOperationException", [policy()], {
    since: [reprinted(policy())],
  }],
  ["2020-07-07", policyAfterADelete, "ok", UNSUPPORTED, { before: UNSUPPORTED }],
  ["2024-02-05", serviceRole, "CONSTRAINT: 1 validation error", "kept", {}],
  ["2024-12-12", (send) => configuration(send, QUALITY), {}, QUALITY, {}],
  ["2025-12-01", (send) => configuration(send, LOGS), "CONSTRAINT: 1 validation error", LOGS, {
    before: LOGS,
  }],
];
const CONSTRAINTS = { documented: "InvalidInputException", current: "ValidationException" };

function dayBefore(date) {
  const day = new Date(date);
  day.setUTCDate(day.getUTCDate() - 1);
  return day.toISOString().slice(0, 10);
}

async function check(name, date, change, expected) {
  const server = await Server.start(`--behavior=${name}`, `--api-date=${date}`);
  const client = new sdk.GlueClient({
    endpoint: server.url,
    region: "us-east-1",
    credentials: { accessKeyId: ACCOUNT, secretAccessKey: "secret" },
    maxAttempts: 1,
  });
  const send = (operation, request = {}) =>
    client.send(new sdk[`${operation}Command`](request));
  try {
    const got = await change(send, client).catch(
      (thrown) => `${thrown.name}: ${thrown.message}`,
    );
    if (typeof expected === "string") {
      const start = expected.replace("CONSTRAINT", CONSTRAINTS[name]);
      assert.ok(String(got).startsWith(start), `${got}, not ${start}`);
    } else {
      assert.deepEqual(got, expected);
    }
  } finally {
    client.destroy();
    assert.equal(await server.stop(), 0);
  }
}

let failed = 0;
for (const [date, change, before, since, current] of CHANGES) {
  for (const name of ["documented", "current"]) {
    const other = name === "current" ? current : {};
    for (const [day, expected] of [
      [dayBefore(date), other.before ?? before],
      [date, other.since ?? since],
    ]) {
      const what = `${change.name || "configuration"} ${name} ${day}`;
      try {
        await check(name, day, change, expected);
        console.log(`ok      ${what}`);
      } catch (thrown) {
        failed += 1;
        console.log(`FAILED  ${what}\n`, thrown);
      }
    }
  }
}
console.log(`node ${process.version}: ${failed} failures`);
process.exitCode = failed === 0 ? 0 : 1;
