// The page as a whole: views, the chosen organization, and the loop that keeps all up to date.

import { Gone, Refused, ask, choose, hasToken, keepToken, organization } from "./api.js";
import * as controls from "./controls.js";
import * as customers from "./customers.js";
import { byId, element } from "./dom.js";
import * as journal from "./journal.js";

const TICK = 500; // milliseconds between looks at the journal
const TICK_GONE = 2000;
const VIEWS = ["requests", "customers", "controls"];
const THEMES = { "": ["◐", "as the system"], light: ["☀", "light"], dark: ["☾", "dark"] };

let view = "requests";
let ticks = 0;
let gone = false;
let waiting = null; // the timer of the next tick
let organizations = [];

// Views ------------------------------------------------------------------------------------------

function route() {
  const [name, id] = location.hash.slice(1).split("/");
  // Other fragments, such as the skip link's, are places on the page.
  if (location.hash && !VIEWS.includes(name)) return;
  view = name || "requests";
  for (const each of VIEWS) byId(each).hidden = each !== view;
  for (const link of document.querySelectorAll("nav a")) {
    if (link.hash === `#${view}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  document.title = `${view[0].toUpperCase()}${view.slice(1)} · lago-mockserver`;
  if (view === "requests") journal.open(id ? decodeURIComponent(id) : null);
  soon();
}

// Organizations ----------------------------------------------------------------------------------

async function refreshOrganizations() {
  ({ organizations } = await ask("GET", "organizations", { everywhere: true }));
  const select = byId("organization");
  const options = new Map([...select.options].slice(1).map((option) => [option.value, option]));
  // Changed in place: the list may be open.
  for (const each of organizations) {
    const option = options.get(each.lago_id) ?? select.appendChild(element("option", { value: each.lago_id }));
    const text = `${each.name} · ${each.prefix} (${each.customers_count})`;
    if (option.textContent !== text) option.textContent = text;
    options.delete(each.lago_id);
  }
  for (const option of options.values()) option.remove();
  const known = organizations.some((each) => each.lago_id === organization());
  if (organization() && !known) chosen("");
  else if (select.value !== organization()) chosen(organization());
}

function chosen(lagoId) {
  choose(lagoId);
  byId("organization").value = lagoId;
  const found = organizations.find((each) => each.lago_id === lagoId);
  controls.showScope(found ? `${found.name} (${found.prefix})` : "");
  controls.showFaults([]);
  journal.forget();
  customers.forget();
  if (view === "requests" && location.hash.includes("/")) location.hash = "#requests";
  soon();
}

// The loop ---------------------------------------------------------------------------------------

function soon() {
  clearTimeout(waiting);
  ticks = 0;
  waiting = setTimeout(tick, 0);
}

async function tick() {
  clearTimeout(waiting);
  if (document.hidden) return; // begins again when the page is seen
  const number = ticks++;
  try {
    if (number % 4 === 0) await refreshOrganizations();
    const arrived = await journal.poll();
    if (number % (view === "controls" ? 2 : 10) === 0) await refreshControls();
    const written = arrived.some((entry) => entry.method !== "GET");
    if (view === "customers" && (number % 10 === 0 || written)) await refreshCustomers();
    if (gone || number === 0) await back();
  } catch (error) {
    if (!failed(error)) return;
  }
  clearTimeout(waiting);
  waiting = setTimeout(tick, gone ? TICK_GONE : TICK);
}

async function refreshControls() {
  const [{ faults }, { clock }] = await Promise.all([ask("GET", "faults"), ask("GET", "clock")]);
  controls.showFaults(faults);
  controls.showClock(clock);
}

async function refreshCustomers() {
  try {
    await customers.load();
    customers.report(null);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    customers.report(error);
  }
}

// Return whether to go on.
function failed(error) {
  if (error instanceof Refused && error.status === 401) {
    askForToken();
    return false;
  }
  if (error instanceof Refused) {
    // Such as the organization that was forgotten meanwhile: the next tick looks which there are.
    if (error.status === 404) ticks = 0;
    else banner(error.message);
    return true;
  }
  if (!(error instanceof Gone)) throw error;
  gone = true;
  banner("Server is gone; trying again");
  return true;
}

async function back() {
  // Another server may stand there now, whose requests are numbered anew.
  if (gone) journal.forget();
  if (gone) ticks = 0;
  gone = false;
  banner("");
  const { contract } = await ask("GET", "health", { everywhere: true });
  byId("contract").textContent = `Lago ${contract}`;
}

function banner(text, { token = false } = {}) {
  const place = byId("banner");
  place.hidden = !text;
  const words = place.querySelector("span");
  if (words.textContent !== text) words.textContent = text;
  byId("enter-token").hidden = !token;
}

function askForToken() {
  const dialog = byId("token");
  const input = dialog.querySelector("input");
  dialog.querySelector(".error").textContent = hasToken() ? "That is not the server's token." : "";
  input.value = dialog.returnValue = "";
  dialog.addEventListener("close", () => {
    if (dialog.returnValue === "yes") {
      keepToken(input.value);
      banner("");
      soon();
    } else {
      banner("This server shows nothing without its admin token.", { token: true });
    }
  }, { once: true });
  if (!dialog.open) dialog.showModal();
}

// Theme ------------------------------------------------------------------------------------------

function theme(name) {
  if (name) document.documentElement.dataset.theme = name;
  else delete document.documentElement.dataset.theme;
  const [sign, words] = THEMES[name];
  byId("theme").textContent = sign;
  byId("theme").setAttribute("aria-label", `Colours: ${words}`);
  byId("theme").title = `Colours: ${words}`;
  localStorage.setItem("theme", name);
}

function nextTheme() {
  const names = Object.keys(THEMES);
  const now = document.documentElement.dataset.theme ?? "";
  theme(names[(names.indexOf(now) + 1) % names.length]);
}

// ------------------------------------------------------------------------------------------------

const kept = localStorage.getItem("theme");
theme(kept in THEMES ? kept : "");
byId("theme").addEventListener("click", nextTheme);
byId("organization").addEventListener("change", (event) => chosen(event.target.value));
byId("enter-token").addEventListener("click", askForToken);
byId("token").querySelector("button").addEventListener("click", () => byId("token").close());
addEventListener("hashchange", route);
document.addEventListener("visibilitychange", () => document.hidden || soon());
journal.setUp();
customers.setUp();
controls.setUp(soon);
controls.showScope("");
route();
