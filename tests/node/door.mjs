// What the tests of the package for Node.js share. Their first argument is
// libglue_security_c. The package is made in a folder of its own, and imported from there.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

import { ACCOUNT, sdk } from "../clients/js/harness.mjs";

export const LIBRARY = realpathSync(process.argv[2]);
export const ROOT = fileURLToPath(new URL("../..", import.meta.url));
export const MODULES = join(ROOT, "tests/clients/js/node_modules");

// A folder that is removed at the end of the process.
export const FOLDER = mkdtempSync(join(tmpdir(), "node-package-"));
process.once("exit", () => rmSync(FOLDER, { recursive: true }));

// Runs tools/node_package.sh.
export function makePackage(...args) {
  const env = {
    PATH: `${dirname(process.execPath)}:${process.env.PATH}`,
    HOME: FOLDER,
    GLUE_SECURITY_LIBRARIES: dirname(LIBRARY),
  };
  return execFileSync(join(ROOT, "tools/node_package.sh"), args, { env, encoding: "utf8" });
}

export const PACKAGE = join(FOLDER, "glue-security");
makePackage("--folder", PACKAGE);
export const glueSecurity = await import(pathToFileURL(join(PACKAGE, "index.mjs")));

// Returns a client of a mock that tries `maxAttempts` times.
export function clientOf(mock, { maxAttempts = 1, ...options } = {}) {
  return new sdk.GlueClient({ ...mock.clientConfig(options), maxAttempts });
}

export function send(client, operation, request = {}) {
  return client.send(new sdk[`${operation}Command`](request));
}

export function create(client, Name) {
  return send(client, "CreateSecurityConfiguration", { Name, EncryptionConfiguration: {} });
}

// Returns the names of the security configurations.
export async function names(client) {
  const listed = await send(client, "GetSecurityConfigurations");
  return listed.SecurityConfigurations.map(({ Name }) => Name);
}

// Makes a mock that is closed at the end of a test.
export function mockFor(test, options) {
  const mock = glueSecurity.mockGlueSecurity(options);
  test.after(() => mock.close());
  return mock;
}

// A mock as a transport of the cases that all clients play.
export function inProcess(mock, behavior) {
  const clients = new Map();
  return {
    behavior,
    client({ account = ACCOUNT, region = "us-east-1", maxAttempts = 1 } = {}) {
      const key = `${account} ${region} ${maxAttempts}`;
      if (!clients.has(key)) {
        clients.set(
          key,
          new sdk.GlueClient({
            region,
            credentials: { accessKeyId: account, secretAccessKey: "secret" },
            requestHandler: mock.requestHandler({ next: null }),
            maxAttempts,
          }),
        );
      }
      return clients.get(key);
    },
    reset: () => mock.reset(),
    setClock(change) {
      assert.ok(change.frozen);
      mock.clock.freeze(change.now);
    },
    advanceClock: (seconds) => mock.clock.advance(seconds),
    addFault: (rule) => mock.faults.add(rule),
    save: (name) => mock.save(name),
    restore: (name) => mock.restore(name),
  };
}
