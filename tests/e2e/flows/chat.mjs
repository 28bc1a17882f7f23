// The purpose of the product: see the fleet, stop one instance, follow the card to its result, find it all again.
import assert from "node:assert/strict";

export default async function ({ page, url, open, say, bot, last, reads, shot }) {
  await open(url);
  assert.match(await page.locator("#banner").innerText(), /Demo: simulated AWS/);
  await page.getByRole("button", { name: "list instances" }).waitFor();
  await shot("welcome");

  await page.getByRole("button", { name: "list instances" }).click();
  await reads(/web-server-01|api-01/);
  await reads(/CPU/);
  await last.locator(".card").waitFor();
  assert.equal(await page.locator("#welcome").isVisible(), false);
  await shot("list");

  await say("stop web-server-01");
  await reads(/Stop web-server-01\?/);
  await shot("confirm");
  const before = await bot.count();
  const states = await watch(page);
  await last.getByRole("button", { name: "Confirm" }).click();
  await reads(/Running|running/);
  await shot("running");
  await reads(/was stopped|Stopped web-server-01/);
  await shot("result");
  assert.equal(await bot.count(), before, "the card was replaced, not followed by another");
  assert.equal(await last.getByRole("button", { name: "Confirm" }).count(), 0);
  assert.ok((await states()).length >= 2, "progress was shown on the way");

  const texts = await page.locator(".message").allInnerTexts();
  await page.reload();
  await page.locator("#state[data-state=open]").waitFor();
  assert.deepEqual(await page.locator(".message").allInnerTexts(), texts);
  assert.equal(await page.locator("#welcome").isVisible(), false);
  await shot("reloaded");

  await page.getByRole("button", { name: "New conversation" }).click();
  await page.locator("#welcome").waitFor();
  assert.equal(await page.locator(".message").count(), 0);
}

/** Collect every content the last message of the bot has from now on. */
async function watch(page) {
  await page.evaluate(() => {
    const content = [...document.querySelectorAll(".message.bot .content")].at(-1);
    window.seen = [];
    new MutationObserver(() => window.seen.push(content.innerText)).observe(content, { childList: true });
  });
  return () => page.evaluate(() => [...new Set(window.seen)]);
}
