// Cases that cases.json cannot say, against any transport of cases.mjs.

import assert from "node:assert/strict";

import * as sdk from "@aws-sdk/client-glue";

import { OPERATIONS } from "./harness.mjs";

const CONFIGURATIONS_MAX = 250;
// The number of errors of the operations of each behavior.
const ERRORS = { current: 62, observed: 58, documented: 58 };

function operationsOf({ behavior }) {
  const names = Object.keys(OPERATIONS);
  return names.filter((name) => behavior === "current" || !("since" in OPERATIONS[name]));
}

function send(transport, operation, request = {}, options = {}) {
  return transport.client(options).send(new sdk[`${operation}Command`](request));
}

async function fails(transport, error, operation, request) {
  const thrown = await send(transport, operation, request).then(
    () => assert.fail(`${operation} did not fail`),
    (caught) => caught,
  );
  assert.equal(thrown.constructor, sdk[error], `${operation}: ${thrown}, not ${error}`);
  return thrown.message;
}

async function testPages(transport) {
  const documented = transport.behavior === "documented";
  const names = Array.from(
    { length: CONFIGURATIONS_MAX },
    (_, i) => `name ${String(i).padStart(3, "0")}`,
  );
  const create = (Name) =>
    send(transport, "CreateSecurityConfiguration", { Name, EncryptionConfiguration: {} });
  // Creates ten at once, over HTTP each on a connection of its own.
  const waiting = [...names].reverse();
  while (waiting.length > 0) await Promise.all(waiting.splice(0, 10).map(create));
  await fails(
    transport,
    "ResourceNumberLimitExceededException",
    "CreateSecurityConfiguration",
    { Name: "one more", EncryptionConfiguration: {} },
  );
  // Without a page size the service uses its own.
  for (const [pageSize, bound] of [[1, 1], [7, 7], [100, 100], [200, 200], [undefined, 100]]) {
    const listed = [];
    const lengths = [];
    const tokens = [];
    const client = transport.client();
    for await (const page of sdk.paginateGetSecurityConfigurations({ client, pageSize }, {})) {
      tokens.push(page.NextToken);
      lengths.push(page.SecurityConfigurations.length);
      listed.push(...page.SecurityConfigurations.map((c) => c.Name));
    }
    assert.deepEqual(listed, names, `page size ${pageSize}`);
    const full = Math.floor(names.length / bound);
    const rest = names.length % bound;
    const expected = [...Array(full).fill(bound), ...(rest > 0 ? [rest] : [])];
    assert.deepEqual(lengths, expected, `page size ${pageSize}`);
    assert.equal(tokens.pop(), documented ? undefined : "");
    assert.ok(tokens.every((token) => token !== undefined && token !== ""));
  }
  for (const MaxResults of [201, 1000]) {
    if (documented) {
      const page = await send(transport, "GetSecurityConfigurations", { MaxResults });
      assert.equal(page.SecurityConfigurations.length, Math.min(MaxResults, names.length));
    } else {
      assert.equal(
        await fails(transport, "InvalidInputException", "GetSecurityConfigurations", {
          MaxResults,
        }),
        "MaxResults size must be between 1 and 200",
      );
    }
  }
}

async function testTheListedOperationsAreKnown(transport) {
  const known = operationsOf(transport);
  for (const [operation, { request }] of Object.entries(OPERATIONS)) {
    const name = await send(transport, operation, request).then(
      () => undefined,
      (thrown) => thrown.name,
    );
    assert.equal(name === "UnknownOperationException", !known.includes(operation), operation);
  }
}

async function testEveryErrorOfEveryOperation(transport) {
  let count = 0;
  for (const operation of operationsOf(transport)) {
    const { request, errors } = OPERATIONS[operation];
    for (const error of errors) {
      const message = `${operation} \u00e9 \u{1f600}`;
      await transport.addFault({ operation, fault: "error", error, message });
      assert.equal(await fails(transport, error, operation, request), message);
      count += 1;
    }
  }
  assert.equal(count, ERRORS[transport.behavior]);
}

async function testAnInternalErrorIsTriedAgain(transport) {
  const operation = "GetDataCatalogEncryptionSettings";
  await transport.addFault({ operation, error: "InternalServiceException" });
  const answer = await send(transport, operation, {}, { maxAttempts: 3 });
  assert.equal(answer.$metadata.attempts, 2);
}

export const CODE_CASES = [
  testPages,
  testTheListedOperationsAreKnown,
  testEveryErrorOfEveryOperation,
  testAnInternalErrorIsTriedAgain,
];
