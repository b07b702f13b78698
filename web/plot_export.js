// Plots as files: SVG with its styles inside, and CSV.
import { save_text } from "./data.js";

const carried = ["fill", "fill-opacity", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray", "opacity", "font-size", "font-family", "visibility"];

/** The drawing as a file of its own: what the page's style sheet says stands in its elements. */
export function svg_text(svg) {
  const copy = svg.cloneNode(true);
  const copies = [copy, ...copy.querySelectorAll("*")];
  [svg, ...svg.querySelectorAll("*")].forEach((source, i) => {
    const style = getComputedStyle(source);
    for (const name of carried) copies[i].setAttribute(name, style.getPropertyValue(name));
    copies[i].removeAttribute("class");
  });
  for (const passing of copy.querySelectorAll("[visibility=hidden]")) passing.remove();
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  const paper = getComputedStyle(document.body).backgroundColor;
  copy.setAttribute("style", `background: ${paper}`);
  return new XMLSerializer().serializeToString(copy);
}

/** A plot's numbers: x, then y, error and value of each series; or x, y, value of an image. */
export function csv_text(plot) {
  const quoted = (text) => `"${String(text).replaceAll('"', '""')}"`;
  const lines = (rows) => rows.map((row) => row.map((cell) => cell ?? "").join(",")).join("\n") + "\n";
  if (plot.field) {
    const { x, y, values } = plot.field;
    const centre = ([low, high], i, count) => low + ((i + 0.5) / count) * (high - low);
    const rows = [[plot.x_label, plot.y_label, plot.value_label].map(quoted)];
    values.forEach((row, r) =>
      row.forEach((value, c) => rows.push([centre(x, c, row.length), centre(y, r, values.length), value])),
    );
    return lines(rows);
  }
  const columns = [[plot.x_label, plot.x]];
  if (plot.frames && !plot.over_frames) columns.push(["frame", plot.frames]);
  for (const series of plot.series) {
    columns.push([series.name, series.y]);
    if (series.error) columns.push([`${series.name}, standard error`, series.error]);
    if (series.value) columns.push([plot.value_label, series.value]);
  }
  const rows = [columns.map(([name]) => quoted(name))];
  plot.x.forEach((_, i) => rows.push(columns.map(([, values]) => values[i])));
  return lines(rows);
}

const file_name = (plot) => plot.title.replace(/[^A-Za-z0-9]+/g, "_").toLowerCase();

export function save_svg(plot, svg) {
  save_text(`${file_name(plot)}.svg`, "image/svg+xml", svg_text(svg));
}

export function save_csv(plot) {
  save_text(`${file_name(plot)}.csv`, "text/csv", csv_text(plot));
}
