// On a phone nothing is cut off and everything can be touched.
import assert from "node:assert/strict";

export const options = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };

export default async function ({ page, url, open, say, last, reads, shot }) {
  const wide = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  await open(url);
  await shot("welcome");
  for (const [words, answer, name] of [["list instances", /CPU/, "list"], ["metrics of web-server-02", /Metrics/, "chart"], ["stop web-server-02", /\?/, "confirm"]]) {
    await say(words);
    await reads(answer);
    assert.ok((await wide()) <= 0, `${words}: ${await wide()} px too wide`);
    const cut = await last.locator(".card").evaluate((card) => card.scrollWidth - card.clientWidth);
    assert.ok(cut <= 0, `${words}: the card is ${cut} px too wide`);
    await shot(name);
  }
  const composer = await page.locator("#composer").boundingBox();
  assert.ok(composer.y + composer.height <= 740);
  for (const button of await page.locator("button:visible").all()) {
    const { width, height } = await button.boundingBox();
    assert.ok(width >= 32 && height >= 32, `too small to touch: ${await button.innerText()}`);
  }
}
