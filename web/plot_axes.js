// Axes of plots: extents, round ticks, scales, and how they are drawn as SVG.
import { number_text } from "./data.js";

export const plot_margin = { left: 62, right: 14, top: 10, bottom: 44 };

export function svg_element(tag, attributes, text) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

/** About `count` round numbers that cover [low, high]. */
export function round_ticks(low, high, count) {
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((factor) => factor * power >= rough * (1 - 1e-9));
  const ticks = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; ++i) {
    ticks.push(Number((i * step).toPrecision(12)));
  }
  return ticks;
}

/** The least and the greatest of `values`, without null; apart where all are equal. */
export function extent_of(values) {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (value === null || Number.isNaN(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) return [0, 1];
  if (low === high) return [low - 0.5 * (Math.abs(low) || 1), high + 0.5 * (Math.abs(high) || 1)];
  return [low, high];
}

export function widened([low, high], share) {
  const pad = share * (high - low);
  return [low - pad, high + pad];
}

/** Both ranges, the one that has room to spare widened until a unit is as long in x as in y. */
export function equal_units([x_low, x_high], [y_low, y_high], width, height) {
  const per_pixel = Math.max((x_high - x_low) / width, (y_high - y_low) / height);
  const around = (low, high, pixels) => {
    const half = (per_pixel * pixels) / 2;
    return [(low + high) / 2 - half, (low + high) / 2 + half];
  };
  return [around(x_low, x_high, width), around(y_low, y_high, height)];
}

/** Places of values within a drawing of `width` x `height` pixels. */
export class Scales {
  constructor([x_low, x_high], [y_low, y_high], width, height) {
    Object.assign(this, { x_low, x_high, y_low, y_high, width, height });
    const { left, right, top, bottom } = plot_margin;
    Object.assign(this, { left, top, right: width - right, base: height - bottom });
  }

  x(value) {
    return this.left + ((value - this.x_low) / (this.x_high - this.x_low)) * (this.right - this.left);
  }

  y(value) {
    return this.base - ((value - this.y_low) / (this.y_high - this.y_low)) * (this.base - this.top);
  }

  x_at(place) {
    return this.x_low + ((place - this.left) / (this.right - this.left)) * (this.x_high - this.x_low);
  }

  y_at(place) {
    return this.y_low + ((this.base - place) / (this.base - this.top)) * (this.y_high - this.y_low);
  }
}

/** Grid, axes, ticks and labels of `plot` (x_label, y_label, log_y). */
export function draw_axes(svg, plot, scales) {
  const { left, right, top, base, height } = scales;
  for (const tick of round_ticks(scales.y_low, scales.y_high, 5)) {
    if (plot.log_y && !Number.isInteger(tick)) continue;
    const y = scales.y(tick);
    svg.append(svg_element("line", { class: "grid", x1: left, x2: right, y1: y, y2: y }));
    const text = plot.log_y ? `1e${tick}` : number_text(tick);
    svg.append(svg_element("text", { class: "tick", x: left - 8, y: y + 4, "text-anchor": "end" }, text));
  }
  for (const tick of round_ticks(scales.x_low, scales.x_high, Math.max(3, Math.floor(scales.width / 90)))) {
    const x = scales.x(tick);
    svg.append(svg_element("line", { class: "grid", x1: x, x2: x, y1: top, y2: base + 4 }));
    const place = { class: "tick", x, y: base + 18, "text-anchor": "middle" };
    svg.append(svg_element("text", place, number_text(tick)));
  }
  svg.append(svg_element("path", { class: "axis", d: `M${left} ${top}V${base}H${right}` }));
  const below = { class: "label", x: (left + right) / 2, y: height - 6, "text-anchor": "middle" };
  svg.append(svg_element("text", below, plot.x_label));
  const turn = `translate(13 ${(top + base) / 2}) rotate(-90)`;
  svg.append(svg_element("text", { class: "label", transform: turn, "text-anchor": "middle" }, plot.y_label));
}
