// The kit's checks of backends against mocks in the process: a server hands each request
// to the mock's request handler, as a client of the SDK does, and sends the answer back.
//
// Usage: node conformance_test.mjs LIBRARY PROGRAM

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import test from "node:test";

import { glueSecurity, ROOT } from "./door.mjs";

const PROGRAM = process.argv[3];

const NOT_ON_THE_WIRE = new Set(
  JSON.parse(readFileSync(join(ROOT, "tests/clients/not_on_the_wire.json"), "utf8")),
);

// Serves the mock that a reset has made last. `reset` makes one.
async function serve(t, reset) {
  let mock = reset({});
  const server = createServer(async (request, response) => {
    const { method, url, headers } = request;
    if (method === "PUT") {
      mock.clock.freeze(JSON.parse(await text(request)).now);
      response.writeHead(204).end();
    } else if (url === "/_glue_security/reset") {
      mock = reset(JSON.parse((await text(request)) || "{}"), mock);
      response.end();
    } else {
      const handler = mock.requestHandler({ next: null });
      const answer = await handler.handle({ method, headers, body: request });
      response.writeHead(answer.response.statusCode, answer.response.headers);
      response.end(answer.response.body);
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
    mock.close();
  });
  return `http://127.0.0.1:${server.address().port}`;
}

function fresh(settings, old) {
  old?.close();
  return glueSecurity.mockGlueSecurity(settings);
}

// Returns the report, and the exit status in it.
async function judge(url, ...flags) {
  const program = spawn(PROGRAM, [url, "--profile=glue-security", "--format=json", ...flags], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(program, "close");
  const report = await text(program.stdout);
  const [status] = await ended;
  assert.ok(status === 0 || status === 1, `exit status ${status}`);
  return { status, ...JSON.parse(report) };
}

for (const behavior of ["current", "observed", "documented"]) {
  test(`the contract in the behavior ${behavior}`, async (t) => {
    const report = await judge(await serve(t, fresh), `--behavior=${behavior}`);
    assert.deepEqual(report.results.filter(({ verdict }) => verdict === "failed"), []);
    assert.equal(report.status, 0);
    assert.ok(report.judged >= 400, String(report.judged));
    for (const { reason } of report.reasons) assert.ok(NOT_ON_THE_WIRE.has(reason), reason);
  });
}

test("a reset that forgets nothing is found", async (t) => {
  const url = await serve(t, (settings, old) => old ?? fresh(settings));
  const report = await judge(url, "--without=connections", "--without=settings");
  assert.equal(report.status, 1);
});
