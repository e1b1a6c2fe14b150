// The request journal: rows newest first as they arrive, and one request in full.

import { ask, organization } from "./api.js";
import { bodyView, inShort } from "./body.js";
import { byId, confirmed, copyButton, curl, element, shortTime } from "./dom.js";

const MOST_ROWS = 500;
const ROOT = "/api/v1";
const NEWS_PAUSE = 5000; // milliseconds; a screen reader must get to say something else, too
const TRY = { customer: { external_id: "acme", name: "Acme", country: "France" } };

let entries = []; // oldest first
let lastArrival = 0;
let total = 0;
let opened = null;
let generation = 0;
const rows = new Map(); // arrival -> <li>
const news = { count: 0, latest: null, at: 0 };

const shown = () => document.querySelector("input[name=shown]:checked").value;
const isRefused = (entry) => entry.status >= 400;

export function setUp() {
  byId("search").addEventListener("input", filter);
  for (const each of document.querySelectorAll("input[name=shown]")) each.addEventListener("change", filter);
  byId("rows").addEventListener("keydown", moveAmongRows);
  byId("request").addEventListener("keydown", (event) => event.key === "Escape" && close());
  byId("empty-journal").addEventListener("click", empty);
  byId("no-rows").append(...invitation());
  forget();
}

/** Begin anew: another organization, another server. */
export function forget() {
  generation += 1;
  entries = [];
  lastArrival = total = 0;
  rows.clear();
  byId("rows").replaceChildren();
  filter();
}

/** Fetch what arrived since; return those entries. */
export async function poll() {
  const before = generation;
  const first = lastArrival === 0;
  const query = { after: lastArrival, ...(first && { limit: MOST_ROWS }) };
  const answer = await ask("GET", "requests", { query });
  if (before !== generation) return [];
  // Numbers that went back are another server's, or the journal was emptied.
  if (answer.meta.last_arrival < lastArrival) {
    forget();
    return answer.meta.last_arrival ? poll() : [];
  }
  total = answer.meta.total_count;
  const surplus = entries.length + answer.requests.length - Math.min(total, MOST_ROWS);
  if (!answer.requests.length && surplus <= 0) return [];
  take(answer.requests, surplus);
  if (!first) announce(answer.requests.filter(isRefused));
  return answer.requests;
}

function take(arrived, surplus) {
  entries.push(...arrived);
  for (const old of entries.splice(0, Math.max(0, surplus))) {
    rows.get(old.arrival)?.remove();
    rows.delete(old.arrival);
  }
  lastArrival = entries.at(-1)?.arrival ?? lastArrival;
  const made = arrived.filter((entry) => entry.arrival >= (entries[0]?.arrival ?? Infinity)).map((entry) => {
    rows.set(entry.arrival, row(entry));
    return rows.get(entry.arrival);
  });
  byId("rows").prepend(...made.reverse());
  filter();
}

function row(entry) {
  const { id, status, method, path, query, fault, milliseconds, at, explanation, body } = entry;
  const why = explanation[0];
  const about = body?.customer?.external_id;
  return element("li", {},
    element("a", { href: `#requests/${encodeURIComponent(id)}`, class: isRefused(entry) ? "refused" : null },
      statusOf(status),
      element("span", { class: "method" }, method),
      element("span", { class: "path" }, ...inTwo(path), query ? element("span", { class: "muted" }, `?${query}`) : null,
        ...(typeof about === "string" ? [" ", element("span", { class: "about" }, about)] : [])),
      element("span", { class: "took" }, `${milliseconds < 10 ? milliseconds.toFixed(1) : Math.round(milliseconds)} ms`),
      element("time", { datetime: at, title: at }, shortTime(at)),
      why ? element("span", { class: `why ${why.refused ? "" : "odd"}` },
        fault ? element("span", { class: "chip fault" }, `fault ${fault}`) : null,
        element("span", { class: "text" }, inShort(why)),
        explanation.length > 1 ? element("b", {}, `+${explanation.length - 1}`) : null) : null));
}

// What all paths begin with is left out where there is no room for it.
function inTwo(path) {
  return path.startsWith(ROOT) ? [element("span", { class: "root" }, ROOT), path.slice(ROOT.length)] : [path];
}

const kindOf = (status) => (!status || status >= 500 ? "broken" : status >= 400 ? "refused" : "fine");

const statusOf = (status) => element("span", { class: `status ${kindOf(status)}` },
  ...(status ? [String(status)] : [element("span", { "aria-hidden": "true" }, "–"), element("span", { class: "hidden" }, "no answer")]));

function filter() {
  const words = byId("search").value.trim().toLowerCase();
  const onlyRefused = shown() === "refused";
  let visible = 0;
  for (const entry of entries) {
    const wanted = (!onlyRefused || isRefused(entry)) && (!words || text(entry).includes(words));
    rows.get(entry.arrival).hidden = !wanted;
    visible += wanted;
  }
  const refused = entries.filter(isRefused).length;
  byId("refused-count").textContent = refused || "";
  byId("no-rows").hidden = entries.length > 0;
  byId("empty-journal").hidden = !entries.length;
  byId("rows-foot").textContent = !entries.length ? "" : !visible ? "No request is like that."
    : total > entries.length ? `The newest ${entries.length} of ${total} requests.` : "";
  mark();
}

const texts = new WeakMap(); // searched at every key press
function text(entry) {
  if (!texts.has(entry)) texts.set(entry, JSON.stringify(entry).toLowerCase());
  return texts.get(entry);
}

// One row at a time is a stop of the Tab key, so that the detail is not hundreds of them away.
function mark() {
  const links = visibleLinks();
  const current = links.find((link) => opened && link.hash === hashOf(opened));
  const stop = links.find((link) => link === document.activeElement) ?? current ?? links[0];
  for (const link of byId("rows").querySelectorAll("a")) {
    link.tabIndex = link === stop ? 0 : -1;
    if (link === current) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

const hashOf = (entry) => `#requests/${encodeURIComponent(entry.id)}`;
const visibleLinks = () => [...byId("rows").querySelectorAll("li:not([hidden]) > a")];

function moveAmongRows(event) {
  const step = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity }[event.key];
  if (!step) return;
  event.preventDefault();
  const links = visibleLinks();
  const index = links.indexOf(event.target.closest("a")) + step;
  links[Math.max(0, Math.min(links.length - 1, index))]?.focus();
  mark();
}

function announce(refused) {
  news.count += refused.length;
  news.latest = refused.at(-1) ?? news.latest;
  if (!news.count || Date.now() - news.at < NEWS_PAUSE) return;
  const { method, path, status, explanation } = news.latest;
  const many = news.count > 1 ? `${news.count} requests were refused, the last: ` : "Refused: ";
  byId("news").textContent = `${many}${method} ${path}, ${status}. ${explanation[0] ? inShort(explanation[0]) : ""}`;
  Object.assign(news, { count: 0, at: Date.now() });
}

/** Show the request `id` in full; null shows none. */
export async function open(id) {
  const pane = byId("request");
  let entry = null;
  if (id) entry = entries.findLast((each) => each.id === id) ?? (await fetched(id));
  opened = entry;
  pane.hidden = !id;
  if (id) pane.replaceChildren(...(entry ? detail(entry) : [closing(), element("p", { class: "nothing" }, "The journal holds no such request any more.")]));
  mark();
  if (id) pane.querySelector("h2, button")?.focus({ preventScroll: true });
}

async function fetched(id) {
  return ask("GET", `requests/${encodeURIComponent(id)}`).then((answer) => answer.request, () => null);
}

function close() {
  const link = visibleLinks().find((each) => opened && each.hash === hashOf(opened));
  location.hash = "#requests";
  link?.focus();
}

const closing = () => element("button", { type: "button", class: "quiet close", "aria-label": "Close", click: close }, "✕");

function detail(entry) {
  const { id, at, method, path, query, body, status, milliseconds, fault, explanation, answer } = entry;
  const reasons = explanation.filter((each) => each.refused).length;
  const remarks = explanation.length - reasons;
  const target = path + (query && `?${query}`);
  const type = explanation.find((each) => each.pointer === "header Content-Type" && each.sent)?.given;
  const said = [counted(reasons, "reason"), counted(remarks, "remark")].filter(Boolean).join(", ");
  return [
    element("header", {},
      element("h2", { tabindex: -1 }, element("span", { class: "method" }, method), " ", target), closing()),
    element("dl", { class: "facts" },
      fact("Status", statusOf(status), " ", answer?.error ?? ""),
      fact("Came", element("time", { datetime: at }, at)),
      fact("Took", `${milliseconds} ms`),
      fault ? fact("Fault", element("span", { class: "chip fault" }, fault)) : null,
      fact("X-Request-Id", element("code", {}, id))),
    element("div", { class: "actions" },
      copyButton("Copy as curl", () => curl(method, target, body, { type })),
      body === null ? null : copyButton("Copy JSON", () => (typeof body === "string" ? body : JSON.stringify(body, null, 2)))),
    element("section", {},
      element("h3", {}, "Request", said ? element("span", { class: reasons ? "tally refused" : "tally odd" }, said) : null),
      body === null && !explanation.length ? element("p", { class: "muted" }, "No body.") : bodyView(body, explanation)),
    element("section", {},
      element("h3", {}, "Answer"),
      answer === null || answer === undefined ? element("p", { class: "muted" }, "No body.") : bodyView(answer)),
  ];
}

const counted = (number, what) => (number ? `${number} ${what}${number > 1 ? "s" : ""}` : "");

const fact = (name, ...value) => element("div", {}, element("dt", {}, name), element("dd", {}, ...value));

function invitation() {
  const command = curl("POST", "/api/v1/customers", TRY, { key: "${LAGO_API_KEY:-any-key}" });
  return [
    element("h2", {}, "No requests yet"),
    element("p", {}, "Point a Lago client at this server, or try one that it refuses:"),
    element("pre", { tabindex: 0, "aria-label": "Command to try" }, element("code", {}, command)),
    copyButton("Copy", () => command, { class: "primary" }),
  ];
}

async function empty() {
  const which = organization() ? "this organization" : "the whole server";
  if (!(await confirmed("Clear the journal?", `All requests of ${which} are forgotten; customers stay.`, "Clear"))) return;
  const error = byId("journal-error");
  error.textContent = "";
  try {
    await ask("DELETE", "requests");
    location.hash = "#requests";
    forget();
  } catch (refusal) {
    error.textContent = refusal.message;
  }
}
