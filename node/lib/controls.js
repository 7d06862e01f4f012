// What a mock offers to control its engine: the clock, the fault rules, the history.
// docs/reference/control.md of the project describes the JSON.

"use strict";

const { types } = require("node:util");

const { isObject } = require("./objects.js");

/** Returns a time in the form of RFC 3339. */
function timeText(time) {
  if (typeof time === "string") return time;
  if (!types.isDate(time)) throw new TypeError("a time is a Date or a string");
  if (Number.isNaN(time.getTime())) throw new RangeError("a time is an invalid Date");
  return time.toISOString();
}

/** Returns JSON. Throws for what JSON cannot say, where JSON.stringify writes null. */
function jsonText(value) {
  return JSON.stringify(value, (name, member) => {
    if (typeof member === "number" && !Number.isFinite(member)) {
      throw new RangeError(`${name} is ${member}`);
    }
    return member;
  });
}

/** The clock of the engine, which gives the times of records and keys. All methods return
 * the time that it then shows. */
class Clock {
  #run;

  constructor(run) {
    this.#run = run;
  }

  #change(change) {
    return new Date(JSON.parse(this.#run("setClock", jsonText(change))).now);
  }

  /** The time. A Date has milliseconds, and cuts the rest. */
  get now() {
    return this.#change({});
  }

  /** True when the clock stands still. */
  get frozen() {
    return JSON.parse(this.#run("setClock", "{}")).frozen;
  }

  /** Sets the clock. It goes on from there unless it is frozen. */
  set(now) {
    return this.#change({ now: timeText(now) });
  }

  /** Stops the clock, at `now` if that is given. */
  freeze(now) {
    return this.#change(now === undefined ? { frozen: true } : { now: timeText(now), frozen: true });
  }

  /** Moves the clock by seconds, also backwards, also while frozen. */
  advance(seconds) {
    if (typeof seconds !== "number") throw new TypeError("seconds are a number");
    return new Date(JSON.parse(this.#run("advanceClock", seconds)).now);
  }

  /** Lets the clock follow the system's. */
  restore() {
    return new Date(JSON.parse(this.#run("restoreClock")).now);
  }
}

/** The fault rules of the engine. Iterating lists them, with how often each acted. */
class Faults {
  #run;

  constructor(run) {
    this.#run = run;
  }

  /** Adds a rule and returns its number. A lost request or answer is an error with the
   * code ECONNRESET, which the SDK tries again. */
  add(rule) {
    if (!isObject(rule)) throw new TypeError("a rule is an object");
    return JSON.parse(this.#run("addFault", jsonText(rule))).id;
  }

  /** Removes all rules. */
  clear() {
    this.#run("clearFaults");
  }

  /** The number of rules. */
  get length() {
    return JSON.parse(this.#run("faults")).length;
  }

  [Symbol.iterator]() {
    return JSON.parse(this.#run("faults"))[Symbol.iterator]();
  }
}

/** Returns the calls so far. The array has the member `leftOut`, the number of calls that
 * were dropped since the last reset. */
function history(run) {
  const calls = [];
  let leftOut = 0;
  let next;
  do {
    const page = JSON.parse(run("history", next === undefined ? "" : `after=${next}`));
    for (const call of page.calls) calls.push(call);
    ({ next, left_out: leftOut } = page);
  } while (next !== undefined);
  return Object.defineProperty(calls, "leftOut", { value: leftOut });
}

module.exports = { Clock, Faults, history };
