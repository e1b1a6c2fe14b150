// Asks the control API, about the chosen organization, with the admin token.

const TOKEN = "mock-admin-token";
const ORGANIZATION = "organization";
const PATIENCE = 10_000; // milliseconds; only for reading: making 100000 customers takes longer

/** The server refused; `lines` say why, one for each reason. */
export class Refused extends Error {
  constructor(status, lines) {
    super(lines.join("\n"));
    this.status = status;
    this.lines = lines;
  }
}

/** Nothing that is our server answers. */
export class Gone extends Error {}

/** The lago_id of the chosen organization; "" is the whole server. */
export const organization = () => sessionStorage.getItem(ORGANIZATION) ?? "";
export const choose = (lagoId) => sessionStorage.setItem(ORGANIZATION, lagoId);

export const hasToken = () => sessionStorage.getItem(TOKEN) !== null;
export const keepToken = (token) => sessionStorage.setItem(TOKEN, token);

/**
 * Return the JSON value that the server answers; throw `Refused` or `Gone`.
 *
 * `body` is a JSON value, `text` JSON as it stands in a file; `everywhere` asks about the whole
 * server, whatever is chosen.
 */
export async function ask(method, path, { query = {}, body, text, everywhere = false } = {}) {
  const about = !everywhere && organization() ? { organization: organization() } : {};
  const parameters = new URLSearchParams({ ...query, ...about }).toString();
  const sent = text ?? (body === undefined ? undefined : JSON.stringify(body));
  const headers = {};
  if (sent !== undefined) headers["Content-Type"] = "application/json";
  // A header holds bytes; a token beyond ASCII is sent as its UTF-8.
  if (hasToken()) headers["Mock-Admin-Token"] = bytes(sessionStorage.getItem(TOKEN));
  // Relative to the page, so that it also works behind a proxy that adds a prefix.
  const response = await fetch(path + (parameters && `?${parameters}`), {
    method,
    headers,
    body: sent,
    cache: "no-store",
    signal: method === "GET" ? AbortSignal.timeout(PATIENCE) : undefined,
  }).catch((error) => {
    throw new Gone(error.message);
  });
  const answer = await response.json().catch(() => null);
  if (response.ok && answer) return answer;
  // Whatever stands in for a server that is gone, such as a proxy, does not answer in our words.
  if (!answer?.error) throw new Gone(`answer ${response.status}`);
  const lines = (answer.explanation ?? []).map((finding) => finding.line);
  throw new Refused(response.status, lines.length ? lines : [answer.error]);
}

function bytes(text) {
  return String.fromCharCode(...new TextEncoder().encode(text));
}
