// Dark when the system is dark, readable in both, and as the person chose after a reload.
import assert from "node:assert/strict";

export const options = { colorScheme: "dark" };

export default async function ({ page, url, open, say, last, reads, contrast, shot }) {
  const dark = () => page.evaluate(() => Number(getComputedStyle(document.body).backgroundColor.match(/\d+/)[0]) < 80);
  const readable = async (name) => {
    const shown = page.locator(".card .ac-textBlock p, .card button, .who, #hint, #state, #banner b, .person .text");
    for (const { text, ratio } of await contrast(shown)) assert.ok(ratio >= 4.5, `${name}: ${ratio.toFixed(2)} of "${text}"`);
  };
  await open(url);
  assert.ok(await dark());
  await say("health report");
  await reads(/CPU/);
  await shot("health");
  await say("stop web-server-04");
  await reads(/Stop web-server-04\?/);
  await readable("dark");
  await shot("confirm");
  await page.getByRole("button", { name: "Use light theme" }).click();
  assert.ok(!(await dark()));
  await readable("light");
  await shot("chosen-light");
  await page.reload();
  await page.locator("#state[data-state=open]").waitFor();
  assert.ok(!(await dark()));
  await last.getByRole("button", { name: "Cancel" }).click();
  await reads(/Cancelled|cancelled/);
}
