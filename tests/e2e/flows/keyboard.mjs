// Everything without a mouse: ask, confirm, follow, recall, escape. Focus is never lost.
import assert from "node:assert/strict";

export default async function ({ page, url, open, reads, answered, shot }) {
  const focused = () => page.evaluate(() => document.activeElement?.textContent?.trim() || document.activeElement?.id);
  await open(url);
  assert.equal(await focused(), "text");
  await page.keyboard.type("stop web-server-03");
  await page.keyboard.press("Enter");
  await answered(0);
  await reads(/Stop web-server-03\?/);

  await page.keyboard.press("Shift+Tab");
  assert.equal(await focused(), "Cancel");
  await page.keyboard.press("Shift+Tab");
  assert.equal(await focused(), "Confirm");
  await shot("focus");
  await page.keyboard.press("Enter");
  await reads(/was stopped|Stopped web-server-03/);
  assert.ok(await page.evaluate(() => document.activeElement.closest(".message.bot")), "focus stays in the card that changed");
  await page.waitForFunction(() => /[Ss]topped/.test(document.getElementById("live").textContent));

  await page.keyboard.press("Escape");
  assert.equal(await focused(), "text");
  await page.keyboard.press("ArrowUp");
  assert.equal(await page.locator("#text").inputValue(), "stop web-server-03");
  await page.keyboard.press("ArrowDown");
  assert.equal(await page.locator("#text").inputValue(), "");
  await page.keyboard.type("two");
  await page.keyboard.press("Shift+Enter");
  await page.keyboard.type("lines");
  assert.equal(await page.locator("#text").inputValue(), "two\nlines");
  await page.keyboard.press("Escape");
  assert.equal(await page.locator("#text").inputValue(), "");

  // From the top of the page: skip link, new conversation, theme, log, then the cards.
  await page.locator(".skip").focus();
  for (const next of [/New conversation/, /^theme$/, /Stop|log/]) {
    await page.keyboard.press("Tab");
    assert.match(await focused(), next);
  }
}
