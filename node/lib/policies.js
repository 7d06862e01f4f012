// Questions about policy documents, which need no mock.

"use strict";

const { PolicyError } = require("./errors.js");
const { ask } = require("./library.js");
const { isObject } = require("./objects.js");

// The options by the names of glue-policy's flags.
const COMMON = { account: "account", region: "region", caller: "caller", roleArn: "role-arn",
  uniqueId: "unique-id", level: "level" };
const DECIDE = { ...COMMON, action: "action", resource: "resource", identity: "identity" };

function policyText(policy) {
  if (typeof policy === "string") return policy;
  if (!isObject(policy)) throw new TypeError("a policy is a string or an object");
  return JSON.stringify(policy);
}

/** Returns names and values in turns. Throws for a name that is not in `names`. */
function given(options, names) {
  if (!isObject(options)) throw new TypeError("options are an object");
  const pairs = [];
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(names, name)) throw new TypeError(`there is no option '${name}'`);
    if (value === undefined) continue;
    if (typeof value !== "string") throw new TypeError(`${name} is a string`);
    pairs.push(names[name], value);
  }
  return pairs;
}

/** Returns the findings about a resource policy, an empty array for a good one. */
function checkPolicy(policy, options = {}) {
  const text = policyText(policy);
  return JSON.parse(ask("checkPolicy", given(options, COMMON), text)).findings;
}

/** Decides a request by a resource policy. Throws a PolicyError for one with errors. */
function decide(policy, request) {
  const text = policyText(policy);
  const { context = {}, unknown = [], account = "123456789012", region = "us-east-1", ...rest } =
    request ?? {};
  const pairs = given({ account, region, ...rest }, DECIDE);
  if (!isObject(context)) throw new TypeError("context is an object");
  for (const [key, values] of Object.entries(context)) {
    for (const value of Array.isArray(values) ? values : [values]) {
      if (typeof value !== "string") throw new TypeError(`context: ${key} is a string`);
      pairs.push("context", `${key}=${value}`);
    }
  }
  if (!Array.isArray(unknown)) throw new TypeError("unknown is an array of keys");
  for (const key of unknown) pairs.push("unknown", key);
  const answer = JSON.parse(ask("decide", pairs, text));
  if (answer.findings !== undefined) throw new PolicyError(answer.findings);
  return answer;
}

module.exports = { checkPolicy, decide };
