// Runs one flow in headless Chromium: node browser.mjs FLOW URL SCREENSHOTS. A flow is flows/FLOW.mjs and fails by throwing.
// Whatever the page logs as an error, CSP violations among them, fails the flow too, except what the flow says it expects.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";

const { chromium } = createRequire(new URL("../node/package.json", import.meta.url))("playwright-core");
const [flow, url, screenshots] = process.argv.slice(2);
const { default: run, options = {}, expected = [] } = await import(`./flows/${flow}.mjs`);
const quiet = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

mkdirSync(screenshots, { recursive: true });
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: ["--headless", "--no-sandbox", ...quiet] });
try {
  const context = await browser.newContext({ viewport: { width: 1200, height: 860 }, reducedMotion: "reduce", ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const errors = [];
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  page.on("request", (request) => new URL(request.url()).origin === new URL(url).origin || errors.push(`left the origin: ${request.url()}`));
  const shot = (name) => page.screenshot({ path: `${screenshots}/${flow}-${name}.png` });
  try {
    await run({ ...tools(page), page, context, url, shot });
  } catch (error) {
    await shot("failed");
    throw error;
  }
  assert.deepEqual(errors.filter((error) => !expected.some((pattern) => pattern.test(error))), []);
} finally {
  await browser.close();
}

/** What every flow does with the page. */
function tools(page) {
  const bot = page.locator(".message.bot");
  const last = bot.last();
  return {
    bot,
    last,
    /** Open the page and wait until it is connected. */
    async open(address) {
      await page.goto(address);
      await connected();
    },
    connected,
    /** Say something and wait for the bot's next message. */
    async say(words) {
      const before = await bot.count();
      await page.getByLabel("Message", { exact: true }).fill(words);
      await page.keyboard.press("Enter");
      await answered(before);
    },
    answered,
    /** Wait until the last message of the bot reads like this. */
    reads: (pattern) => last.filter({ hasText: pattern }).waitFor(),
    /** The contrast of each element's text against the first opaque background behind it (WCAG 2): [{text, ratio}]. */
    contrast: (locator) => locator.evaluateAll(contrast),
  };

  async function connected() {
    await page.locator("#state[data-state=open]").waitFor();
  }

  async function answered(before) {
    await page.waitForFunction((count) => document.querySelectorAll(".message.bot").length > count, before);
  }
}

function contrast(elements) {
  const parts = (color) => color.match(/[\d.]+/g).map(Number);
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((value) => (value / 255 <= 0.03928 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  return elements.filter((element) => element.checkVisibility()).map((element) => {
    let behind = element;
    while (behind.parentElement && (parts(getComputedStyle(behind).backgroundColor)[3] ?? 1) < 1) behind = behind.parentElement;
    const [one, other] = [light(parts(getComputedStyle(element).color)), light(parts(getComputedStyle(behind).backgroundColor))];
    return { text: element.textContent.slice(0, 40), ratio: (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05) };
  });
}
