/** The little Markdown that cards use: bold, italic, code and lists. Everything else is shown as it was written. */

const ESCAPED = /\\([\\`*_{}[\]()#+\-.!<>~|&=])/g;
const HELD = 0xe000; // a private-use character holds the place of an escaped one until all formatting is done

/** HTML for `text`, safe to insert: every character of it that means something in HTML is escaped first. */
export function markdown(text) {
  const held = hold(text.replace(/[\ue000-\uf8ff]/g, "\ufffd"));
  return blocks(held.split(/\r\n|\r|\n/)).map(html).join("").replace(/[\ue000-\ue07f]/g, release);
}

function hold(text) {
  return text.replace(ESCAPED, (_, character) => String.fromCharCode(HELD + character.charCodeAt(0)));
}

function release(character) {
  return escape(String.fromCharCode(character.charCodeAt(0) - HELD));
}

export function escape(text) {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function blocks(lines) {
  const found = [];
  for (const line of lines) {
    const item = /^\s*(?:([-*])|\d+[.)])\s+(.*)$/.exec(line);
    const kind = item ? (item[1] ? "ul" : "ol") : line.trim() ? "p" : "";
    const last = found.at(-1);
    if (last?.kind === kind) last.lines.push(item ? item[2] : line);
    else found.push({ kind, lines: [item ? item[2] : line] });
  }
  return found.filter((block) => block.kind);
}

function html({ kind, lines }) {
  if (kind === "p") return `<p>${lines.map(inline).join("<br>")}</p>`;
  return `<${kind}>${lines.map((line) => `<li>${inline(line)}</li>`).join("")}</${kind}>`;
}

function inline(line) {
  return line
    .split(/(`[^`]+`)/)
    .map((part) => (/^`[^`]+`$/.test(part) ? `<code>${escape(part.slice(1, -1))}</code>` : emphasis(escape(part))))
    .join("");
}

function emphasis(text) {
  return text
    .replace(/\*\*(?=\S)(.+?)(?<=\S)\*\*/g, "<strong>$1</strong>")
    .replace(/(?<![\w])__(?=\S)(.+?)(?<=\S)__(?!\w)/g, "<strong>$1</strong>")
    .replace(/\*(?=\S)([^*]+?)(?<=\S)\*/g, "<em>$1</em>")
    .replace(/(?<!\w)_(?=\S)([^_]+?)(?<=\S)_(?!\w)/g, "<em>$1</em>");
}
