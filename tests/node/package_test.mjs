// Both tarballs are made and installed without a network into an empty folder, where the
// tests of the page run, other requests reach a server, and the types compile.
//
// Usage: node package_test.mjs LIBRARY

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { createServer } from "node:http";
import { dirname, join } from "node:path";
import test from "node:test";
import { promisify } from "node:util";

import { FOLDER, LIBRARY, MODULES, PACKAGE, ROOT } from "./door.mjs";

const run = promisify(execFile);
const MARK = "<!-- run by: tests/node/package_test.mjs -->\n```shell\n";
const COMMANDS = readFileSync(join(ROOT, "docs/embedding.md"), "utf8")
  .split(MARK)[1]
  .split("```")[0];

// Runs the commands of the page, changed, in an empty folder, and adds the SDK.
async function install(name, change = (commands) => commands) {
  const folder = join(FOLDER, name);
  mkdirSync(folder);
  for (const part of ["LICENSE", "glue_security", "node", "tests", "tools"]) {
    symlinkSync(join(ROOT, part), join(folder, part));
  }
  const env = {
    PATH: `${dirname(process.execPath)}:${process.env.PATH}`,
    HOME: folder,
    GLUE_SECURITY_LIBRARIES: dirname(LIBRARY),
    npm_config_offline: "true",
    npm_config_update_notifier: "false",
  };
  const commands = change(COMMANDS);
  await run("/bin/bash", ["-euc", commands], { cwd: folder, env });
  for (const module of readdirSync(MODULES).filter((one) => one[0] !== ".")) {
    symlinkSync(join(MODULES, module), join(folder, "node_modules", module));
  }
  return folder;
}

// Runs node in the folder of an installation; returns what it prints.
async function node(folder, ...args) {
  const env = {
    PATH: process.env.PATH,
    AWS_ACCESS_KEY_ID: "111122223333",
    AWS_SECRET_ACCESS_KEY: "secret",
    AWS_CONFIG_FILE: "/dev/null",
  };
  return (await run(process.execPath, args, { cwd: folder, env })).stdout;
}

// Makes a call of each service, and prints what the process has loaded.
const USE = `
  import { readFileSync } from "node:fs";
  import * as glueSdk from "@aws-sdk/client-glue";
  import * as kmsSdk from "@aws-sdk/client-kms";
  import { mockGlueSecurity } from "glue-security";
  const mock = mockGlueSecurity();
  const glue = new glueSdk.GlueClient(mock.clientConfig());
  await glue.send(new glueSdk.GetSecurityConfigurationsCommand({}));
  const kms = new kmsSdk.KMSClient(mock.clientConfig());
  const { KeyMetadata } = await kms.send(new kmsSdk.CreateKeyCommand({}));
  const Plaintext = new Uint8Array(3);
  await kms.send(new kmsSdk.EncryptCommand({ KeyId: KeyMetadata.KeyId, Plaintext }));
  for (const line of readFileSync("/proc/self/maps", "utf8").split("\\n")) {
    if (line.includes(".so")) console.log(line.split(/ +/).at(-1));
  }
`;

async function loadedBy(folder) {
  const out = await node(folder, "--input-type=module", "-e", USE);
  return new Set(out.trim().split("\n"));
}

test("the tarball", async (t) => {
  const folder = await install("plain");
  const installed = join(folder, "node_modules/glue-security");

  await t.test("has what it needs, and nothing else", () => {
    assert.deepEqual(readdirSync(installed).sort(), [
      "LICENSE", "index.d.ts", "index.js", "index.mjs", "lib", "native", "package.json",
    ]);
    assert.deepEqual(readdirSync(join(installed, "native")).sort(), [
      "glue_security.node", "libglue_security.so.0.1.0", "libglue_security_c.so.0",
    ]);
  });

  await t.test("the tests of the page", async () => {
    copyFileSync(join(ROOT, "tests/node/example_test.mjs"), join(folder, "example_test.mjs"));
    const out = await node(folder, "--test-reporter=tap", "example_test.mjs");
    assert.match(out, /^# pass 2$/m);
  });

  await t.test("the libraries are its own", async () => {
    const libraries = await loadedBy(folder);
    for (const name of ["libglue_security_c.so.0", "libglue_security.so.0.1.0"]) {
      assert.ok(libraries.has(join(installed, "native", name)), [...libraries].join("\n"));
    }
  });

  await t.test("other operations reach a server", async (t2) => {
    const targets = [];
    const server = createServer((request, response) => {
      targets.push(request.headers["x-amz-target"]);
      response.setHeader("Content-Type", "application/x-amz-json-1.1");
      response.end('{"JobNames":["of the server"]}');
    }).listen(0, "127.0.0.1");
    t2.after(() => server.close());
    await new Promise((resolve) => server.once("listening", resolve));
    const out = await node(folder, "-e", `
      const sdk = require("@aws-sdk/client-glue");
      const { mockGlueSecurity } = require("glue-security");
      const glue = new sdk.GlueClient({
        ...mockGlueSecurity().clientConfig(),
        endpoint: "http://127.0.0.1:${server.address().port}",
      });
      (async () => {
        await glue.send(new sdk.GetSecurityConfigurationsCommand({}));
        console.log((await glue.send(new sdk.ListJobsCommand({}))).JobNames.join());
        glue.destroy();
      })();
    `);
    assert.equal(out, "of the server\n");
    assert.deepEqual(targets, ["AWSGlue.ListJobs"]);
  });

  await t.test("the types", async () => {
    const tsc = [join(MODULES, "typescript/bin/tsc"), "--noEmit", "--strict"];
    const lib = ["--target", "es2022", "--lib", "es2022"];
    copyFileSync(join(ROOT, "tests/node/types_example.ts"), join(folder, "types_example.ts"));
    await node(folder, ...tsc, ...lib, join(installed, "index.d.ts"));
    // The types of the SDK need those of Node.js, which are not here.
    await node(
      folder, ...tsc, ...lib.slice(0, 3), "es2022,dom", "--skipLibCheck",
      "--module", "nodenext", "--moduleResolution", "nodenext", "types_example.ts",
    );
  });
});

test("the whole tarball has the libraries of Debian", async () => {
  const folder = await install("whole", (commands) =>
    commands.replace("package.sh", "package.sh --whole").replace(".tgz", "-whole.tgz"),
  );
  const libraries = [...(await loadedBy(folder))];
  const theirs = libraries.filter((path) => /lib(absl|protobuf|re2|simdjson)/.test(path));
  const native = join(folder, "node_modules/glue-security/native/");
  assert.ok(theirs.length > 20, String(theirs));
  assert.deepEqual(theirs.filter((path) => !path.startsWith(native)), []);
  assert.ok(readdirSync(native).includes("copyright-libprotobuf32.txt"));
});

test("the versions are equal", () => {
  const { version } = JSON.parse(readFileSync(join(PACKAGE, "package.json"), "utf8"));
  assert.ok(COMMANDS.includes(`glue-security-${version}.tgz`));
});
