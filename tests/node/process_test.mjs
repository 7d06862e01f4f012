// Worker threads, memory, the ends of processes, the places where the library is looked
// for.
//
// GLUE_SECURITY_FRESH_MOCKS is the number of fresh mocks, by default 100,000.
// Usage: node process_test.mjs LIBRARY

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import test from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Worker } from "node:worker_threads";

import { FOLDER, glueSecurity, LIBRARY, PACKAGE } from "./door.mjs";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc");

const FRESH_MOCKS = Number(process.env.GLUE_SECURITY_FRESH_MOCKS ?? 100_000);
const CREATE = {
  headers: { "x-amz-target": "AWSGlue.CreateSecurityConfiguration" },
  body: JSON.stringify({ Name: "n", EncryptionConfiguration: {} }),
};

// The beginning of scripts, in a thread or a process of their own.
const BEGIN = `
  const { mockGlueSecurity } = require(${JSON.stringify(PACKAGE)});
  const CREATE = ${JSON.stringify(CREATE)};
`;

function startWorker(code) {
  return new Worker(
    `${BEGIN} const { parentPort } = require("node:worker_threads");
     (async () => { ${code} })().catch((error) => { throw error; });`,
    { eval: true },
  );
}

function runNode(code, env = {}, ...flags) {
  const options = { env: { PATH: process.env.PATH, ...env }, encoding: "utf8" };
  return spawnSync(process.execPath, [...flags, "-e", code], options);
}

// Collects the garbage, lets what it held be freed, and returns the bytes in memory.
async function bytesInUse() {
  collect();
  await new Promise(setImmediate);
  return process.memoryUsage.rss();
}

// Calls `make` for half of `count` and then, in ten parts, for the rest. Returns by how
// many bytes the rest grew the process. A heap still grows to its size in the first half,
// and reaches it by chance at any moment; a leak grows in each part, so that it shows
// between the lowest values of the two ends.
async function growth(make, count) {
  const part = Math.ceil(count / 20);
  await make(10 * part);
  const samples = [await bytesInUse()];
  for (let i = 0; i < 10; ++i) {
    await make(part);
    samples.push(await bytesInUse());
  }
  const first = Math.min(...samples.slice(0, 3));
  const last = Math.min(...samples.slice(-3));
  return last - first;
}

test("fresh mocks leave no memory", async () => {
  const fresh = async (count) => {
    for (let i = 0; i < count; ++i) {
      const mock = glueSecurity.mockGlueSecurity();
      const { response } = await mock.requestHandler().handle(CREATE);
      assert.equal(response.statusCode, 200);
      mock.close();
      // Lets what the collector has found be freed.
      if (i % 1000 === 0) await new Promise(setImmediate);
    }
  };
  const grown = await growth(fresh, FRESH_MOCKS);
  console.log(`${FRESH_MOCKS} fresh mocks: ${grown} bytes`);
  // 200 bytes for each mock of the second half.
  assert.ok(grown < 100 * FRESH_MOCKS, `${grown} bytes`);
});

test("mocks that nobody closes are collected", async () => {
  const forget = async (count) => {
    for (let i = 0; i < count; ++i) {
      await glueSecurity.mockGlueSecurity().requestHandler().handle(CREATE);
      if (i % 100 === 0) await bytesInUse();
    }
  };
  const grown = await growth(forget, 6000);
  console.log(`6,000 forgotten mocks: ${grown} bytes`);
  // An open mock has more than 20,000 bytes.
  assert.ok(grown < 3000 * 5000, `${grown} bytes`);
});

test("each worker thread has mocks of its own", async () => {
  const workers = Array.from({ length: 4 }, () =>
    startWorker(`
      const kept = mockGlueSecurity();
      for (let i = 0; i < 200; ++i) {
        const mock = mockGlueSecurity();
        await mock.requestHandler().handle(CREATE);
        await kept.requestHandler().handle({ ...CREATE, body:
          JSON.stringify({ Name: "n" + i, EncryptionConfiguration: {} }) });
        if (mock.history.length !== 1) throw new Error("not alone");
        if (i % 2 === 0) mock.close();
      }
      // The rest is closed when the thread ends.
      parentPort.postMessage(kept.history.filter(({ response }) => response.Name).length);
    `),
  );
  const ends = workers.map((worker) => once(worker, "exit"));
  const counts = await Promise.all(workers.map((worker) => once(worker, "message")));
  assert.deepEqual(counts.flat(), [200, 200, 200, 200]);
  assert.deepEqual((await Promise.all(ends)).flat(), [0, 0, 0, 0]);
});

test("threads end within calls", async () => {
  for (let i = 0; i < 10; ++i) {
    const worker = startWorker(`
      const mock = mockGlueSecurity();
      const handler = mock.requestHandler();
      parentPort.postMessage("begun");
      for (;;) { mockGlueSecurity(); await handler.handle(CREATE); }
    `);
    await once(worker, "message");
    await worker.terminate();
  }
  const mock = glueSecurity.mockGlueSecurity();
  assert.equal((await mock.requestHandler().handle(CREATE)).response.statusCode, 200);
  mock.close();
});

test("a process ends with open mocks, also under an exception", () => {
  const begin = `${BEGIN} const mock = mockGlueSecurity(); mock.clock.freeze();`;
  for (const [code, status] of [
    [begin, 0],
    [`${begin} process.exit(7)`, 7],
    [`${begin} throw new Error("mine")`, 1],
    [`${begin} mock.requestHandler().handle(CREATE).then(() => process.exit(8))`, 8],
  ]) {
    const run = runNode(code);
    assert.equal(run.signal, null, run.stderr);
    assert.equal(run.status, status, run.stderr);
  }
});

// ---- the library

const VERSION = (folder) =>
  `console.log(require(${JSON.stringify(folder)}).libraryVersion())`;

test("the library is looked for beside the addon, by a variable, by the loader", () => {
  const folder = join(FOLDER, "without");
  cpSync(PACKAGE, folder, { recursive: true });
  for (const name of ["libglue_security_c.so.0", "libglue_security.so.0.1.0"]) {
    rmSync(join(folder, "native", name));
  }
  for (const [env, place] of [
    [{ GLUE_SECURITY_LIBRARY: LIBRARY }, folder],
    [{ LD_LIBRARY_PATH: dirname(LIBRARY) }, folder],
    [{ GLUE_SECURITY_LIBRARY: "/no/such" }, PACKAGE],
  ]) {
    const run = runNode(VERSION(place), env);
    assert.deepEqual([run.stdout, run.stderr], ["0.1.0\n", ""]);
  }
  const text = join(FOLDER, "text");
  writeFileSync(text, "text");
  for (const [env, parts] of [
    [{}, ["libglue_security_c.so.0", "tools/node_package.sh", "GLUE_SECURITY_LIBRARY"]],
    [{ GLUE_SECURITY_LIBRARY: "/no/such" }, ["'/no/such'", "GLUE_SECURITY_LIBRARY"]],
    [{ GLUE_SECURITY_LIBRARY: text }, [text, "loaded"]],
    [{ GLUE_SECURITY_LIBRARY: "" }, ["''"]],
    // A library without our functions.
    [{ GLUE_SECURITY_LIBRARY: join(folder, "native/glue_security.node") }, ["it has no"]],
  ]) {
    const run = runNode(
      `try { require(${JSON.stringify(folder)}).checkPolicy("{}"); }
       catch (error) { console.log(error.name, error.message); }`,
      env,
    );
    assert.equal(run.stderr, "");
    for (const part of ["LibraryError", ...parts]) {
      assert.ok(run.stdout.includes(part), `${run.stdout}, not ${part}`);
    }
  }
});

test("a package without an addon says so, and a failure is tried again", () => {
  const folder = join(FOLDER, "bare");
  mkdirSync(join(folder, "native"), { recursive: true });
  for (const name of ["index.js", "package.json"]) {
    copyFileSync(join(PACKAGE, name), join(folder, name));
  }
  cpSync(join(PACKAGE, "lib"), join(folder, "lib"), { recursive: true });
  const run = runNode(
    `const { libraryVersion } = require(${JSON.stringify(folder)});
     try { libraryVersion(); } catch (error) { console.log(error.name, error.message); }
     require("node:fs").copyFileSync(${JSON.stringify(join(PACKAGE, "native/glue_security.node"))},
       ${JSON.stringify(join(folder, "native/glue_security.node"))});
     console.log(libraryVersion());`,
    { GLUE_SECURITY_LIBRARY: LIBRARY },
  );
  assert.equal(run.stderr, "");
  assert.match(run.stdout, /LibraryError .*glue_security\.node.*\n(.*\n)*0\.1\.0\n$/);
});
