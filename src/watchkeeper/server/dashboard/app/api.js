// Asks the server's public API, and says in words what went wrong.

export class Problem extends Error {
  constructor(status, title, detail, kind = "") {
    super(detail);
    this.status = status;
    this.title = title;
    this.kind = kind;
  }
}

export class Unreachable extends Error {
  constructor() {
    super("No answer from the server. It may be restarting, or the network is gone; this page keeps trying.");
    this.title = "The server does not answer";
  }
}

let csrf = null;

export function setCsrf(token) {
  csrf = token;
}

export async function get(path, { etag, signal } = {}) {
  const headers = etag ? { "If-None-Match": etag } : {};
  const response = await reach(path, { headers, signal });
  if (response.status === 304) return { isSame: true, etag };
  return { value: await answered(response), etag: response.headers.get("ETag") };
}

export async function send(method, path, body) {
  const once = async () => {
    const headers = { "Content-Type": "application/json" };
    if (csrf) headers["X-CSRF-Token"] = csrf;
    return answered(
      await reach(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) }),
    );
  };
  try {
    return await once();
  } catch (error) {
    if (error.kind !== "forgery") throw error;
    // A server that was started anew has a new token; a page elsewhere cannot read it either.
    setCsrf((await get("/v1/access")).value.csrf);
    return once();
  }
}

// A path below /v1 from its pieces, each of them escaped, and the parameters that are set.
export function path(pieces, query = {}) {
  const asked = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined) asked.set(name, String(value));
  }
  const end = asked.size ? `?${asked}` : "";
  return `/v1/${pieces.map(encodeURIComponent).join("/")}${end}`;
}

async function reach(path, options) {
  try {
    return await (started(path, options) ??
      fetch(path, { credentials: "same-origin", cache: "no-store", ...options }));
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Unreachable();
  }
}

// An answer that was asked for before the modules were there; once only.
function started(path, { method = "GET", headers = {} }) {
  if (method !== "GET" || "If-None-Match" in headers) return undefined;
  const answer = window.headStart?.get(path);
  window.headStart?.delete(path);
  return answer;
}

// What was asked for without a session is no answer to who has one since.
export function dropHeadStart() {
  window.headStart?.clear();
}

async function answered(response) {
  if (response.status === 204) return null;
  let body = null;
  try {
    body = await response.json();
  } catch {
    if (response.ok)
      throw new Problem(
        response.status,
        "Not an answer",
        "The server's answer was cut off; load the page again.",
      );
  }
  if (response.ok) return body;
  const title = body?.title ?? `The server answered ${response.status}`;
  const kind = String(body?.type ?? "")
    .split(/[/:]/)
    .at(-1);
  throw new Problem(response.status, title, body?.detail ?? "The server's log tells more.", kind);
}
