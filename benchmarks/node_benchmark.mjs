// What a call of the AWS SDK for JavaScript takes of the processor, with the package for
// Node.js and with a handler that gives the same answer at once. The rounds alternate; the
// figures are medians. tools/install_npm_packages.sh must have run.
//
// Usage: node benchmarks/node_benchmark.mjs [CALLS]
// GLUE_SECURITY_LIBRARIES names a folder with the libraries; otherwise they are built.

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { policy, sdk } from "../tests/clients/js/harness.mjs";

const CALLS = Number(process.argv[2] ?? 2000);
const ROUNDS = 7;
const ROOT = fileURLToPath(new URL("..", import.meta.url));

const folder = mkdtempSync(join(tmpdir(), "node-benchmark-"));
process.once("exit", () => rmSync(folder, { recursive: true }));
execFileSync(join(ROOT, "tools/node_package.sh"), ["--folder", folder], { stdio: "inherit" });
const { mockGlueSecurity } = createRequire(import.meta.url)(folder);

// A handler that gives one answer to all requests.
function instant({ statusCode, headers, body }) {
  return {
    metadata: { handlerProtocol: "http/1.1" },
    // The SDK may change what it is given.
    handle: async () => ({ response: { statusCode, headers, body: Buffer.from(body) } }),
    destroy() {},
    updateHttpClientConfig() {},
    httpHandlerConfigs: () => ({}),
  };
}

// Returns microseconds of the processor for a call.
async function measure(client, command) {
  const before = process.cpuUsage();
  for (let i = 0; i < CALLS; ++i) await client.send(command());
  const { user, system } = process.cpuUsage(before);
  return (user + system) / CALLS;
}

const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];

const PolicyInJson = policy({ account: "123456789012", size: 1024 });
for (const [name, command] of [
  ["GetResourcePolicy", () => new sdk.GetResourcePolicyCommand({})],
  ["PutResourcePolicy", () => new sdk.PutResourcePolicyCommand({ PolicyInJson })],
]) {
  const mock = mockGlueSecurity();
  const config = mock.clientConfig();
  const ours = new sdk.GlueClient(config);
  await ours.send(new sdk.PutResourcePolicyCommand({ PolicyInJson }));
  const headers = { "x-amz-target": `AWSGlue.${name}` };
  const body = JSON.stringify(name === "PutResourcePolicy" ? { PolicyInJson } : {});
  const { response } = await config.requestHandler.handle({ headers, body });
  const floor = new sdk.GlueClient({ ...config, requestHandler: instant(response) });
  const taken = [[], []];
  for (let round = 0; round <= ROUNDS; ++round) {
    for (const [i, client] of [ours, floor].entries()) {
      const microseconds = await measure(client, command);
      if (round > 0) taken[i].push(microseconds); // The first warms up.
    }
  }
  const [mine, theirs] = taken.map(median);
  console.log(
    `${name} of 1 KB: ${mine.toFixed(0)} µs of the processor, with an instant handler ` +
      `${theirs.toFixed(0)} µs, ratio ${(mine / theirs).toFixed(2)}`,
  );
  mock.close();
}
