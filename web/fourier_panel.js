// The power spectrum of what a pane shows, with rings of resolution.
import { colour_in, colour_table, percentile_range, sorted_sample } from "./contrast.js";
import { element } from "./data.js";
import { power_spectrum, ring_resolutions } from "./fourier.js";
import { region_shown } from "./geometry.js";
import { draw_tag, length_text } from "./scale_bar.js";

const most_side = 512; // pixels that are transformed at once

/** The middle square of what a pane shows, at the level that it shows: {numbers, side, bin}. */
export function middle_square(pane) {
  const tiles = pane.shown_tiles();
  if (tiles.length === 0) return null;
  const bin = 2 ** tiles[0].level;
  const region = region_shown(pane.frame, pane.view);
  const [wide, tall] = [(region.right - region.left) / bin, (region.bottom - region.top) / bin];
  const side = Math.max(2, Math.min(most_side, Math.floor(Math.min(wide, tall))));
  const left = Math.floor((region.left + region.right) / (2 * bin) - side / 2);
  const top = Math.floor((region.top + region.bottom) / (2 * bin) - side / 2);
  const numbers = new Float32Array(side * side);
  for (const tile of tiles) copy_overlap(tile, bin, { numbers, side, left, top });
  return { numbers, side, bin };
}

/** Copies what a tile holds of a square at (left, top) of the level. */
function copy_overlap(tile, bin, { numbers, side, left, top }) {
  const [tile_left, tile_top] = [tile.left / bin, tile.top / bin];
  const first = Math.max(left, tile_left);
  const last = Math.min(left + side, tile_left + tile.width);
  if (first >= last) return;
  for (let y = Math.max(top, tile_top); y < Math.min(top + side, tile_top + tile.height); ++y) {
    const from = (y - tile_top) * tile.width - tile_left;
    numbers.set(tile.numbers.subarray(from + first, from + last), (y - top) * side + first - left);
  }
}

export class FourierPanel {
  constructor(pane) {
    this.pane = pane;
    this.canvas = element("canvas", "image fourier");
    this.canvas.setAttribute("role", "img");
    this.canvas.setAttribute("aria-label", `Power spectrum of ${pane.spec.name}`);
    this.told = element("div", "range");
    this.figure = element("div", "fourier-panel");
    this.figure.append(this.canvas, this.told);
    this.canvas.addEventListener("pointermove", (event) => this.tell(event));
    this.canvas.addEventListener("pointerleave", () => this.tell(null));
  }

  draw() {
    const square = middle_square(this.pane);
    if (!square) return;
    const { power, n } = power_spectrum(square.numbers, square.side);
    Object.assign(this, { n, side: square.side, pixel: (this.pane.frame.pixel_angstrom ?? 1) * square.bin });
    const [low, high] = percentile_range(sorted_sample(power), 20, 99.9);
    const map = this.pane.spec.diverging ? "grey" : this.pane.map;
    const image = new ImageData(n, n);
    colour_in(power, new Uint32Array(image.data.buffer), low, high, colour_table(map, 1));
    const store = new OffscreenCanvas(n, n);
    store.getContext("2d").putImageData(image, 0, 0);
    const density = window.devicePixelRatio || 1;
    const edge = Math.max(64, Math.round(this.canvas.clientWidth * density));
    Object.assign(this.canvas, { width: edge, height: edge });
    const context = this.canvas.getContext("2d");
    context.imageSmoothingEnabled = edge < n;
    context.drawImage(store, 0, 0, edge, edge);
    this.draw_rings(context, edge, density);
    this.tell(null);
  }

  text_of(resolution) {
    return this.pane.frame.pixel_angstrom ? length_text(resolution) : `${Number(resolution.toPrecision(3))} px`;
  }

  /** Rings at round resolutions: a period d lies pixel / d of the edge away from the middle. */
  draw_rings(context, edge, density) {
    context.strokeStyle = "rgba(143, 208, 255, 0.95)";
    context.lineWidth = density;
    for (const resolution of ring_resolutions(this.pixel)) {
      const radius = (edge * this.pixel) / resolution;
      if (radius < 24 * density) break; // no room for its label
      context.beginPath();
      context.setLineDash([5 * density, 4 * density]);
      context.arc(edge / 2, edge / 2, radius, 0, 2 * Math.PI);
      context.stroke();
      draw_tag(context, this.text_of(resolution), edge / 2 + radius * 0.71, edge / 2 - radius * 0.71, density);
    }
    context.setLineDash([]);
  }

  tell(event) {
    const size = `${this.side} \u00d7 ${this.side} px of ${this.text_of(this.pixel)}`;
    if (!event) {
      this.told.textContent = `power spectrum, ${size}`;
      return;
    }
    const box = this.canvas.getBoundingClientRect();
    const across = (event.clientX - box.left) / box.width - 0.5;
    const down = (event.clientY - box.top) / box.height - 0.5;
    const far = Math.hypot(across, down);
    this.told.textContent = far > 0 ? `d = ${this.text_of(this.pixel / far)}, ${size}` : size;
  }
}
