/** Teams' charts as SVG. Each draws itself at the width it has; its numbers are in its label for who cannot see it. */

const SVG = "http://www.w3.org/2000/svg";
const PALETTE = ["categoricalBlue", "categoricalTeal", "categoricalPurple", "categoricalMarigold", "categoricalRed", "categoricalLime"];
const NAMED = /^(good|warning|attention|neutral|accent|categorical[A-Z][a-z]+)$/;

/** A figure for a chart element of a card. Drawn again whenever its width changes. */
export function figure(chart) {
  const draw = DRAWINGS[chart.type];
  const said = words(chart); // at once: what is no chart is refused here, while the card can still be shown as text
  const root = node("figure", { class: "chart" });
  if (chart.title) root.append(node("figcaption", {}, chart.title));
  const canvas = node("div", { class: "chart-canvas" });
  root.append(canvas);
  const names = legend(chart);
  if (names) root.append(names);
  let drawn = 0;
  const redraw = (width) => {
    if (width < 40 || Math.abs(width - drawn) < 2) return;
    drawn = width;
    canvas.replaceChildren(labelled(draw(chart, width), said));
  };
  new ResizeObserver(([entry]) => redraw(Math.floor(entry.contentRect.width))).observe(canvas);
  return root;
}

/** What a chart says, in words. */
export function words(chart) {
  const data = chart.data ?? [];
  const parts = {
    "Chart.Line": () => data.map((line) => {
      const values = line.values.map((point) => point.y);
      return values.length
        ? `${line.legend}: now ${short(values.at(-1))}, low ${short(Math.min(...values))}, high ${short(Math.max(...values))}`
        : `${line.legend}: no data`;
    }),
    "Chart.Gauge": () => [gaugeText(chart), chart.subLabel ?? ""],
    "Chart.Donut": () => data.map((slice) => `${slice.legend} ${short(slice.value)}`),
    "Chart.VerticalBar": () => data.map((bar) => `${bar.x} ${short(bar.y)}`),
  };
  parts["Chart.HorizontalBar"] = parts["Chart.VerticalBar"];
  parts["Chart.Pie"] = parts["Chart.Donut"];
  return [chart.title, ...parts[chart.type]()].filter(Boolean).join(". ");
}

const DRAWINGS = {
  "Chart.Line": line,
  "Chart.VerticalBar": columns,
  "Chart.HorizontalBar": rows,
  "Chart.Donut": donut,
  "Chart.Pie": donut,
  "Chart.Gauge": gauge,
};
export const TYPES = Object.keys(DRAWINGS);

function line(chart, width) {
  const height = Math.round(Math.min(220, Math.max(150, width * 0.36)));
  const box = { left: 38, right: 12, top: 10, bottom: 24 };
  const points = (chart.data ?? []).flatMap((one) => one.values ?? []);
  const when = points.map((point) => position(point.x));
  const [from, to] = [Math.min(...when), Math.max(...when)];
  const [low, high] = scale(points.map((point) => point.y), chart.yMin, chart.yMax);
  const x = (value) => box.left + ((position(value) - from) / (to - from || 1)) * (width - box.left - box.right);
  const y = (value) => height - box.bottom - ((value - low) / (high - low)) * (height - box.top - box.bottom);
  const svg = canvas(width, height);
  grid(svg, width, box, ticks(low, high, 4), y);
  if (!points.length) return svg;
  for (const moment of evenly(from, to, Math.max(2, Math.floor(width / 110)))) {
    const at = box.left + ((moment - from) / (to - from || 1)) * (width - box.left - box.right);
    svg.append(label(clock(moment, to - from), Math.min(at, width - 20), height - 6, "middle"));
  }
  (chart.data ?? []).forEach((one, index) => {
    const values = one.values ?? [];
    const path = values.map((point, i) => `${i ? "L" : "M"}${x(point.x).toFixed(1)} ${y(point.y).toFixed(1)}`).join("");
    if (chart.data.length === 1 && values.length > 1) {
      const area = `${path}L${x(values.at(-1).x).toFixed(1)} ${y(low)}L${x(values[0].x).toFixed(1)} ${y(low)}Z`;
      svg.append(painted(element("path", { d: area, class: "chart-area" }), one.color, index));
    }
    svg.append(painted(element("path", { d: path, class: "chart-line" }), one.color, index));
    for (const point of values) {
      const dot = element("circle", { cx: x(point.x), cy: y(point.y), r: 6, class: "chart-point" });
      dot.append(titled(`${one.legend}: ${short(point.y)} ${chart.yAxisTitle ?? ""} · ${clock(position(point.x), to - from)}`));
      svg.append(painted(dot, one.color, index));
    }
  });
  return svg;
}

function columns(chart, width) {
  const height = 200;
  const data = chart.data ?? [];
  const box = { left: 44, right: 8, top: 18, bottom: 26 };
  const [low, high] = scale(data.map((bar) => bar.y), 0);
  const room = (width - box.left - box.right) / Math.max(1, data.length);
  const y = (value) => height - box.bottom - ((value - low) / (high - low)) * (height - box.top - box.bottom);
  const svg = canvas(width, height);
  grid(svg, width, box, ticks(low, high, 4), y);
  const every = Math.ceil(data.length / Math.max(1, Math.floor((width - box.left) / 64)));
  data.forEach((bar, index) => {
    const thick = Math.min(44, room * 0.66);
    const left = box.left + room * index + (room - thick) / 2;
    const drawn = element("rect", { x: left, y: y(bar.y), width: thick, height: Math.max(1, y(low) - y(bar.y)), rx: 3, class: "chart-fill" });
    drawn.append(titled(`${bar.x}: ${short(bar.y)}`));
    svg.append(painted(drawn, bar.color ?? chart.color, 0));
    if (index % every === 0) svg.append(label(cut(bar.x, Math.floor((room * every) / 6.5)), left + thick / 2, height - 8, "middle"));
    if (data.length <= 12 && room > 34) svg.append(label(short(bar.y), left + thick / 2, y(bar.y) - 5, "middle"));
  });
  return svg;
}

function rows(chart, width) {
  const data = chart.data ?? [];
  const name = Math.min(140, width * 0.34);
  const height = data.length * 28 + 4;
  const high = Math.max(...data.map((bar) => bar.y), 0) || 1;
  const svg = canvas(width, height);
  data.forEach((bar, index) => {
    const top = index * 28 + 4;
    const long = Math.max(2, (bar.y / high) * (width - name - 56));
    svg.append(label(cut(bar.x, Math.floor(name / 6.5)), 0, top + 15, "start"));
    const drawn = element("rect", { x: name, y: top, width: long, height: 20, rx: 3, class: "chart-fill" });
    drawn.append(titled(`${bar.x}: ${short(bar.y)}`));
    svg.append(painted(drawn, bar.color ?? chart.color, 0), label(short(bar.y), name + long + 6, top + 15, "start"));
  });
  return svg;
}

function donut(chart, width) {
  const data = (chart.data ?? []).filter((slice) => slice.value > 0);
  const total = data.reduce((sum, slice) => sum + slice.value, 0) || 1;
  const size = Math.min(180, width);
  const svg = canvas(size, size);
  let angle = -Math.PI / 2;
  data.forEach((slice, index) => {
    const turn = (slice.value / total) * Math.PI * 2;
    const drawn = element("path", { d: arc(size / 2, size / 2, size / 2 - 16, angle, angle + Math.min(turn, 6.2831)), class: "chart-arc" });
    drawn.append(titled(`${slice.legend}: ${short(slice.value)}`));
    svg.append(painted(drawn, slice.color, index));
    angle += turn;
  });
  if (chart.type === "Chart.Donut") svg.append(label(short(total), size / 2, size / 2 + 7, "middle", "chart-big"));
  return svg;
}

function gauge(chart, width) {
  const size = Math.min(220, width);
  const [low, high] = [chart.min ?? 0, chart.max ?? 100];
  const [cx, cy, radius] = [size / 2, size / 2 + 4, size / 2 - 16];
  const angle = (value) => Math.PI * (1 + (Math.min(high, Math.max(low, value)) - low) / (high - low || 1));
  const svg = canvas(size, size / 2 + 24);
  let from = low;
  (chart.segments ?? []).forEach((segment, index) => {
    const to = Math.min(high, from + segment.size);
    if (to > from) svg.append(painted(element("path", { d: arc(cx, cy, radius, angle(from), angle(to)), class: "chart-arc" }), segment.color, index));
    from = to;
  });
  const at = angle(chart.value ?? low);
  const [tip, foot] = [radius + 12, radius - 14].map((r) => [cx + Math.cos(at) * r, cy + Math.sin(at) * r]);
  svg.append(
    element("line", { x1: foot[0], y1: foot[1], x2: tip[0], y2: tip[1], class: "chart-needle" }),
    label(gaugeText(chart), cx, cy - 6, "middle", "chart-big"),
    label(short(low), cx - radius, cy + 17, "middle"),
    label(short(high), cx + radius, cy + 17, "middle"),
  );
  if (chart.subLabel) svg.append(label(chart.subLabel, cx, cy + 12, "middle"));
  return svg;
}

function gaugeText(chart) {
  if (chart.valueFormat === "Fraction") return `${short(chart.value)}/${short(chart.max ?? 100)}`;
  return `${Math.round((((chart.value ?? 0) - (chart.min ?? 0)) / ((chart.max ?? 100) - (chart.min ?? 0) || 1)) * 100)} %`;
}

function legend(chart) {
  const entries = chart.segments ?? (chart.data ?? []).filter((one) => one.legend);
  if (!entries.length) return null;
  const list = node("ul", { class: "chart-legend" });
  entries.forEach((one, index) => {
    const item = node("li", {}, one.legend);
    item.prepend(painted(node("span", { class: "chart-key" }), one.color, index));
    if (chart.type === "Chart.Donut") item.append(node("b", {}, short(one.value)));
    list.append(item);
  });
  return list;
}

function grid(svg, width, box, values, y) {
  for (const value of values) {
    svg.append(element("line", { x1: box.left, x2: width - box.right, y1: y(value), y2: y(value), class: "chart-grid" }));
    svg.append(label(short(value), box.left - 6, y(value) + 4, "end"));
  }
}

function scale(values, least, most) {
  const low = Math.min(least ?? 0, ...values);
  const high = Math.max(most ?? -Infinity, ...values, low + 1e-9);
  if (most !== undefined && high <= most) return [low, most];
  const step = 10 ** Math.floor(Math.log10(high - low));
  return [low, low + Math.ceil((high - low) / step) * step];
}

const ticks = (low, high, count) => evenly(low, high, count + 1);
const evenly = (low, high, count) => Array.from({ length: count }, (_, i) => low + ((high - low) * i) / (count - 1));

function position(x) {
  if (typeof x === "number") return x;
  const moment = Date.parse(x);
  return Number.isNaN(moment) ? 0 : moment;
}

function clock(moment, span) {
  const iso = new Date(moment).toISOString();
  return span > 2 * 86400_000 ? iso.slice(5, 10) : iso.slice(11, 16);
}

function arc(cx, cy, r, from, to) {
  const at = (angle) => `${(cx + r * Math.cos(angle)).toFixed(2)} ${(cy + r * Math.sin(angle)).toFixed(2)}`;
  return `M${at(from)}A${r} ${r} 0 ${to - from > Math.PI ? 1 : 0} 1 ${at(to)}`;
}

function short(value) {
  if (typeof value !== "number") return String(value ?? "");
  return new Intl.NumberFormat("en", { maximumFractionDigits: Math.abs(value) < 10 ? 1 : 0, notation: Math.abs(value) >= 1e5 ? "compact" : "standard" }).format(value);
}

const cut = (text, limit) => (String(text).length <= limit ? String(text) : `${String(text).slice(0, Math.max(1, limit - 1))}…`);

/** The colour goes on as a custom property, so that light and dark choose its shade. */
function painted(target, color, index) {
  const name = NAMED.test(color ?? "") ? color : PALETTE[index % PALETTE.length];
  target.style.setProperty("--ink", `var(--chart-${name}, var(--chart-${PALETTE[index % PALETTE.length]}))`);
  return target;
}

function labelled(svg, said) {
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", said);
  return svg;
}

const canvas = (width, height) => element("svg", { viewBox: `0 0 ${width} ${height}`, width, height });
const titled = (text) => element("title", {}, text);
const label = (text, x, y, anchor, kind = "chart-label") => element("text", { x, y, "text-anchor": anchor, class: kind }, text);
const element = (name, attributes, text) => filled(document.createElementNS(SVG, name), attributes, text);
const node = (name, attributes, text) => filled(document.createElement(name), attributes, text);

function filled(target, attributes, text) {
  for (const [key, value] of Object.entries(attributes)) target.setAttribute(key, value);
  if (text !== undefined) target.textContent = text;
  return target;
}
