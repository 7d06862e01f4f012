// Tells objects with members from the others.

"use strict";

/** Returns true for an object whose members are its content, unlike a Map's, an array's or
 * a Date's. */
function isObject(value) {
  return Object.prototype.toString.call(value) === "[object Object]";
}

module.exports = { isObject };
