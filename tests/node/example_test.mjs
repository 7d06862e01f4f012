// The tests that docs/embedding.md shows. package_test.mjs runs them beside the installed
// package.

// [node]
import assert from "node:assert/strict";
import test from "node:test";
import * as sdk from "@aws-sdk/client-glue";
import { mockGlueSecurity } from "glue-security";

const PolicyInJson = `{"Version": "2012-10-17", "Statement": [{
    "Effect": "Allow", "Principal": {"AWS": "210987654321"}, "Action": "glue:Get*",
    "Resource": "arn:aws:glue:us-east-1:123456789012:*"}]}`;

test("two writers", async () => {
  const mock = mockGlueSecurity();
  const glue = new sdk.GlueClient(mock.clientConfig());
  const first = await glue.send(new sdk.PutResourcePolicyCommand({ PolicyInJson }));
  const other = PolicyInJson.replace("Get*", "*");
  await glue.send(new sdk.PutResourcePolicyCommand({ PolicyInJson: other }));
  const stale = { PolicyHashCondition: first.PolicyHash };
  // The policy has changed meanwhile.
  await assert.rejects(glue.send(new sdk.DeleteResourcePolicyCommand(stale)), {
    name: "ConditionCheckFailureException",
  });
  mock.close();
});
// [node end]

// [node control]
test("a lost answer", async () => {
  const mock = mockGlueSecurity({ security_configurations_max: 3 });
  const glue = new sdk.GlueClient(mock.clientConfig());
  mock.clock.freeze("2026-01-31T12:00:00Z");
  mock.faults.add({ operation: "CreateSecurityConfiguration", fault: "lose_answer" });
  const create = { Name: "n", EncryptionConfiguration: {} };
  // The SDK tries again, after the first attempt was executed.
  await assert.rejects(glue.send(new sdk.CreateSecurityConfigurationCommand(create)), {
    name: "AlreadyExistsException",
  });
  assert.deepEqual(mock.history.map((call) => call.operation), [
    "CreateSecurityConfiguration",
    "CreateSecurityConfiguration",
  ]);
  mock.close();
});
// [node control end]
