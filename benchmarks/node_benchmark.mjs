// What a call of the AWS SDK for JavaScript takes of the processor, with the package for
// Node.js and with a handler that gives the same answer at once. The rounds alternate; the
// figures are medians, and a ratio is the median of those of the rounds.
// tools/install_npm_packages.sh must have run.
//
// Usage: node benchmarks/node_benchmark.mjs [--calls N] [--json]
// GLUE_SECURITY_LIBRARIES names a folder with the libraries; otherwise they are built.

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { policy, sdk } from "../tests/clients/js/harness.mjs";

const { values: options } = parseArgs({
  options: { calls: { type: "string", default: "2000" }, json: { type: "boolean" } },
});
const CALLS = Number(options.calls);
const ROUNDS = 7;
const ROOT = fileURLToPath(new URL("..", import.meta.url));

const folder = mkdtempSync(join(tmpdir(), "node-benchmark-"));
process.once("exit", () => rmSync(folder, { recursive: true }));
execFileSync(join(ROOT, "tools/node_package.sh"), ["--folder", folder], {
  stdio: ["ignore", 2, 2], // The standard output has the figures alone.
});
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

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

const results = {};
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
  results[name] = {
    mock_us: median(taken[0]),
    floor_us: median(taken[1]),
    ratio: median(taken[1].map((floor, round) => floor / taken[0][round])),
  };
  mock.close();
}

if (options.json) {
  console.log(JSON.stringify(results));
} else {
  for (const [name, { mock_us, floor_us, ratio }] of Object.entries(results)) {
    console.log(
      `${name} of 1 KB: ${mock_us.toFixed(0)} µs of the processor, with an instant handler ` +
        `${floor_us.toFixed(0)} µs, ${ratio.toFixed(2)} of its rate`,
    );
  }
}
