// Text from outside stays text; what Teams draws and the renderer does not is drawn here.
import assert from "node:assert/strict";

export const expected = [/card_not_drawn/];

export default async function ({ page, url, open, say, last, reads, shot }) {
  await open(url);
  await say("hostile");
  await reads(/pwned/);
  assert.equal(await page.evaluate(() => window.pwned), undefined);
  assert.equal(await last.locator(".content script, .content img, .content a, .content iframe").count(), 0);
  const text = await last.innerText();
  assert.ok(text.includes("<img src=x onerror"), text);
  assert.ok(text.includes("[click](javascript:"), text);
  assert.equal(await last.locator("strong").innerText(), "bold");
  assert.equal(await last.locator("em").innerText(), "italic");
  assert.equal(await last.locator("code").first().innerText(), "code");
  assert.equal(await last.locator("li").count(), 2);
  assert.ok(text.includes("*not bold* & snake_case_name"), text);
  await shot("text");

  await say("charts");
  for (const name of [/^CPU.*cpu: now 91, low 12, high 91/, /^Cost.*EC2 31/, /^Share.*a 3.*b 1/, /^Load.*95 %/, /^Top.*web-1 40/]) {
    await page.getByRole("img", { name }).waitFor();
  }
  assert.equal(await last.locator("pre.code").innerText(), "line 1 <b>\nline 2");
  await shot("charts");

  // However quick the answer is, what was said stands before it, once.
  const order = await page.locator(".message").evaluateAll((all) => all.map((one) => one.classList.contains("person")));
  assert.deepEqual(order, [true, false, true, false]);

  await say("broken card");
  await reads(/This is the text of it/);
}
