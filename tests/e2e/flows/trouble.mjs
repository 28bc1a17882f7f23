// What goes wrong is said, with what to do, and can be tried again.
import assert from "node:assert/strict";

export const expected = [/status of (4\d\d|502)/, /ERR_INTERNET_DISCONNECTED/];

export default async function ({ page, context, url, open, say, last, reads, answered, bot, shot }) {
  await open(url);
  await say("describe no-such-server");
  await reads(/no-such-server|Not found/);
  assert.equal(await page.locator(".notice").count(), 0, "the bot has said it; the page does not say it again");
  await shot("unknown-instance");

  await context.setOffline(true);
  await page.locator("#text").fill("list instances");
  await page.keyboard.press("Enter");
  await page.getByText("The bot cannot be reached.").waitFor();
  await shot("offline");
  await context.setOffline(false);
  const before = await bot.count();
  await page.getByRole("button", { name: "Try again" }).click();
  await answered(before);
  await reads(/CPU/);
  assert.equal(await page.locator(".notice, .failed").count(), 0);
  assert.equal(await page.locator(".message.person", { hasText: "list instances" }).count(), 1, "the words are there once");

  const error = { code: "RATE_LIMITED", message: "Too many requests", details: "Rate limit: 10 requests per minute", retry_after: 2 };
  await page.route("**/api/messages", (route) => route.fulfill({ status: 429, json: { status: "error", error } }), { times: 1 });
  await page.locator("#text").fill("help");
  await page.keyboard.press("Enter");
  await page.getByText("Rate limit: 10 requests per minute").waitFor();
  const again = page.locator(".notice button");
  assert.match(await again.innerText(), /Try again in \d s/);
  assert.ok(await again.isDisabled());
  await shot("limited");
  await page.getByRole("button", { name: "Try again", exact: true }).click();
  await reads(/What I can do|help/i);

  await page.route("**/api/messages", (route) => route.fulfill({ status: 502, body: "<html>bad gateway" }), { times: 1 });
  await page.locator("#text").fill("list instances");
  await page.keyboard.press("Enter");
  await page.getByText("The bot gave no answer that could be read.").waitFor();

  // The server was restarted and knows no sessions: the page gets itself a new one.
  await context.clearCookies();
  await say("help");
  await reads(/What I can do|help/i);
  assert.ok(await last.locator(".card").isVisible());
}
