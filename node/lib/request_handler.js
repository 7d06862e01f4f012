// The handler of requests that clients of the AWS SDK v3 use in the place of an HTTP
// client.

"use strict";

const { types } = require("node:util");

const { NoHandlerError } = require("./errors.js");
const { TARGETS } = require("./operations.js");

const CREDENTIAL = /Credential=([^/,\s]+)\/[^/,\s]*\/([^/,\s]+)\//;
// A stream may have no end.
const STREAM_BYTES_MAX = 64 << 20;

let requests = 0;

/** Returns a header, whatever the case of its name, or "". */
function headerOf(request, wanted) {
  const { headers } = request;
  if (typeof headers[wanted] === "string") return headers[wanted];
  for (const name of Object.keys(headers)) {
    if (name.toLowerCase() === wanted) return String(headers[name]);
  }
  return "";
}

function abortError(signal) {
  const { reason } = signal;
  const error = new Error("Request aborted", reason instanceof Error ? { cause: reason } : {});
  error.name = "AbortError";
  return error;
}

/** Waits for a promise, or until the request is aborted, or for some milliseconds. The
 * signal is one of the web, or one of the older kind of the SDK. */
async function wait(promise, signal, milliseconds = 0) {
  let timer;
  let abort;
  const interrupted = new Promise((_, reject) => {
    if (milliseconds > 0) {
      timer = setTimeout(() => {
        const error = new Error(`no answer within ${milliseconds} ms`);
        reject(Object.assign(error, { name: "TimeoutError", code: "ETIMEDOUT" }));
      }, milliseconds);
    }
    if (!signal) return;
    abort = () => reject(abortError(signal));
    if (signal.aborted) {
      abort();
    } else if (typeof signal.addEventListener === "function") {
      signal.addEventListener("abort", abort);
    } else {
      signal.onabort = abort;
    }
  });
  try {
    return await Promise.race([promise, interrupted]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener?.("abort", abort);
  }
}

async function read(stream) {
  const parts = [];
  let size = 0;
  for await (const part of stream) {
    const bytes = typeof part === "string" ? Buffer.from(part) : part;
    if (!types.isUint8Array(bytes)) throw new TypeError("a part of a body is a Uint8Array");
    size += bytes.length;
    if (size > STREAM_BYTES_MAX) throw new RangeError("a body has more than 64 MiB");
    parts.push(bytes);
  }
  return Buffer.concat(parts, size);
}

/** Returns a string, a Uint8Array, or a promise of one. */
function bodyOf(body) {
  if (body === undefined || body === null) return "";
  if (typeof body === "string" || types.isUint8Array(body)) return body;
  if (types.isAnyArrayBuffer(body)) return new Uint8Array(body);
  if (ArrayBuffer.isView(body)) {
    return new Uint8Array(body.buffer, body.byteOffset, body.byteLength);
  }
  if (typeof body[Symbol.asyncIterator] === "function") return read(body);
  if (typeof body.stream === "function") return read(body.stream()); // A Blob.
  throw new TypeError("a body is a string, a Uint8Array or a stream");
}

/** Waits as the fault rules say, and throws what a lost connection throws. */
async function suffer(answer, signal, timeout) {
  if (answer.delaySeconds !== undefined) {
    let timer;
    const delay = new Promise((resolve) => {
      timer = setTimeout(resolve, answer.delaySeconds * 1000);
    });
    try {
      await wait(delay, signal, timeout);
    } finally {
      clearTimeout(timer);
    }
  }
  if (answer.lost) {
    const error = new Error("socket hang up");
    throw Object.assign(error, { name: "TimeoutError", code: "ECONNRESET" });
  }
}

function responseOf(answer) {
  requests += 1;
  const headers = {
    "x-amzn-requestid": `00000000-0000-4000-8000-${requests.toString(16).padStart(12, "0")}`,
    "content-type": "application/x-amz-json-1.1",
    "content-length": String(answer.body.length),
  };
  if (answer.errorType !== undefined) headers["x-amzn-errortype"] = answer.errorType;
  return { statusCode: answer.httpStatus, headers, body: answer.body };
}

/** Returns the SDK's own handler, which every client of it has among its packages. */
function httpHandler() {
  let found;
  try {
    found = require("@smithy/node-http-handler");
  } catch (error) {
    throw new NoHandlerError(
      "the request is not for the mock, and @smithy/node-http-handler is not found: give " +
        `requestHandler() the handler that is the next: ${error.message}`,
    );
  }
  return new found.NodeHttpHandler();
}

/** Answers the operations that the engine knows, and hands other requests on. */
class RequestHandler {
  metadata = { handlerProtocol: "http/1.1" };
  #call;
  #next;

  /** `call` makes a call of the engine; `next` is a handler, null for none, or undefined
   * for the SDK's own. */
  constructor(call, next) {
    this.#call = call;
    this.#next = next;
  }

  async handle(request, options = {}) {
    const target = headerOf(request, "x-amz-target");
    if (!TARGETS.has(target)) return this.#handOn(request, target, options);
    const { abortSignal, requestTimeout } = options;
    if (abortSignal?.aborted) throw abortError(abortSignal);
    let body = bodyOf(request.body);
    if (types.isPromise(body)) body = await wait(body, abortSignal);
    const found = CREDENTIAL.exec(headerOf(request, "authorization"));
    const answer = this.#call(found?.[1] ?? "", found?.[2] ?? "", target, body);
    if (answer.delaySeconds !== undefined || answer.lost) {
      await suffer(answer, abortSignal, requestTimeout);
    }
    return { response: responseOf(answer) };
  }

  #handOn(request, target, options) {
    if (this.#next === undefined) this.#next = httpHandler();
    if (this.#next === null) {
      const what = target === "" ? `${request.method} ${request.path}` : target;
      throw new NoHandlerError(`the mock does not know ${what}, and there is no next handler`);
    }
    return this.#next.handle(request, options);
  }

  destroy() {
    this.#next?.destroy?.();
  }

  updateHttpClientConfig(key, value) {
    this.#next?.updateHttpClientConfig?.(key, value);
  }

  httpHandlerConfigs() {
    return this.#next?.httpHandlerConfigs?.() ?? {};
  }
}

module.exports = { RequestHandler };
