// With real servers behind it, the page asks for the token, or takes it from the address that was printed.
import assert from "node:assert/strict";

export const expected = [/status of 401/];
const TOKEN = process.env.TOKEN;

export default async function ({ page, context, url, open, connected, say, reads, shot }) {
  await page.goto(url);
  const dialog = page.getByRole("dialog");
  await dialog.waitFor();
  await shot("asked");
  await page.keyboard.press("Escape");
  assert.ok(await dialog.isVisible(), "there is nothing to see without it");
  await page.getByRole("textbox", { name: "Token" }).fill("ops_wrong");
  await page.keyboard.press("Enter");
  await page.waitForResponse((response) => response.status() === 401);
  await page.getByRole("textbox", { name: "Token" }).fill(TOKEN);
  await page.keyboard.press("Enter");
  await connected();
  await say("list instances");
  await reads(/5 instances/);
  await page.reload();
  await connected();
  await reads(/5 instances/);
  assert.equal(await page.locator("#banner").isVisible(), false);

  const other = await context.newPage();
  await other.goto(`${url}#token=${TOKEN}`);
  await other.locator("#state[data-state=open]").waitFor();
  assert.equal(await other.evaluate(() => location.hash), "");
  assert.ok(!(await other.evaluate(() => document.documentElement.outerHTML)).includes(TOKEN));
}
