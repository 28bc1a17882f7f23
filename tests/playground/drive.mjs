// Tries the bot's flows in the Agents Playground as a person would: in a personal chat, a group chat and a channel, in headless Chromium.
//   node drive.mjs <playground url> <folder for screenshots> [only these places]
// Each step leaves a screenshot. The exit status is 1 when a step did not show what it should.
import { createRequire } from "node:module";
import { mkdirSync } from "node:fs";
import { join } from "node:path";

const require = createRequire(new URL("../node/package.json", import.meta.url));
const { chromium } = require("playwright-core");

const [url, folder, ...only] = process.argv.slice(2);
const PATIENCE = Number(process.env.PATIENCE ?? 45_000); // ms: the demo's instances take seconds to stop
const INSTANCE = process.env.INSTANCE ?? "web-server-01";

// say: typed and sent; press: a card's button; see: what must then be on the page.
const FLOWS = [
  { say: "help", see: /list instances/i },
  { say: "list instances", see: new RegExp(INSTANCE) },
  { say: `check health of ${INSTANCE}`, see: /cpu/i },
  { say: `stop ${INSTANCE}`, see: /confirm/i },
  { press: /^cancel/i, see: /cancelled/i },
  { say: `stop ${INSTANCE}`, see: /confirm/i },
  { press: /^confirm/i, see: new RegExp(`^Stopped ${INSTANCE}`, "m") },
  { say: `start ${INSTANCE}`, see: /confirm/i },
  { press: /^confirm/i, see: new RegExp(`^Started ${INSTANCE}`, "m") },
  { say: "stop web-servr-01", see: /did you mean|which/i },
  { say: `describe ${INSTANCE}`, see: /private ip/i },
  { say: `metrics of ${INSTANCE}`, see: /cpu/i },
  { say: `run uptime on ${INSTANCE}`, see: /confirm/i },
  { press: /^confirm/i, see: /load average/i },
  { say: `tag ${INSTANCE} with owner=platform`, see: /confirm/i },
  { press: /^confirm/i, see: new RegExp(`^Tagged ${INSTANCE}`, "m") },
  { say: "costs", see: /total|spent|month/i },
  { say: "rightsize", see: /instance/i },
  { say: "make me a sandwich", see: /understand|try|say/i },
];
const PLACES = {
  personal: { tab: "Personal Chat", flows: FLOWS },
  group: { tab: "Group Chat", mention: true, flows: FLOWS.slice(0, 2) },
  channel: { tab: "General", mention: true, newestFirst: true, flows: [FLOWS[1], FLOWS[3], FLOWS[6], FLOWS[7], FLOWS[8]] },
};

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
const page = await browser.newPage({ viewport: { width: 1280, height: 1000 } });
// Nothing leaves the machine: the page would fetch its fonts from elsewhere.
await page.route((to) => !["127.0.0.1", "localhost"].includes(to.hostname), (route) => route.abort());
mkdirSync(folder, { recursive: true });

let failed = 0;
await open();
for (const [name, place] of Object.entries(PLACES).filter(([name]) => !only.length || only.includes(name))) {
  await page.getByText(place.tab, { exact: true }).first().click();
  for (const [index, step] of place.flows.entries()) await tried(name, place, step, index + 1);
}
await browser.close();
process.exit(failed ? 1 : 0);

async function open() {
  const until = Date.now() + 30_000;
  for (;;) {
    try {
      await page.goto(url, { waitUntil: "networkidle", timeout: 10_000 });
      await page.getByText("Connected.").first().waitFor({ timeout: 10_000 });
      return;
    } catch (error) {
      if (Date.now() > until) throw new Error(`the playground at ${url} is not there, or it cannot reach the bot`, { cause: error });
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}

async function tried(name, place, step, number) {
  const what = step.say ?? `press ${step.press.source}`;
  const shot = join(folder, `${name}-${String(number).padStart(2, "0")}.png`);
  try {
    const before = await count(step.see);
    await (step.say ? say(step.say, place.mention) : press(step.press, place.newestFirst));
    await seen(step.see, before);
    console.log(`ok      ${name}: ${what}`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED  ${name}: ${what}: ${String(error.message).split("\n")[0]} (${shot})`);
  }
  await page.screenshot({ path: shot });
}

async function say(text, mention) {
  // In a channel each post has a box for answers of its own: the first one starts a new post.
  const box = page.locator("[contenteditable=true]").first();
  await box.click();
  if (mention) {
    await page.keyboard.type("@");
    await page.getByRole("menuitem").filter({ hasText: "Test Bot" }).click({ timeout: 5_000 });
  }
  await page.keyboard.type(mention ? ` ${text}` : text);
  await page.getByRole("button", { name: /^(Send Message|Post)$/ }).first().click();
}

async function press(name, newestFirst) {
  const buttons = page.locator(".ac-adaptiveCard").getByRole("button", { name });
  await buttons.first().waitFor({ timeout: PATIENCE });
  await (newestFirst ? buttons.first() : buttons.last()).click();
}

// How often the conversation's cards and messages show it: the log panel beside them does not count.
async function count(pattern) {
  const texts = await page.locator(".ac-adaptiveCard").allInnerTexts();
  return texts.filter((text) => pattern.test(text)).length;
}

async function seen(pattern, before) {
  const until = Date.now() + PATIENCE;
  while ((await count(pattern)) <= before) {
    if (Date.now() > until) throw new Error(`nothing new that shows ${pattern}`);
    await page.waitForTimeout(200);
  }
}
