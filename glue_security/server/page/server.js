// Asks the endpoints of control.

const TOKEN = 'x-glue-security-token';

// The token lives as long as this tab.
let token = sessionStorage.getItem(TOKEN) ?? '';

export function setToken(text) {
  token = text;
  sessionStorage.setItem(TOKEN, text);
}

// An answer other than 200. Its message is the server's.
export class Refusal extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }

  get needsToken() {
    return this.status === 403 && this.message.includes(TOKEN);
  }
}

// The server could not be reached.
export class Silence extends Error {}

// Returns the answer as a value; null when it has no body.
export async function ask(method, path, body) {
  const headers = {};
  if (token !== '') headers[TOKEN] = token;
  let response;
  let text;
  try {
    response = await fetch(path, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      cache: 'no-store',
      credentials: 'omit',
      redirect: 'error',
    });
    text = await response.text();
  } catch {
    throw new Silence('The server does not answer.');
  }
  if (response.ok) return text === '' ? null : JSON.parse(text);
  let message = `The server answered with status ${response.status}.`;
  try {
    message = JSON.parse(text).error ?? message;
  } catch {
    // The status says all there is.
  }
  throw new Refusal(response.status, message);
}

// Returns the names and values as a query.
export function query(parameters) {
  return Object.entries(parameters)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => `${key}=${encodeURIComponent(value)}`)
      .join('&');
}
