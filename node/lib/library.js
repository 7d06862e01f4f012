// Finds and loads the addon and the shared library, and turns what they return into
// values and errors. glue_security/capi/glue_security.h says what each function does.

"use strict";

const fs = require("node:fs");
const path = require("node:path");

const errors = require("./errors.js");

const NAME = "libglue_security_c.so.0";
const VARIABLE = "GLUE_SECURITY_LIBRARY";
const NATIVE = path.join(__dirname, "..", "native");
const ADDON = path.join(NATIVE, "glue_security.node");

const OK = 0;
const INVALID_ARGUMENT = 1;
const ERRORS = {
  [INVALID_ARGUMENT]: errors.InvalidArgumentError,
  2: errors.NotActiveError,
  4: errors.SnapshotNotFoundError,
  5: errors.NoRoomError,
  6: errors.StorageError,
};

/** Returns what to load: beside the addon, what the variable says, or the name alone,
 * which the loader looks for. */
function find() {
  const beside = path.join(NATIVE, NAME);
  if (fs.existsSync(beside)) return beside;
  const named = process.env[VARIABLE];
  if (named === undefined) return NAME;
  if (!fs.statSync(named, { throwIfNoEntry: false })?.isFile()) {
    throw new errors.LibraryError(`${VARIABLE} names '${named}', which is not a file`);
  }
  return path.resolve(named);
}

/** The addon once the library is loaded, and the library's version. */
let loaded;

/** Returns the addon and the version. A failure is tried again by the next call. */
function load() {
  if (loaded !== undefined) return loaded;
  const library = find();
  try {
    const addon = require(ADDON);
    loaded = { addon, version: addon.load(library) };
  } catch (error) {
    throw new errors.LibraryError(
      `${library} cannot be loaded: ${error.message}. Install the package that ` +
        "tools/node_package.sh makes and the libraries that it needs, or the package " +
        `that carries them (--whole), or set ${VARIABLE} to the path of ${NAME}`,
      { cause: error },
    );
  }
  return loaded;
}

/** Returns an answer of the addon, or throws the error of its code. */
function take(answer) {
  if (answer.code === OK) return answer;
  throw new (ERRORS[answer.code] ?? errors.LibraryError)(answer.message);
}

/** Calls a function of an engine and returns its body, usually JSON. */
function run(engine, name, ...values) {
  return take(load().addon[name](engine, ...values)).body;
}

/** Calls a function about a policy. Returns its body, also when the policy has findings. */
function ask(name, options, policy) {
  const answer = load().addon[name](options, policy);
  const hasFindings = answer.code === INVALID_ARGUMENT && answer.body !== "";
  return hasFindings ? answer.body : take(answer).body;
}

module.exports = { ask, load, run, take };
