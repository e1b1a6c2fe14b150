// Elements from data. Text only ever becomes a text node: what the server says is not trusted.

/** Return an element; functions among the attributes are listeners, null and false are left out. */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name, value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== null && value !== undefined && value !== false) made.setAttribute(name, value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return made;
}

export const byId = (id) => document.getElementById(id);

/** Return a button that copies what `text()` returns, and says so. */
export function copyButton(label, text, attributes = {}) {
  const button = element("button", { type: "button", class: "quiet", ...attributes }, label);
  button.addEventListener("click", async () => {
    button.textContent = (await copied(text())) ? "Copied" : "Could not copy";
    setTimeout(() => (button.textContent = label), 1500);
  });
  return element("span", { class: "copy", "aria-live": "polite" }, button);
}

async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Browsers keep the clipboard from pages of other machines without TLS, as in a container.
    const area = element("textarea", { class: "hidden", "aria-hidden": "true" });
    area.value = text;
    const focused = document.activeElement;
    (document.querySelector("dialog[open]") ?? document.body).append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    focused?.focus({ preventScroll: true });
    return done;
  }
}

/** Return a curl command for the shell; `body` is a JSON value or text, null for none. */
export function curl(method, path, body = null, { type = "application/json", key = "$LAGO_API_KEY" } = {}) {
  const parts = [`curl -i ${quoted(location.origin + path)}`];
  if (method !== (body === null ? "GET" : "POST")) parts.splice(0, 1, `curl -i -X ${method} ${quoted(location.origin + path)}`);
  parts.push(`-H "Authorization: Bearer ${key}"`);
  if (body !== null) {
    parts.push(`-H ${quoted(`Content-Type: ${type}`)}`);
    parts.push(`-d ${quoted(typeof body === "string" ? body : JSON.stringify(body))}`);
  }
  return parts.join(" \\\n  ");
}

const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/** Return a time as people of this place write it, in short; whole days only where not today. */
export function shortTime(stamp) {
  const at = new Date(stamp);
  if (Number.isNaN(at.valueOf())) return String(stamp);
  const time = at.toLocaleTimeString(undefined, { hour12: false });
  if (at.toDateString() === new Date().toDateString()) return time;
  return `${shortDate(stamp)} ${time}`;
}

export function shortDate(stamp) {
  const at = new Date(stamp);
  return at.toLocaleDateString(undefined, { day: "numeric", month: "short", year: "numeric" });
}

/** Ask before something is lost; return whether to go on. */
export function confirmed(title, text, action) {
  const dialog = byId("confirm");
  byId("confirm-title").textContent = title;
  byId("confirm-text").textContent = text;
  dialog.querySelector("button.danger").textContent = action;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}
