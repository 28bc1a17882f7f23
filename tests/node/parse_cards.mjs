// Parses cards with Microsoft's renderer. In: JSON {name: card} on stdin. Out: JSON {name: [what the renderer objects to]}.
// What Teams knows and the renderer does not (charts, code blocks) must carry a fallback and is parsed as that.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const AC = createRequire(import.meta.url)("adaptivecards/dist/adaptivecards.js");
const cards = JSON.parse(readFileSync(0, "utf8"));
const found = {};
for (const [name, json] of Object.entries(cards)) {
  const context = new AC.SerializationContext();
  const card = new AC.AdaptiveCard();
  card.parse(json, context);
  const problems = [];
  for (let i = 0; i < context.eventCount; i++) {
    const { phase, event, message } = context.getEventAt(i);
    const teamsOnly = event === AC.ValidationEvent.UnknownElementType && /"(Chart\.\w+|CodeBlock)"/.test(message);
    if (!teamsOnly) problems.push(`${phase}/${event}: ${message}`);
  }
  if (card.getItemCount() === 0) problems.push("nothing is left of the body");
  for (const event of card.validateProperties().validationEvents) problems.push(event.message);
  found[name] = problems;
}
process.stdout.write(JSON.stringify(found));
