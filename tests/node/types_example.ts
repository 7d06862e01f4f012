// Compiled by package_test.mjs with tsc --noEmit --strict: each line that must not compile
// has the comment that says so.

import { GlueClient, PutResourcePolicyCommand } from "@aws-sdk/client-glue";
import { KMSClient } from "@aws-sdk/client-kms";
import {
  checkPolicy,
  decide,
  mockGlueSecurity,
  MockGlueSecurity,
  NotActiveError,
  PolicyError,
} from "glue-security";

const mock: MockGlueSecurity = mockGlueSecurity({
  behavior: "documented",
  storage: "memory",
  security_configurations_max: 3,
  policy_checks: "json",
  principals: { AKIDALICE: "arn:aws:iam::123456789012:user/alice" },
});
const glue = new GlueClient(mock.clientConfig({ account: "111122223333" }));
const kms = new KMSClient({ region: "us-east-1", requestHandler: mock.requestHandler() });
const chained = new GlueClient({
  requestHandler: mock.requestHandler({ next: kms.config.requestHandler }),
});
new GlueClient(mock.clientConfig({ next: null }));

export async function use(): Promise<string | undefined> {
  await chained.send(new PutResourcePolicyCommand({ PolicyInJson: "{}" }));
  const { PolicyHash } = await glue.send(new PutResourcePolicyCommand({ PolicyInJson: "{}" }));
  const time: Date = mock.clock.freeze("2026-01-31T12:00:00Z");
  mock.clock.set(new Date(time.getTime() + 1000));
  const id: number = mock.faults.add({ operation: "GetConnection", count: "forever" });
  for (const rule of mock.faults) console.log(rule.id === id, rule.acted);
  const operations: string[] = mock.history.map((call) => call.operation);
  console.log(operations, mock.history.leftOut, mock.closed);
  const codes: string[] = checkPolicy({ Version: "2012-10-17" }, { level: "glue" }).map(
    (finding) => finding.code,
  );
  try {
    const { decision } = decide("{}", { caller: "c", action: "a", resource: "r" });
    console.log(codes, decision === "allow");
  } catch (error) {
    if (error instanceof PolicyError) console.log(error.findings[0].message);
    if (error instanceof NotActiveError) mock.close();
  }
  return PolicyHash;
}

// @ts-expect-error
mockGlueSecurity({ behavior: "best" });
// @ts-expect-error
mockGlueSecurity({ authorize: "yes" });
// @ts-expect-error
mock.clock.set(7);
// @ts-expect-error
mock.faults.add({ fault: "lose" });
// @ts-expect-error
mock.history.leftOut = 7;
// @ts-expect-error
mock.requestHandler({ next: {} });
// @ts-expect-error
decide("{}", { caller: "c", action: "a" });
// @ts-expect-error
checkPolicy(7);
