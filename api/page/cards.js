/** Adaptive Cards, drawn by Microsoft's renderer, with the elements of Teams that it lacks. */

import { TYPES, figure } from "./charts.js";
import { markdown } from "./markdown.js";

const AC = window.AdaptiveCards;

/** The renderer is installed; without it messages are shown as text. */
export const available = Boolean(AC);

const shade = (name) => ({ default: `var(--${name})`, subtle: `var(--${name}-subtle, var(--${name}))` });
const foregroundColors = {
  default: shade("text"), dark: shade("text"), light: shade("text-subtle"), accent: shade("accent-text"),
  good: shade("good"), warning: shade("warning"), attention: shade("attention"),
};
const container = (name) => ({ backgroundColor: `var(--fill-${name})`, borderColor: "var(--line)", foregroundColors });

const LOOKS = {
  supportsInteractivity: true,
  spacing: { small: 4, default: 8, medium: 12, large: 20, extraLarge: 28, padding: 12 },
  separator: { lineThickness: 1, lineColor: "var(--line)" },
  fontTypes: Object.fromEntries([["default", "inherit"], ["monospace", "var(--mono)"]].map(([type, fontFamily]) => [type, {
    fontFamily,
    fontSizes: { small: 12, default: 14, medium: 15, large: 18, extraLarge: 24 },
    fontWeights: { lighter: 400, default: 400, bolder: 600 },
  }])),
  containerStyles: Object.fromEntries(["default", "emphasis", "good", "warning", "attention", "accent"].map((name) => [name, container(name)])),
  actions: {
    maxActions: 6, spacing: "medium", buttonSpacing: 8, showCard: { actionMode: "inline", inlineTopMargin: 12 },
    actionsOrientation: "horizontal", actionAlignment: "left",
  },
  adaptiveCard: { allowCustomStyle: false },
  factSet: {
    title: { color: "default", size: "default", isSubtle: true, weight: "default", wrap: true, maxWidth: 180 },
    value: { color: "default", size: "default", isSubtle: false, weight: "default", wrap: true },
    spacing: 16,
  },
  textStyles: { heading: { size: "large", weight: "bolder" }, columnHeader: { weight: "bolder", size: "small", isSubtle: true } },
};

/**
 * An element showing `card`. act: called with a button's title and data.
 * Throws when the card cannot be drawn, so that the caller shows its text instead.
 */
export function render(card, act) {
  const drawn = new AC.AdaptiveCard();
  drawn.hostConfig = new AC.HostConfig(LOOKS);
  drawn.onExecuteAction = (action) => {
    if (action instanceof AC.OpenUrlAction) open(action.url);
    else act(action.title ?? "", action.data ?? {});
  };
  drawn.parse(card);
  const root = drawn.render();
  if (!root) throw new Error("the renderer gave nothing");
  return root;
}

function open(url) {
  if (/^https:\/\//i.test(url ?? "")) window.open(url, "_blank", "noopener,noreferrer");
}

/** An element that draws the JSON it was given. */
function drawnBy(type, draw) {
  return class extends AC.CardElement {
    getJsonTypeName() { return type; }
    internalParse(source, context) {
      super.internalParse(source, context);
      this.source = source;
    }
    internalRender() { return draw(this.source); }
  };
}

function code({ codeSnippet = "", language = "" }) {
  const block = document.createElement("pre");
  block.className = "code";
  block.tabIndex = 0; // it scrolls, so it can be reached by keyboard
  block.setAttribute("role", "region");
  block.setAttribute("aria-label", language && language !== "PlainText" ? `${language} text` : "Text output");
  block.textContent = String(codeSnippet);
  return block;
}

if (available) {
  AC.GlobalSettings.setTabIndexAtCardRoot = false;
  AC.AdaptiveCard.onProcessMarkdown = (text, result) => {
    result.outputHtml = markdown(text);
    result.didProcess = true;
  };
  for (const type of TYPES) AC.GlobalRegistry.elements.register(type, drawnBy(type, figure));
  AC.GlobalRegistry.elements.register("CodeBlock", drawnBy("CodeBlock", code));
}
