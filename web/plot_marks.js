// What stands inside the axes of a plot: curves, bands of error, points, bars, images.
import { colour_map, css_colour } from "./colours.js";
import { extent_of, svg_element } from "./plot_axes.js";

/** The SVG path of a curve; absent values are gaps, a lone value is a dot. */
export function path_of(xs, ys, scales) {
  let path = "";
  let pen_down = false;
  ys.forEach((y, i) => {
    if (y === null) {
      pen_down = false;
      return;
    }
    const place = `${scales.x(xs[i]).toFixed(2)} ${scales.y(y).toFixed(2)}`;
    path += pen_down ? `L${place}` : `M${place}h0.01`;
    pen_down = true;
  });
  return path;
}

/** The outline of y - error to y + error, a closed part for each run without gaps. */
export function band_of(xs, lows, highs, scales) {
  let path = "";
  let first = 0;
  const close = (last) => {
    if (last <= first) return;
    const corner = (i, values) => `${scales.x(xs[i]).toFixed(2)} ${scales.y(values[i]).toFixed(2)}`;
    const there = [];
    const back = [];
    for (let i = first; i < last; ++i) {
      there.push(corner(i, highs));
      back.unshift(corner(i, lows));
    }
    path += `M${there.join("L")}L${back.join("L")}Z`;
  };
  for (let i = 0; i <= xs.length; ++i) {
    if (i < xs.length && lows[i] !== null && highs[i] !== null) continue;
    close(i);
    first = i + 1;
  }
  return path;
}

/** Steps through the tops of bars that stand at `xs`, each as wide as their distance. */
export function steps_of(xs, ys, scales) {
  const half = xs.length > 1 ? (xs[1] - xs[0]) / 2 : 0.5;
  const floor = scales.y(Math.max(0, scales.y_low)).toFixed(2);
  let path = `M${scales.x(xs[0] - half).toFixed(2)} ${floor}`;
  xs.forEach((x, i) => {
    path += `V${scales.y(ys[i] ?? 0).toFixed(2)}H${scales.x(x + half).toFixed(2)}`;
  });
  return `${path}V${floor}`;
}

/** One series: `ys`, `lows` and `highs` are what is drawn of y and y -+ error (logarithms, say). */
export function draw_series(svg, plot, series, { ys, lows, highs }, scales) {
  const colour = `series-${series.colour}`;
  if (lows) svg.append(svg_element("path", { class: `band ${colour}`, d: band_of(plot.x, lows, highs, scales) }));
  if (series.style === "bars") {
    svg.append(svg_element("path", { class: `bars ${colour}`, d: steps_of(plot.x, ys, scales) }));
  } else if (series.style === "points") {
    draw_points(svg, plot, series, ys, scales);
  } else {
    const dashed = series.dashed ? " dashed" : "";
    svg.append(svg_element("path", { class: `curve ${colour}${dashed}`, d: path_of(plot.x, ys, scales) }));
  }
}

function draw_points(svg, plot, series, ys, scales) {
  const points = svg_element("g", { class: `points series-${series.colour}` });
  const [low, high] = extent_of(series.value ?? []);
  const colours = colour_map("viridis");
  const radius = ys.length > 400 ? 2 : 3;
  ys.forEach((y, i) => {
    if (y === null) return;
    const point = { cx: scales.x(plot.x[i]).toFixed(2), cy: scales.y(y).toFixed(2), r: radius };
    if (series.value) point.fill = css_colour(colours[Math.round((255 * (series.value[i] - low)) / (high - low))]);
    points.append(svg_element("circle", point));
  });
  svg.append(points);
}

/** An image of `field` {x, y, values [rows][columns], low, high, map}, its rows rising with y. */
export function draw_field(svg, field, scales) {
  const rows = field.values.length;
  const columns = field.values[0].length;
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: columns, height: rows });
  const image = new ImageData(columns, rows);
  const words = new Uint32Array(image.data.buffer);
  const colours = colour_map(field.map);
  field.values.forEach((row, r) => {
    row.forEach((value, c) => {
      const part = (value - field.low) / (field.high - field.low);
      const place = (rows - 1 - r) * columns + c;
      words[place] = value === null ? 0 : colours[Math.round(255 * Math.min(1, Math.max(0, part)))];
    });
  });
  canvas.getContext("2d").putImageData(image, 0, 0);
  const [left, right] = [scales.x(field.x[0]), scales.x(field.x[1])];
  const [base, top] = [scales.y(field.y[0]), scales.y(field.y[1])];
  svg.append(
    svg_element("image", {
      x: left, y: top, width: right - left, height: base - top,
      href: canvas.toDataURL(), preserveAspectRatio: "none", style: "image-rendering: pixelated",
    }),
  );
}
