// The controls: faults, clock, customers, snapshots, reset. What goes wrong is said at the control.

import { ask, organization } from "./api.js";
import { byId, confirmed, element } from "./dom.js";

const where = () => (organization() ? "this organization" : "the whole server");
const utc = (stamp) => stamp.replace("T", " ").replace("Z", " UTC");
const counted = (number, what) => `${number} ${what}${number === 1 ? "" : "s"}`;

/** Connect the forms; `changed` is called after each change of the server's state. */
export function setUp(changed) {
  const connect = (id, act) => byId(id).addEventListener("submit", (event) => {
    event.preventDefault();
    run(event.target, event.submitter, act, changed);
  });
  connect("faults", addFault);
  connect("freezing", setClock);
  connect("advancing", setClock);
  connect("people", changeCustomers);
  connect("snapshots", handleSnapshot);
  connect("reset", reset);
  const kind = byId("faults").elements.kind;
  kind.addEventListener("change", () => showFieldsOf(kind.value));
  showFieldsOf(kind.value);
  byId("active-faults").addEventListener("click", (event) => {
    const id = event.target.dataset.id;
    if (id) run(byId("faults"), event.target, () => removeFault(id), changed);
  });
}

async function run(form, button, act, changed) {
  const card = form.closest(".card");
  const [error, done] = [card.querySelector(".error"), card.querySelector(".done")];
  error.textContent = done.textContent = "";
  button.disabled = true;
  try {
    done.textContent = (await act(form, button.value)) ?? "";
  } catch (refusal) {
    error.textContent = refusal.message;
  } finally {
    button.disabled = false;
    if (!document.activeElement || document.activeElement === document.body) button.focus();
  }
  changed();
}

/** Say what the controls act on, and switch off what needs an organization without one. */
export function showScope(name) {
  const chosen = Boolean(organization());
  const told = chosen ? [element("b", {}, name), " alone."] : [element("b", {}, "the whole server"), ". Choose an organization above to populate it or to take a snapshot."];
  byId("about-scope").replaceChildren("These act on ", ...told);
  for (const button of document.querySelectorAll("[data-one]")) button.disabled = !chosen;
  for (const each of document.querySelectorAll("#controls .error, #controls .done")) each.textContent = "";
}

// Hidden fields are disabled, so that they neither count nor are required.
function showFieldsOf(kind) {
  for (const label of byId("faults").querySelectorAll("[data-kind]")) {
    label.hidden = label.dataset.kind !== kind;
    label.querySelector("input").disabled = label.hidden;
  }
}

async function addFault(form) {
  const { kind, status, low, high, times, method, path, external_id: externalId } = form.elements;
  const delay = high.value && high.value !== low.value ? `delay ${low.value}-${high.value}` : `delay ${low.value}`;
  const body = { fault: { status: status.value, delay }[kind.value] ?? kind.value };
  if (times.value) body.times = times.valueAsNumber;
  for (const field of [method, path, externalId]) if (field.value) body[field.name] = field.value;
  const { fault } = await ask("POST", "faults", { body });
  return `Added ${fault.fault}.`;
}

async function removeFault(id) {
  const { fault } = await ask("DELETE", `faults/${encodeURIComponent(id)}`);
  byId("faults").elements.kind.focus();
  return `Removed ${fault.fault}, met ${counted(fault.met, "time")}.`;
}

export function showFaults(faults) {
  const list = byId("active-faults");
  const text = JSON.stringify(faults);
  if (list.dataset.shown === text) return; // redrawing would take the focus from its buttons
  list.dataset.shown = text;
  const focused = document.activeElement?.dataset?.id;
  list.replaceChildren(...faults.map((fault) => {
    const { id, fault: name, method, path, external_id: externalId, left, met } = fault;
    const match = [method, path, externalId && `external_id ${externalId}`].filter(Boolean).join(" ");
    const life = left === null ? "until removed" : left ? `${left} left` : "used up";
    return element("li", { class: left === 0 ? "spent" : null },
      element("p", {},
        element("span", { class: "chip fault" }, name),
        element("span", { class: "match" }, match || "every request"),
        element("span", { class: "muted" }, `met ${counted(met, "time")}, ${life}`)),
      element("button", { type: "button", class: "quiet", "data-id": id, "aria-label": `Remove fault ${name}` }, "Remove"));
  }));
  if (focused) list.querySelector(`[data-id="${CSS.escape(focused)}"]`)?.focus();
}

async function setClock(form, action) {
  const { at, amount, unit } = form.elements;
  if (action === "advance") return told(await ask("POST", "clock/advance", { body: { [unit.value]: amount.valueAsNumber } }));
  if (action === "release") return told(await ask("POST", "clock/release"));
  // The field leaves out seconds that are zero; without a moment it is the present one.
  const body = at.value ? { at: `${at.value.length === 16 ? `${at.value}:00` : at.value}Z` } : {};
  return told(await ask("POST", "clock/freeze", { body }));
}

function told(answer) {
  showClock(answer.clock);
  return `It is ${utc(answer.clock.now)}.`;
}

export function showClock({ now, frozen, offset_seconds: offset }) {
  const moved = Math.abs(offset) >= 1;
  const state = frozen ? "frozen" : moved ? `${ahead(offset)}` : "running";
  byId("now").textContent = utc(now);
  byId("now").dateTime = now;
  byId("clock-state").textContent = state;
  byId("clock-state").className = frozen || moved ? "chip clock" : "chip";
  byId("clock-chip").hidden = !frozen && !moved;
  byId("clock-chip").textContent = frozen ? `Clock frozen at ${utc(now)}` : `Clock ${ahead(offset)}`;
}

function ahead(seconds) {
  const size = Math.abs(seconds);
  const [unit, length] = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]].find(([, each]) => size >= each) ?? ["second", 1];
  return `${counted(Math.round((size / length) * 10) / 10, unit)} ${seconds < 0 ? "behind" : "ahead"}`;
}

async function changeCustomers(form, action) {
  if (action === "populate") {
    const { count } = await ask("POST", "customers/populate", { body: { count: form.elements.count.valueAsNumber } });
    return `Made ${counted(count, "customer")}.`;
  }
  if (!(await confirmed("Delete all customers?", `All customers of ${where()} are deleted; requests stay in the journal.`, "Delete"))) return "";
  const { deleted } = await ask("DELETE", "customers");
  return `Deleted ${counted(deleted, "customer")}.`;
}

async function handleSnapshot(form, action) {
  if (action === "restore") return restore(form.querySelector("input[type=file]"));
  const snapshot = await ask("GET", "snapshot");
  const file = new Blob([`${JSON.stringify(snapshot, null, 2)}\n`], { type: "application/json" });
  const link = element("a", { href: URL.createObjectURL(file), download: "organization.json" });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  return `Downloaded ${counted(snapshot.customers.length, "customer")} as organization.json.`;
}

async function restore(input) {
  const file = await chosen(input);
  if (!file) return "";
  if (!(await confirmed("Restore this file?", `${file.name} replaces this organization and all its customers.`, "Restore"))) return "";
  await ask("POST", "restore", { text: await file.text() });
  return `Restored ${file.name}.`;
}

function chosen(input) {
  input.value = "";
  return new Promise((resolve) => {
    input.addEventListener("change", () => resolve(input.files[0]), { once: true });
    input.addEventListener("cancel", () => resolve(null), { once: true });
    input.click();
  });
}

async function reset() {
  const text = `Of ${where()}: requests, faults and customers that are not in the fixtures file are lost.`;
  if (!(await confirmed("Reset?", text, "Reset"))) return "";
  await ask("POST", "reset");
  return "Back at the start.";
}
