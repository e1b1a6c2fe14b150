// A JSON body line by line, and each explanation at the line it speaks of.

import { element } from "./dom.js";

const MOST_LINES = 400; // more at once are slow to show and hard to read

/** Return a view of `body`, with `findings` at their lines; those about the rest come first. */
export function bodyView(body, findings = []) {
  const lines = typeof body === "string" ? linesOfText(body) : body === null ? [] : [...linesOf(body)];
  const { rest, at } = placed(findings, lines, typeof body === "string");
  const above = rest.length && element("ul", { class: "notes" }, rest.map((each) => element("li", {}, note(each, true))));
  const made = element("div", { class: "body" }, above || null);
  if (lines.length) made.append(...listed(lines, at));
  return made;
}

/** Return a finding in a few words, for a row: where, what came, what was meant. */
export function inShort({ pointer, rule, sent, given, suggestion, note: said }) {
  if (rule === "injected") return said; // the row names the fault
  const where = pointer.replace(/^\/customer\//, "").replace(/^\//, "") || "the body";
  const came = sent ? `came ${clipped(JSON.stringify(given), 40)}` : "is missing";
  return `${where} ${came}, ${suggestion === null ? said : `did you mean ${JSON.stringify(suggestion)}?`}`;
}

function listed(lines, at) {
  const list = element("ol", { class: "json" }, lines.slice(0, MOST_LINES).map((line) => shown(line, at)));
  if (lines.length <= MOST_LINES) return [list];
  const more = element("button", { type: "button", click: () => {
    list.append(...lines.slice(MOST_LINES).map((line) => shown(line, at)));
    more.remove();
  } }, `Show all ${lines.length} lines`);
  return [list, more];
}

function shown(line, at) {
  const found = at.get(line) ?? [];
  const refused = found.some((each) => each.refused);
  const text = element("code", {}, line.parts.map(([kind, text]) => element("span", { class: kind }, text)));
  const marked = found.length ? (refused ? "refused" : "odd") : null;
  const made = element("li", { class: marked }, text, found.map((each) => note(each, each.pointer !== line.pointer)));
  made.style.setProperty("--depth", line.depth);
  return made;
}

// Where a note stands at its own line, the line says what came; elsewhere the note must.
function note(finding, apart) {
  const { pointer, rule, refused, field, code, sent, given, suggestion, note: said } = finding;
  const name = pointer.startsWith("/") ? pointer.slice(pointer.lastIndexOf("/") + 1).replaceAll("~1", "/").replaceAll("~0", "~") : pointer;
  const came = sent ? `came ${clipped(JSON.stringify(given), 200)}, ` : pointer.startsWith("/") ? "is missing, " : "";
  return element("div", { class: `note ${refused ? "refused" : "odd"}` },
    element("span", { class: "mark", role: "img", "aria-label": refused ? "Refused" : "Remark" }, refused ? "✕" : "!"),
    element("p", {},
      apart ? [element("b", {}, name), ` ${came}`] : null,
      element("span", {}, said),
      suggestion === null ? null : element("strong", { class: "meant" }, `did you mean ${JSON.stringify(suggestion)}?`),
      element("span", { class: "rule" }, code ? `${field}: ${code}` : rule)),
  );
}

function placed(findings, lines, isText) {
  const known = new Map(lines.filter((line) => line.pointer !== undefined).map((line) => [line.pointer, line]));
  const at = new Map();
  const rest = [];
  for (const finding of findings) {
    const line = isText ? lineOfText(finding, lines) : lineAt(finding.pointer, known);
    if (line) at.set(line, [...(at.get(line) ?? []), finding]);
    else rest.push(finding);
  }
  return { rest, at };
}

// What is missing has no line of its own: its parent's is the nearest there is.
function lineAt(pointer, known) {
  if (pointer !== "" && !pointer.startsWith("/")) return undefined;
  let nearest = pointer;
  while (nearest && !known.has(nearest)) nearest = nearest.slice(0, nearest.lastIndexOf("/"));
  return known.get(nearest);
}

// Of a body that is no JSON the server tells the line in words only.
function lineOfText({ pointer, note: said }, lines) {
  const number = pointer === "body" && /\bat line (\d+), column/.exec(said);
  return number ? lines[Number(number[1]) - 1] : undefined;
}

function linesOfText(text) {
  return text.split("\n").map((line) => ({ depth: 0, parts: [["text", line]] }));
}

function* linesOf(value, pointer = "", depth = 0, before = [], after = "") {
  const entries = value !== null && typeof value === "object" ? Object.entries(value) : [];
  if (!entries.length) {
    yield { pointer, depth, parts: [...before, [kindOf(value), JSON.stringify(value)], ["mark", after]] };
    return;
  }
  const [opening, closing] = Array.isArray(value) ? "[]" : "{}";
  yield { pointer, depth, parts: [...before, ["mark", opening]] };
  for (const [index, [key, child]] of entries.entries()) {
    const label = Array.isArray(value) ? [] : [["key", JSON.stringify(key)], ["mark", ": "]];
    const comma = index < entries.length - 1 ? "," : "";
    yield* linesOf(child, `${pointer}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`, depth + 1, label, comma);
  }
  yield { depth, parts: [["mark", closing + after]] };
}

const kindOf = (value) => (value === null ? "null" : typeof value);
const clipped = (text, limit) => (text.length > limit ? `${text.slice(0, limit)}…` : text);
