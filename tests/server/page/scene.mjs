// A server with records, a browser, and the page in it.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";

import { ACCOUNT, Server } from "../../clients/js/harness.mjs";

const require = createRequire(new URL("../../clients/js/", import.meta.url));
const { chromium } = require("playwright-core");

export { ACCOUNT, Server };
export const CHROMIUM = "/usr/bin/chromium";
export const hasChromium = () => existsSync(CHROMIUM);
export const OTHER = "444455556666";
export const KEY = `arn:aws:kms:us-east-1:${ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab`;
// No answer of the server and nothing in the page may have these.
export const SECRETS = ["s3cret-password", "url-s3cret", "keystore-s3cret", "s3aled-password"];
// Texts that would do something if they were taken for more than texts.
export const HOSTILE = [
  '<img src=x onerror="window.hit=1">',
  "</script><script>window.hit=1</script>",
  "\u202eabc\u2066def\u200b",
  "javascript:window.hit=1//${window.hit=1}{{7*7}}",
];

// Starts Chromium. Nothing that it does in the background is on.
export async function startBrowser() {
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-dev-shm-usage",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--force-color-profile=srgb",
      "--font-render-hinting=none",
    ],
  });
  return browser;
}

// Makes an unsigned call, whose account and region are those of a signature.
export async function call(server, operation, body, account = ACCOUNT, region = "us-east-1") {
  const answer = await fetch(server.url, {
    method: "POST",
    headers: {
      "Content-Type": "application/x-amz-json-1.1",
      "X-Amz-Target": `AWSGlue.${operation}`,
      Authorization:
        `AWS4-HMAC-SHA256 Credential=${account}/20260101/${region}/glue/aws4_request, ` +
        "SignedHeaders=host, Signature=0",
    },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: await answer.json() };
}

export async function succeed(...parameters) {
  const { status, body } = await call(...parameters);
  assert.equal(status, 200, `${parameters[1]}: ${JSON.stringify(body)}`);
  return body;
}

export function policy(region = "us-east-1", account = ACCOUNT) {
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "ReadFromTheOtherAccount",
        Effect: "Allow",
        Principal: { AWS: `arn:aws:iam::${OTHER}:root` },
        Action: ["glue:GetTable", "glue:GetTables", "glue:GetDatabase"],
        Resource: `arn:aws:glue:${region}:${account}:*`,
        Condition: { Bool: { "aws:SecureTransport": "no" } },
      },
    ],
  });
}

// A policy of two errors, which only a server that checks nothing stores.
export const BAD_POLICY = `{
  "Version": "2012-10-17",
  "Statement": [{
    "Effect": "allow",
    "Principal": {"AWS": "*"},
    "Action": "glue:*",
    "Resourse": "*"
  }]
}`;

const connection = (name, properties, rest = {}) => ({
  ConnectionInput: {
    Name: name,
    ConnectionType: "JDBC",
    ConnectionProperties: properties,
    ...rest,
  },
});

// Stores records of each kind. The clock stands still, so that the page is the
// same each time.
export async function store(server) {
  await server.control("PUT", "/clock", { now: "2026-01-31T12:00:00Z", frozen: true });
  await succeed(server, "PutResourcePolicy", { PolicyInJson: policy() });
  await succeed(server, "CreateSecurityConfiguration", {
    Name: "nightly-jobs",
    EncryptionConfiguration: {
      S3Encryption: [{ S3EncryptionMode: "SSE-KMS", KmsKeyArn: KEY }],
      CloudWatchEncryption: { CloudWatchEncryptionMode: "SSE-KMS", KmsKeyArn: KEY },
      JobBookmarksEncryption: { JobBookmarksEncryptionMode: "CSE-KMS", KmsKeyArn: KEY },
    },
  });
  await succeed(server, "CreateSecurityConfiguration", {
    Name: "plain",
    EncryptionConfiguration: { S3Encryption: [{ S3EncryptionMode: "SSE-S3" }] },
  });
  await succeed(
    server,
    "CreateConnection",
    connection(
      "orders",
      {
        JDBC_CONNECTION_URL: `jdbc:postgresql://db.example.com/orders?password=${SECRETS[1]}`,
        JDBC_ENFORCE_SSL: "true",
        USERNAME: "reporting",
        PASSWORD: SECRETS[0],
        KAFKA_CLIENT_KEYSTORE_PASSWORD: SECRETS[2],
      },
      { Description: "The orders of the shop" },
    ),
  );
  await succeed(server, "PutDataCatalogEncryptionSettings", {
    DataCatalogEncryptionSettings: {
      EncryptionAtRest: { CatalogEncryptionMode: "SSE-KMS", SseAwsKmsKeyId: "alias/aws/glue" },
      ConnectionPasswordEncryption: { ReturnConnectionPasswordEncrypted: false },
    },
  });
  await succeed(
    server,
    "CreateConnection",
    connection("sealed", { JDBC_CONNECTION_URL: "jdbc:mysql://h/d", USERNAME: "u", PASSWORD: SECRETS[3] }),
  );
  await succeed(server, "GetConnection", { Name: "orders" });
  await succeed(server, "GetConnection", { Name: "sealed", HidePassword: false });
  await succeed(server, "CreateSecurityConfiguration",
    { Name: "abroad", EncryptionConfiguration: {} }, ACCOUNT, "eu-west-1");
  await succeed(server, "CreateSecurityConfiguration",
    { Name: "other", EncryptionConfiguration: {} }, OTHER, "ap-southeast-2");
  const { status } = await call(server, "GetSecurityConfiguration", { Name: "missing" });
  assert.equal(status, 400);
}

// Stores texts that a page must take for texts, in a region of their own.
export async function storeHostile(server) {
  const region = "hostile-1";
  for (const [index, text] of HOSTILE.entries()) {
    await succeed(server, "CreateConnection", connection(`c${index}`,
      { HOST: text, USERNAME: text, JDBC_CONNECTION_URL: "jdbc:mysql://h/d" },
      { Description: text }), ACCOUNT, region);
  }
  await succeed(server, "CreateConnection", connection("long",
    { HOST: "h".repeat(1000), USERNAME: "u", JDBC_CONNECTION_URL: "jdbc:mysql://h/d" },
    { Description: "d".repeat(2000) }), ACCOUNT, region);
  const text = JSON.stringify({
    Version: "2012-10-17",
    Id: HOSTILE.join(" "),
    Statement: [{
      Sid: "x",
      Effect: "Allow",
      Principal: { AWS: `arn:aws:iam::${OTHER}:root` },
      Action: "glue:GetTable",
      Resource: `arn:aws:glue:${region}:${ACCOUNT}:*`,
      Condition: { Bool: { [HOSTILE[0]]: HOSTILE[2] } },
    }],
  });
  await succeed(server, "PutResourcePolicy", { PolicyInJson: text }, ACCOUNT, region);
  return region;
}
