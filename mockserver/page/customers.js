// The customers of the chosen organization: a table page by page, and one of them in full.

import { ask } from "./api.js";
import { bodyView } from "./body.js";
import { byId, copyButton, curl, element, shortDate } from "./dom.js";

const PER_PAGE = 50;
const GROUPS = {
  Identity: ["name", "external_id", "lago_id", "slug", "sequential_id", "legal_name", "legal_number",
    "tax_identification_number", "external_salesforce_id", "created_at", "updated_at"],
  Contact: ["email", "phone", "url", "logo_url"],
  Address: ["address_line1", "address_line2", "zipcode", "city", "state", "country"],
  Billing: ["currency", "timezone", "applicable_timezone", "net_payment_term"],
};
const countries = new Intl.DisplayNames("en", { type: "region" });

let page = 1;
let listed = [];
let opened = null; // lago_id
let raw = false;
let generation = 0;

export function setUp() {
  byId("customer-search").addEventListener("input", filter);
  byId("customer").addEventListener("keydown", (event) => event.key === "Escape" && close());
}

/** Begin anew: another organization. */
export function forget() {
  generation += 1;
  page = 1;
  listed = [];
  opened = null;
  byId("customer").hidden = true;
  byId("customer-table").tBodies[0].replaceChildren();
}

/** Fetch the page in hand and show it. */
export async function load() {
  const before = generation;
  const answer = await ask("GET", "customers", { query: { page, per_page: PER_PAGE } });
  if (before !== generation) return;
  const { meta } = answer;
  // The last customers of the last page are gone.
  if (page > 1 && page > meta.total_pages) {
    page = Math.max(1, meta.total_pages);
    await load();
    return;
  }
  // Left alone where nothing changed: the reader may be selecting text.
  const same = JSON.stringify(answer.customers) === JSON.stringify(listed);
  listed = answer.customers;
  pager(meta);
  if (same && byId("customer-table").tBodies[0].rows.length) return;
  redrawn(() => byId("customer-table").tBodies[0].replaceChildren(...listed.map(row)));
  filter();
  if (opened) show(listed.find((each) => each.lago_id === opened) ?? null);
}

// Keeps the focus on the row it was on.
function redrawn(draw) {
  const focused = document.activeElement?.closest?.("#customer-table tr")?.dataset.id;
  draw();
  if (focused) document.querySelector(`#customer-table tr[data-id="${CSS.escape(focused)}"] button`)?.focus();
}

function row(customer) {
  const { lago_id: id, name, external_id: externalId, country, currency, created_at: created } = customer;
  const open = element("button", { type: "button", class: "link", click: () => show(customer, true) }, name || "Unnamed");
  return element("tr", { "data-id": id },
    element("th", { scope: "row", class: name ? null : "muted" }, open),
    element("td", {}, element("code", {}, externalId)),
    element("td", { "data-label": "Country" }, countryName(country) ?? none()),
    element("td", { "data-label": "Currency" }, currency ?? none()),
    element("td", { "data-label": "Created" }, element("time", { datetime: created, title: created }, shortDate(created))));
}

function pager(meta) {
  const { current_page: current, total_pages: pages, total_count: count } = meta;
  const first = (current - 1) * PER_PAGE + 1;
  const go = (to) => () => {
    page = to;
    load().then(() => byId("customers").querySelector(".list").scrollTo(0, 0), report);
  };
  const step = (label, name, to) => element("button", { type: "button", class: "icon", "aria-label": name, disabled: to < 1 || to > pages, click: go(to) }, label);
  byId("pager").replaceChildren(...(count ? [
    element("span", { class: "muted", "aria-live": "polite" }, `${first}–${Math.min(count, current * PER_PAGE)} of ${count}`),
    ...(pages > 1 ? [step("‹", "Previous page", current - 1), step("›", "Next page", current + 1)] : []),
  ] : []));
}

function filter() {
  const words = byId("customer-search").value.trim().toLowerCase();
  let visible = 0;
  for (const [index, tr] of [...byId("customer-table").tBodies[0].rows].entries()) {
    const country = countryName(listed[index].country) ?? "";
    const wanted = !words || (JSON.stringify(listed[index]) + country).toLowerCase().includes(words);
    tr.hidden = !wanted;
    visible += wanted;
  }
  byId("customer-table").hidden = !visible;
  byId("no-customers").hidden = visible > 0;
  byId("no-customers").replaceChildren(...(listed.length ? [element("p", {}, "No customer on this page is like that.")] : [
    element("h2", {}, "No customers yet"),
    element("p", {}, "They appear as your code creates them. Or ", element("a", { href: "#controls" }, "make some up"), "."),
  ]));
}

function show(customer, focus = false) {
  opened = customer?.lago_id ?? null;
  const pane = byId("customer");
  pane.hidden = !customer;
  for (const tr of byId("customer-table").tBodies[0].rows) {
    tr.classList.toggle("current", tr.dataset.id === opened);
    const button = tr.querySelector("button");
    if (tr.dataset.id === opened) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  }
  if (!customer) return;
  pane.replaceChildren(...detail(customer));
  if (focus) pane.querySelector("h2").focus({ preventScroll: true });
}

function close() {
  const was = opened;
  show(null);
  document.querySelector(`#customer-table tr[data-id="${CSS.escape(was)}"] button`)?.focus();
}

function detail(customer) {
  const path = `/api/v1/customers/${encodeURIComponent(customer.external_id)}`;
  const toggle = element("button", { type: "button", class: "quiet", "aria-pressed": String(raw), click: () => {
    raw = !raw;
    show(customer);
    byId("customer").querySelector("[aria-pressed]").focus();
  } }, "JSON");
  return [
    element("header", {},
      element("h2", { tabindex: -1 }, customer.name || customer.external_id),
      element("button", { type: "button", class: "quiet close", "aria-label": "Close", click: close }, "✕")),
    element("div", { class: "actions" }, toggle,
      copyButton("Copy as curl", () => curl("GET", path)),
      copyButton("Copy JSON", () => JSON.stringify({ customer }, null, 2))),
    ...(raw ? [bodyView({ customer })] : groups(customer)),
  ];
}

function groups(customer) {
  const { billing_configuration: billing = {}, metadata = [], taxes = [] } = customer;
  const known = new Set([...Object.values(GROUPS).flat(), "billing_configuration", "metadata", "taxes"]);
  const others = Object.keys(customer).filter((name) => !known.has(name));
  const of = (names) => names.filter((name) => name in customer).map((name) => [name, customer[name]]);
  return [
    ...Object.entries(GROUPS).map(([title, names]) =>
      group(title, [...of(names), ...(title === "Billing" ? Object.entries(billing) : [])])),
    group("Taxes", taxes.map((tax) => [tax.code, `${tax.name}, ${tax.rate} %`])),
    group("Metadata", metadata.map((item) => [item.key, item.display_in_invoice ? `${item.value} (on invoices)` : item.value])),
    ...(others.length ? [group("More", of(others))] : []),
  ];
}

function group(title, pairs) {
  return element("section", {}, element("h3", {}, title), pairs.length
    ? element("dl", { class: "pairs" }, pairs.map(([name, value]) =>
      element("div", {}, element("dt", {}, name), element("dd", {}, readable(name, value)))))
    : element("p", { class: "muted" }, "None."));
}

function readable(name, value) {
  if (value === null || value === "" || (Array.isArray(value) && !value.length)) return none();
  if (name === "country") return `${countryName(value)} (${value})`;
  if (Array.isArray(value)) return value.join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

const none = () => element("span", { class: "none" }, element("span", { "aria-hidden": "true" }, "–"), element("span", { class: "hidden" }, "none"));

function countryName(code) {
  try {
    return code ? countries.of(code) : null;
  } catch {
    return code; // no code of a country
  }
}

/** Say why the customers are not shown. */
export function report(error) {
  byId("customers-error").textContent = error?.message ?? "";
}
