// Plots as SVG: curves with bands of error, points, bars and images over axes with units; a cursor
// at the current frame, values under the pointer; saved as SVG and CSV.
import { colour_bar } from "./colour_bar.js";
import { element, number_text } from "./data.js";
import { Scales, draw_axes, equal_units, extent_of, plot_margin, svg_element, widened } from "./plot_axes.js";
import { save_csv, save_svg } from "./plot_export.js";
import { draw_field, draw_series } from "./plot_marks.js";
import { current_frame, go_to_frame, on_frame } from "./sync.js";

const plot_height = 250;

/** The range of what a plot's series show, bars from 0. */
function y_extent(drawn, plot) {
  const values = drawn.flatMap(({ ys, lows, highs }) => [...ys, ...(lows ?? []), ...(highs ?? [])]);
  if (plot.series.some((series) => series.style === "bars") && !plot.log_y) values.push(0);
  return extent_of(values);
}

/** A plot in `host`. `plot` has title, x_label, y_label, log_y, and either
 *  - x and series [{name, y, colour, dashed, style, error, value}], where value colours points and
 *    value_label names it; equal_units for a plane; over_frames where x counts frames, or frames
 *    that tell which frame stands at each x;
 *  - or field {x, y, values, low, high, map}, an image whose y counts frames where over_frames. */
export class Plot {
  constructor(host, plot) {
    this.host = host;
    this.plot = plot;
    this.frames = plot.frames ?? (plot.over_frames && !plot.field ? plot.x : null);
    this.is_plane = plot.series.some((series) => series.style === "points");
    this.build();
    new ResizeObserver(() => requestAnimationFrame(() => this.draw())).observe(this.frame);
    if (this.frames || plot.over_frames) on_frame(() => this.move_cursor());
  }

  build() {
    const head = element("div", "plot-head");
    const saves = element("span");
    const save = (name, title, act) => {
      const button = element("button", "quiet", name);
      button.title = title;
      button.addEventListener("click", act);
      saves.append(button, " ");
    };
    save("SVG", "Save this drawing", () => save_svg(this.plot, this.svg));
    save("CSV", "Save these numbers as comma-separated values", () => save_csv(this.plot));
    head.append(element("span", "plot-title", this.plot.title), saves);
    this.frame = element("div", "plot-frame");
    this.host.replaceChildren(head, this.build_legend(), this.frame);
  }

  build_legend() {
    const legend = element("div", "legend");
    this.values = this.plot.series.map((series) => {
      const item = element("span", "legend-item");
      const swatch = element("i", `swatch series-${series.colour} ${series.style}${series.dashed ? " dashed" : ""}`);
      const value = element("span", "legend-value");
      if (!series.value) item.append(swatch);
      item.append(series.name, value);
      legend.append(item);
      if (series.value) legend.append(colour_bar("viridis", extent_of(series.value), this.plot.value_label));
      return value;
    });
    const { field } = this.plot;
    if (field) legend.append(colour_bar(field.map, [field.low, field.high], this.plot.value_label));
    this.place = element("span", "legend-value legend-x");
    legend.append(this.place);
    return legend;
  }

  /** What is drawn of a series: its values, and those of its band, or their logarithms. */
  drawn(series) {
    const seen = (y) => (y === null || (this.plot.log_y && y <= 0) ? null : this.plot.log_y ? Math.log10(y) : y);
    const beside = (sign) => series.y.map((y, i) => (y === null ? null : seen(y + sign * series.error[i])));
    const ys = series.y.map(seen);
    return series.error ? { ys, lows: beside(-1), highs: beside(1) } : { ys };
  }

  scales(drawn) {
    const { plot } = this;
    const width = Math.max(280, this.frame.clientWidth);
    const height = plot.equal_units ? Math.min(width, 1.5 * plot_height) : plot_height;
    if (plot.field) return new Scales(plot.field.x, plot.field.y, width, height);
    const half_bar = plot.series.some((series) => series.style === "bars") && plot.x.length > 1 ? 0.5 / (plot.x.length - 1) : 0;
    let xs = widened(extent_of(plot.x), this.is_plane ? 0.05 : half_bar);
    let ys = widened(y_extent(drawn, plot), 0.06);
    if (half_bar && ys[0] < 0) ys[0] = 0;
    const { left, right, top, bottom } = plot_margin;
    if (plot.equal_units) [xs, ys] = equal_units(xs, ys, width - left - right, height - top - bottom);
    return new Scales(xs, ys, width, height);
  }

  draw() {
    const { plot } = this;
    const drawn = plot.series.map((series) => this.drawn(series));
    const scales = (this.shown = this.scales(drawn));
    this.heights = drawn.map(({ ys }) => ys);
    const { width, height, top, base } = scales;
    const svg = (this.svg = svg_element("svg", { width, height, role: "img", viewBox: `0 0 ${width} ${height}` }));
    svg.append(svg_element("title", {}, plot.title));
    draw_axes(svg, plot, scales);
    if (plot.field) draw_field(svg, plot.field, scales);
    plot.series.forEach((series, s) => draw_series(svg, plot, series, drawn[s], scales));
    this.cursor = this.is_plane
      ? svg_element("circle", { class: "ring", r: 6.5 })
      : svg_element("line", { class: "cursor", y1: top, y2: base });
    this.hover = svg_element("line", { class: "hover", y1: top, y2: base });
    svg.append(this.cursor, this.hover);
    this.listen(svg);
    this.frame.replaceChildren(svg);
    this.hide_hover();
    this.move_cursor();
  }

  listen(svg) {
    const place = (event) => {
      const box = svg.getBoundingClientRect();
      return [event.clientX - box.left, event.clientY - box.top];
    };
    svg.addEventListener("pointermove", (event) => this.move_hover(...place(event)));
    svg.addEventListener("pointerleave", () => this.hide_hover());
    if (!this.frames && !this.plot.over_frames) return;
    svg.classList.add("clickable");
    svg.addEventListener("click", (event) => {
      const [x, y] = place(event);
      if (this.plot.field) go_to_frame(Math.round(this.shown.y_at(y)));
      else go_to_frame(this.frames[this.nearest(x, y)]);
    });
  }

  /** The place in x of the value nearest to a pixel; of points in both directions. */
  nearest(place_x, place_y) {
    let best = 0;
    let least = Infinity;
    this.plot.x.forEach((value, i) => {
      const dx = this.shown.x(value) - place_x;
      const dy = this.is_plane && this.heights[0][i] !== null ? this.shown.y(this.heights[0][i]) - place_y : 0;
      if (Math.hypot(dx, dy) < least) [best, least] = [i, Math.hypot(dx, dy)];
    });
    return best;
  }

  /** The place in x of the frame that the page looks at. */
  place_of_frame() {
    const frame = current_frame();
    return this.frames.reduce((best, value, i) => (Math.abs(value - frame) < Math.abs(this.frames[best] - frame) ? i : best), 0);
  }

  move_hover(place_x, place_y) {
    if (this.plot.field) {
      this.show_field_value(this.shown.x_at(place_x), this.shown.y_at(place_y));
      return;
    }
    const i = this.nearest(place_x, place_y);
    const x = this.shown.x(this.plot.x[i]);
    this.hover.setAttribute("x1", x);
    this.hover.setAttribute("x2", x);
    this.hover.setAttribute("visibility", this.is_plane ? "hidden" : "visible");
    this.show_values(i);
  }

  hide_hover() {
    this.hover.setAttribute("visibility", "hidden");
    this.show_values(this.frames ? this.place_of_frame() : null);
  }

  move_cursor() {
    if (!this.shown) return;
    const set = (attributes) => {
      for (const [name, value] of Object.entries(attributes)) this.cursor.setAttribute(name, value);
    };
    if (this.plot.field && this.plot.over_frames) {
      const y = this.shown.y(Math.min(this.plot.field.y[1], Math.max(this.plot.field.y[0], current_frame())));
      set({ x1: this.shown.left, x2: this.shown.right, y1: y, y2: y });
      return;
    }
    if (!this.frames) {
      set({ visibility: "hidden" });
      return;
    }
    const i = this.place_of_frame();
    const x = this.shown.x(this.plot.x[i]);
    if (this.is_plane) set({ cx: x, cy: this.shown.y(this.heights[0][i] ?? 0) });
    else set({ x1: x, x2: x });
    this.show_values(i);
  }

  show_values(i) {
    this.plot.series.forEach((series, s) => {
      const error = i !== null && series.error ? ` \u00b1 ${number_text(series.error[i], 2)}` : "";
      this.values[s].textContent = i === null ? "" : number_text(series.y[i]) + error;
    });
    if (this.plot.field) return;
    this.place.textContent = i === null ? "" : `at ${number_text(this.plot.x[i])}`;
  }

  show_field_value(x, y) {
    const { field } = this.plot;
    const index = (value, [low, high], count) => Math.floor(((value - low) / (high - low)) * count);
    const row = field.values[index(y, field.y, field.values.length)];
    const value = row?.[index(x, field.x, row.length)];
    const at = `at ${number_text(x, 3)}, ${number_text(y, 3)}`;
    this.place.textContent = value === undefined ? "" : `${number_text(value)} ${at}`;
  }
}

export function mount_plot(host, plot) {
  return new Plot(host, plot);
}
