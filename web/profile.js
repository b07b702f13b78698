// Profiles: what lies along a line that was drawn on an image, in every pane.
import { element } from "./data.js";
import { values_along } from "./geometry.js";
import { mount_plot } from "./plot.js";

/** The values of a pane along a line of the view, one a pixel of the level that is shown; where
 *  tiles are missing, none. */
export function profile_of(pane, line) {
  const tiles = pane.shown_tiles();
  if (tiles.length === 0) return [];
  const bin = 2 ** tiles[0].level;
  const height = Math.ceil(pane.frame.height / bin);
  const width = Math.ceil(pane.frame.width / bin);
  const at = (point) => ({ x: (point.x * pane.frame.width) / bin - 0.5, y: (point.y * pane.frame.height) / bin - 0.5 });
  const numbers = tiles.length === 1 && tiles[0].width === width ? tiles[0].numbers : joined(tiles, bin, height, width);
  return values_along({ numbers, height, width }, at(line.from), at(line.to)).map((level) => pane.value_of(level));
}

/** A level's image from its tiles; what is missing is not a number. */
function joined(tiles, bin, height, width) {
  const numbers = new Float32Array(height * width).fill(NaN);
  for (const tile of tiles) {
    for (let row = 0; row < tile.height; ++row) {
      const from = tile.numbers.subarray(row * tile.width, (row + 1) * tile.width);
      numbers.set(from, (tile.top / bin + row) * width + tile.left / bin);
    }
  }
  return numbers;
}

export class ProfilePlot {
  constructor() {
    this.host = element("div", "plot profile");
  }

  /** Plots a line over all panes, or nothing where there is none. */
  draw(panes, line) {
    if (!line) {
      this.host.replaceChildren();
      return;
    }
    const profiles = panes.map((pane) => profile_of(pane, line));
    const count = Math.max(...profiles.map((profile) => profile.length));
    if (count < 2) return;
    const { frame } = panes[0];
    const length = Math.hypot((line.to.x - line.from.x) * frame.width, (line.to.y - line.from.y) * frame.height);
    const [unit, step] = frame.pixel_angstrom ? ["nm", frame.pixel_angstrom / 10] : ["px", 1];
    mount_plot(this.host, {
      title: "Line profile",
      x_label: `along the line (${unit})`,
      y_label: panes[0].spec.unit ? `value (${panes[0].spec.unit})` : "value",
      x: Array.from({ length: count }, (_, i) => (i / (count - 1)) * length * step),
      series: profiles.map((profile, p) => ({ name: panes[p].spec.name, y: stretched(profile, count), colour: p, dashed: false })),
      log_y: false,
      over_frames: false,
    });
  }
}

/** A profile of another number of pixels over the same line. */
function stretched(profile, count) {
  const at = (i) => profile[Math.round((i * (profile.length - 1)) / (count - 1))];
  return Array.from({ length: count }, (_, i) => (Number.isFinite(at(i)) ? at(i) : null));
}
