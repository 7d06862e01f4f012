// The common part of the tests with the AWS SDK for JavaScript: the server, and policies.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

// For tests in folders from which no package of npm is found.
export * as sdk from "@aws-sdk/client-glue";
export * as kmsSdk from "@aws-sdk/client-kms";

export const ACCOUNT = "111122223333";
export const OPERATIONS = JSON.parse(
  readFileSync(new URL("../operations.json", import.meta.url), "utf8"),
);

// Removes the settings of the user who runs this.
for (const name of Object.keys(process.env)) {
  if (name.startsWith("AWS_")) delete process.env[name];
}
process.env.AWS_CONFIG_FILE = "/dev/null";
process.env.AWS_SHARED_CREDENTIALS_FILE = "/dev/null";

// The mock server on a port of its own, with its control endpoints.
export class Server {
  static async start(...flags) {
    const server = new Server();
    server.process = spawn(process.argv[2], ["--port=0", "--control", "--log=off", ...flags], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    // Also ends the server when this process ends early.
    server.kill = () => server.process.kill();
    process.once("exit", server.kill);
    server.exited = once(server.process, "exit");
    const lines = createInterface({ input: server.process.stdout });
    const [line] = await Promise.race([once(lines, "line"), server.exited]);
    server.url = String(line);
    assert.match(server.url, /^http:/, "the server printed no URL");
    return server;
  }

  // Returns the exit status, or a signal's name if one ended the server.
  async stop() {
    process.off("exit", this.kill);
    this.process.kill("SIGTERM");
    const [status, signal] = await this.exited;
    return signal ?? status;
  }

  // Calls a control endpoint and returns its answer as a value.
  async control(method, path, body) {
    const answer = await fetch(`${this.url}/_glue_security${path}`, {
      method,
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await answer.text();
    assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`);
    return text === "" ? undefined : JSON.parse(text);
  }

  failNext(operation, error, message = "injected") {
    return this.control("POST", "/faults", { operation, fault: "error", error, message });
  }
}

// Returns a policy of `size` bytes that a catalog accepts. None of them is an
// insignificant blank.
export function policy({ account = ACCOUNT, region = "us-east-1", size } = {}) {
  const text = (more) =>
    JSON.stringify({
      ...more,
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { AWS: "arn:aws:iam::210987654321:root" },
          Action: "glue:Get*",
          Resource: `arn:aws:glue:${region}:${account}:*`,
        },
      ],
    });
  if (size === undefined) return text({});
  return text({ Id: "i".repeat(size - text({ Id: "" }).length) });
}

// Returns a policy as the service prints it, and this server unless its behavior is
// documented.
export function reprinted(text) {
  const show = (value, indent) => {
    if (Array.isArray(value)) {
      const shown = value.map((element) => show(element, indent)).join(", ");
      return value.length === 0 ? "[ ]" : `[ ${shown} ]`;
    }
    if (typeof value !== "object") return JSON.stringify(value);
    const inner = `${indent}  `;
    const members = Object.entries(value).map(
      ([name, member]) => `${inner}"${name}" : ${show(member, inner)}`,
    );
    return members.length === 0 ? "{ }" : `{\n${members.join(",\n")}\n${indent}}`;
  };
  return show(JSON.parse(text), "");
}
