// Line plots as SVG: axes, units, legend, a cursor at the current frame, values under the pointer,
// and the data as CSV.
import { element, number_text, save_text } from "./data.js";
import { current_frame, go_to_frame, on_frame } from "./sync.js";

const plot_height = 250;
const plot_margin = { left: 62, right: 14, top: 10, bottom: 44 };

function svg_element(tag, attributes, text) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

/** About `count` round numbers that cover [low, high]. */
function round_ticks(low, high, count) {
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((factor) => factor * power >= rough);
  const ticks = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; ++i) {
    ticks.push(Number((i * step).toPrecision(12)));
  }
  return ticks;
}

function extent_of(values) {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (value === null) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) return [0, 1];
  if (low === high) return [low - 0.5 * (Math.abs(low) || 1), high + 0.5 * (Math.abs(high) || 1)];
  return [low, high];
}

/** A plot in `host`. `plot` has title, x_label, y_label, x, series [{name, y, colour, dashed}],
 *  log_y, and over_frames (x counts frames). */
class LinePlot {
  constructor(host, plot) {
    this.host = host;
    this.plot = plot;
    this.transform_y = plot.log_y ? (y) => (y > 0 ? Math.log10(y) : null) : (y) => y;
    this.build();
    new ResizeObserver(() => requestAnimationFrame(() => this.draw())).observe(this.frame);
    if (plot.over_frames) on_frame((frame) => this.move_cursor(frame));
  }

  build() {
    const head = element("div", "plot-head");
    head.append(element("span", "plot-title", this.plot.title));
    const save = element("button", "quiet", "CSV");
    save.title = "Save these curves as comma-separated values";
    save.addEventListener("click", () => this.save());
    head.append(save);
    this.legend = element("div", "legend");
    this.values = this.plot.series.map((series) => {
      const item = element("span", `legend-item series-${series.colour}`);
      const swatch = element("i", series.dashed ? "swatch dashed" : "swatch");
      const value = element("span", "legend-value");
      item.append(swatch, series.name, value);
      this.legend.append(item);
      return value;
    });
    this.place = element("span", "legend-value legend-x");
    this.legend.append(this.place);
    this.frame = element("div", "plot-frame");
    this.host.replaceChildren(head, this.legend, this.frame);
  }

  draw() {
    const width = Math.max(280, this.frame.clientWidth);
    const { left, right, top, bottom } = plot_margin;
    const ys = this.plot.series.map((series) =>
      series.y.map((y) => (y === null ? null : this.transform_y(y))),
    );
    const [x_low, x_high] = extent_of(this.plot.x);
    const [y_min, y_max] = extent_of(ys.flat());
    const pad = 0.06 * (y_max - y_min);
    const [y_low, y_high] = [y_min - pad, y_max + pad];
    const to_x = (x) => left + ((x - x_low) / (x_high - x_low)) * (width - left - right);
    const to_y = (y) => plot_height - bottom - ((y - y_low) / (y_high - y_low)) * (plot_height - top - bottom);
    this.x_of = (place) => x_low + ((place - left) / (width - left - right)) * (x_high - x_low);
    this.to_x = to_x;

    const svg = svg_element("svg", { width, height: plot_height, role: "img" });
    svg.append(svg_element("title", {}, this.plot.title));
    this.draw_axes(svg, { width, x_low, x_high, y_low, y_high, to_x, to_y });
    ys.forEach((y, i) => {
      const series = this.plot.series[i];
      const path = svg_element("path", {
        d: this.path_of(y, to_x, to_y),
        class: `curve series-${series.colour}${series.dashed ? " dashed" : ""}`,
      });
      svg.append(path);
    });
    this.cursor = svg_element("line", { class: "cursor", y1: top, y2: plot_height - bottom });
    this.hover = svg_element("line", { class: "hover", y1: top, y2: plot_height - bottom });
    svg.append(this.cursor, this.hover);
    this.listen(svg);
    this.frame.replaceChildren(svg);
    this.hide_hover();
    if (this.plot.over_frames) this.move_cursor(current_frame());
    else this.cursor.setAttribute("visibility", "hidden");
  }

  draw_axes(svg, { width, x_low, x_high, y_low, y_high, to_x, to_y }) {
    const { left, right, top, bottom } = plot_margin;
    const base = plot_height - bottom;
    for (const tick of round_ticks(y_low, y_high, 5)) {
      if (this.plot.log_y && !Number.isInteger(tick)) continue;
      const y = to_y(tick);
      svg.append(svg_element("line", { class: "grid", x1: left, x2: width - right, y1: y, y2: y }));
      const text = this.plot.log_y ? `1e${tick}` : number_text(tick);
      svg.append(svg_element("text", { class: "tick", x: left - 8, y: y + 4, "text-anchor": "end" }, text));
    }
    for (const tick of round_ticks(x_low, x_high, Math.max(3, Math.floor(width / 90)))) {
      const x = to_x(tick);
      svg.append(svg_element("line", { class: "grid", x1: x, x2: x, y1: top, y2: base + 4 }));
      const text = number_text(tick);
      svg.append(svg_element("text", { class: "tick", x, y: base + 18, "text-anchor": "middle" }, text));
    }
    svg.append(svg_element("path", { class: "axis", d: `M${left} ${top}V${base}H${width - right}` }));
    const middle_x = (left + width - right) / 2;
    const x_label = { class: "label", x: middle_x, y: plot_height - 6, "text-anchor": "middle" };
    svg.append(svg_element("text", x_label, this.plot.x_label));
    const middle_y = (top + base) / 2;
    const turn = `translate(13 ${middle_y}) rotate(-90)`;
    svg.append(svg_element("text", { class: "label", transform: turn, "text-anchor": "middle" }, this.plot.y_label));
  }

  /** The SVG path of one curve; absent values are gaps, a lone value is a dot. */
  path_of(y, to_x, to_y) {
    let path = "";
    let pen_down = false;
    y.forEach((value, i) => {
      if (value === null) {
        pen_down = false;
        return;
      }
      const place = `${to_x(this.plot.x[i]).toFixed(2)} ${to_y(value).toFixed(2)}`;
      path += pen_down ? `L${place}` : `M${place}h0.01`;
      pen_down = true;
    });
    return path;
  }

  listen(svg) {
    const x_at = (event) => this.x_of(event.clientX - svg.getBoundingClientRect().left);
    svg.addEventListener("pointermove", (event) => this.move_hover(this.nearest(x_at(event))));
    svg.addEventListener("pointerleave", () => this.hide_hover());
    if (!this.plot.over_frames) return;
    svg.classList.add("clickable");
    svg.addEventListener("click", (event) => go_to_frame(this.plot.x[this.nearest(x_at(event))]));
  }

  nearest(x) {
    let best = 0;
    this.plot.x.forEach((value, i) => {
      if (Math.abs(value - x) < Math.abs(this.plot.x[best] - x)) best = i;
    });
    return best;
  }

  move_hover(i) {
    const x = this.to_x(this.plot.x[i]);
    this.hover.setAttribute("x1", x);
    this.hover.setAttribute("x2", x);
    this.hover.setAttribute("visibility", "visible");
    this.show_values(i);
  }

  hide_hover() {
    this.hover.setAttribute("visibility", "hidden");
    if (this.plot.over_frames) this.show_values(this.nearest(current_frame()));
    else this.show_values(null);
  }

  move_cursor(frame) {
    if (!this.to_x) return;
    const x = this.to_x(frame);
    this.cursor.setAttribute("x1", x);
    this.cursor.setAttribute("x2", x);
    this.show_values(this.nearest(frame));
  }

  show_values(i) {
    this.plot.series.forEach((series, s) => {
      this.values[s].textContent = i === null ? "" : number_text(series.y[i]);
    });
    this.place.textContent = i === null ? "" : `at ${number_text(this.plot.x[i])}`;
  }

  save() {
    const quoted = (text) => `"${String(text).replaceAll('"', '""')}"`;
    const rows = [[this.plot.x_label, ...this.plot.series.map((series) => series.name)].map(quoted)];
    this.plot.x.forEach((x, i) => rows.push([x, ...this.plot.series.map((series) => series.y[i] ?? "")]));
    const name = this.plot.title.replace(/[^A-Za-z0-9]+/g, "_").toLowerCase();
    save_text(`${name}.csv`, "text/csv", rows.map((row) => row.join(",")).join("\n") + "\n");
  }
}

export function mount_plot(host, plot) {
  return new LinePlot(host, plot);
}
