// A value of atoms as an image, seen along the beam as the frames are: x to the right, y down.
import { colour_map } from "./colours.js";
import { element } from "./data.js";
import { round_length } from "./scale_bar.js";

const pixel = 0.2; // angstrom
const reach = 1.6; // angstrom
const spread = 0.6; // angstrom, of the Gaussian that weights atoms

/** The values of atoms around each pixel: Float32Array (height, width), NaN where no atom is near.
 *  `box` is {x, y, width, height}: the first pixel in angstrom, and the size in pixels. */
export function smoothed(places, values, box) {
  const sums = new Float32Array(box.width * box.height);
  const weights = new Float32Array(sums.length);
  for (let i = 0; i < values.length; ++i) {
    if (Number.isNaN(values[i]) || Number.isNaN(places[3 * i])) continue;
    const [cx, cy] = [(places[3 * i] - box.x) / pixel, (places[3 * i + 1] - box.y) / pixel];
    const far = reach / pixel;
    for (let y = Math.max(0, Math.ceil(cy - far)); y <= Math.min(box.height - 1, cy + far); ++y) {
      for (let x = Math.max(0, Math.ceil(cx - far)); x <= Math.min(box.width - 1, cx + far); ++x) {
        const square = ((x - cx) ** 2 + (y - cy) ** 2) * pixel * pixel;
        if (square > reach * reach) continue;
        const weight = Math.exp((-0.5 * square) / (spread * spread));
        sums[y * box.width + x] += weight * values[i];
        weights[y * box.width + x] += weight;
      }
    }
  }
  return sums.map((sum, i) => (weights[i] > 0 ? sum / weights[i] : NaN));
}

/** A box around places (x, y, z of each) with `margin` angstrom to spare. */
export function box_around([x_low, x_high], [y_low, y_high], margin) {
  const pixels = (low, high) => Math.max(1, Math.round((high - low + 2 * margin) / pixel));
  return { x: x_low - margin, y: y_low - margin, width: pixels(x_low, x_high), height: pixels(y_low, y_high) };
}

export class HeightMap {
  constructor(host, box) {
    this.box = box;
    this.canvas = element("canvas", "height-map");
    this.canvas.setAttribute("role", "img");
    this.canvas.setAttribute("aria-label", "Map of the atoms seen along the beam");
    Object.assign(this.canvas, { width: box.width, height: box.height });
    this.scale = element("span", "map-scale");
    host.append(this.canvas, this.scale);
    new ResizeObserver(() => this.draw_scale()).observe(this.canvas);
  }

  draw(places, values, map, low, high, picked) {
    const { box } = this;
    const image = new ImageData(box.width, box.height);
    const words = new Uint32Array(image.data.buffer);
    const colours = colour_map(map);
    smoothed(places, values, box).forEach((value, i) => {
      if (Number.isNaN(value)) return;
      words[i] = colours[Math.round(255 * Math.min(1, Math.max(0, (value - low) / (high - low))))];
    });
    const context = this.canvas.getContext("2d");
    context.putImageData(image, 0, 0);
    if (picked === null || Number.isNaN(places[3 * picked])) return;
    context.strokeStyle = getComputedStyle(this.canvas).color;
    context.beginPath();
    context.arc((places[3 * picked] - box.x) / pixel, (places[3 * picked + 1] - box.y) / pixel, 5, 0, 7);
    context.stroke();
  }

  draw_scale() {
    const per_pixel = (this.box.width * pixel) / this.canvas.clientWidth;
    if (!Number.isFinite(per_pixel)) return;
    const [length, text] = round_length(90 * per_pixel);
    this.scale.textContent = text;
    this.scale.style.width = `${length / per_pixel}px`;
  }

  /** The place in angstrom under a pointer event. */
  place_at(event) {
    const bounds = this.canvas.getBoundingClientRect();
    return [
      this.box.x + ((event.clientX - bounds.left) / bounds.width) * this.box.width * pixel,
      this.box.y + ((event.clientY - bounds.top) / bounds.height) * this.box.height * pixel,
    ];
  }
}

/** The atom nearest to (x, y) within 1 angstrom; null where there is none. */
export function nearest_in_plane(places, x, y) {
  let best = null;
  let least = 1;
  for (let i = 0; i < places.length / 3; ++i) {
    const away = Math.hypot(places[3 * i] - x, places[3 * i + 1] - y);
    if (away < least) [best, least] = [i, away];
  }
  return best;
}
