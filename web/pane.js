// One pane of a player: an image on a canvas with its own contrast, scale bar and histogram.
import { colour_map } from "./colours.js";
import { element, number_text, numbers_of } from "./data.js";

const histogram_bins = 128;

/** The round length (angstrom) nearest below `longest`, and its text. */
function round_length(longest) {
  const power = 10 ** Math.floor(Math.log10(longest));
  const length = power * [5, 2, 1].find((factor) => factor * power <= longest);
  if (length < 10) return [length, `${Number(length.toPrecision(2))} \u00c5`];
  if (length < 10000) return [length, `${length / 10} nm`];
  return [length, `${length / 10000} \u00b5m`];
}

/** The levels at the two percentiles of a histogram of levels. */
function percentile_range(counts, low_percent, high_percent) {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const level_at = (percent) => {
    let seen = 0;
    return counts.findIndex((count) => {
      seen += count;
      return seen > 0 && seen >= (percent / 100) * total;
    });
  };
  return [level_at(low_percent), level_at(high_percent)];
}

export class Pane {
  /** `spec`: name, unit, levels (a block), highest_level, image_of, scale, offset, diverging.
   *  `view`: the zoom and centre that all panes share. `pixel_angstrom` is null where unknown. */
  constructor(spec, height, width, view, pixel_angstrom) {
    Object.assign(this, { spec, height, width, view, pixel_angstrom });
    this.levels_count = spec.highest_level + 1;
    this.map = spec.diverging ? "diverging" : "grey";
    this.gamma = 1;
    this.low = 0;
    this.high = 1;
    this.shown = -1;
    this.build();
  }

  build() {
    this.figure = element("figure", "pane");
    const caption = element("figcaption");
    caption.append(element("b", "", this.spec.name));
    this.readout = element("span", "readout");
    caption.append(this.readout);
    this.canvas = element("canvas", "image");
    this.canvas.setAttribute("aria-label", this.spec.name);
    this.canvas.style.aspectRatio = `${this.width} / ${this.height}`;
    this.histogram = element("canvas", "histogram");
    this.range = element("div", "range");
    this.figure.append(caption, this.canvas, this.histogram, this.range);
    this.store = new OffscreenCanvas(this.width, this.height);
    this.image = new ImageData(this.width, this.height);
    this.words = new Uint32Array(this.image.data.buffer);
  }

  async load() {
    this.levels = await numbers_of(this.spec.levels);
    this.counts = this.count_levels(0, this.levels.length, Math.ceil(this.levels.length / 1e6));
    this.auto(0.5, 99.5);
  }

  value_of(level) {
    return this.spec.offset + this.spec.scale * level;
  }

  count_levels(first, last, step) {
    const counts = new Uint32Array(this.levels_count);
    for (let i = first; i < last; i += step) ++counts[this.levels[i]];
    return counts;
  }

  /** Contrast from percentiles of the whole movie; symmetric about zero where the pane diverges. */
  auto(low_percent, high_percent) {
    const [low, high] = percentile_range(this.counts, low_percent, high_percent);
    this.set_window(this.value_of(low), this.value_of(high));
  }

  set_window(low, high) {
    const least = this.spec.scale * 0.5;
    if (this.spec.diverging) {
      const half = Math.max(Math.abs(low), Math.abs(high), least);
      [low, high] = [-half, half];
    }
    if (high - low < least) [low, high] = [low - least / 2, low + least / 2];
    Object.assign(this, { low, high, table: null });
  }

  /** The colour of every level under the present contrast. */
  build_table() {
    const colours = colour_map(this.map);
    this.table = new Uint32Array(this.levels_count);
    for (let level = 0; level < this.levels_count; ++level) {
      const part = (this.value_of(level) - this.low) / (this.high - this.low);
      const bounded = Math.min(1, Math.max(0, part));
      const bent = this.spec.diverging ? bounded : bounded ** this.gamma;
      this.table[level] = colours[Math.round(255 * bent)];
    }
  }

  /** Shows the image of the i-th frame of the player. */
  draw(i) {
    if (!this.levels) return;
    const image = this.spec.image_of[i];
    if (image !== this.shown || !this.table) {
      if (!this.table) this.build_table();
      const first = image * this.words.length;
      for (let p = 0; p < this.words.length; ++p) this.words[p] = this.table[this.levels[first + p]];
      this.store.getContext("2d").putImageData(this.image, 0, 0);
      this.shown = image;
      this.draw_histogram(first);
    }
    this.paint();
  }

  paint() {
    const density = window.devicePixelRatio || 1;
    const width = Math.round(this.canvas.clientWidth * density);
    const height = Math.round((width * this.height) / this.width);
    if (width === 0) return;
    if (this.canvas.width !== width || this.canvas.height !== height) {
      Object.assign(this.canvas, { width, height });
    }
    const scale = (width / this.width) * this.view.zoom;
    const context = this.canvas.getContext("2d");
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, width, height);
    context.setTransform(scale, 0, 0, scale, width / 2 - this.view.x * scale, height / 2 - this.view.y * scale);
    context.imageSmoothingEnabled = scale < 1;
    context.drawImage(this.store, 0, 0);
    this.draw_cross(context, scale);
    context.setTransform(1, 0, 0, 1, 0, 0);
    if (this.pixel_angstrom) this.draw_scale_bar(context, width, height, scale, density);
  }

  draw_cross(context, scale) {
    const { pointer } = this.view;
    if (!pointer) return;
    context.strokeStyle = "rgba(255, 190, 40, 0.8)";
    context.lineWidth = 1 / scale;
    const arm = 9 / scale;
    const [x, y] = [pointer.x + 0.5, pointer.y + 0.5];
    context.beginPath();
    context.moveTo(x - arm, y);
    context.lineTo(x + arm, y);
    context.moveTo(x, y - arm);
    context.lineTo(x, y + arm);
    context.stroke();
  }

  draw_scale_bar(context, width, height, scale, density) {
    const [length, text] = round_length((0.3 * width * this.pixel_angstrom) / scale);
    const bar = (length / this.pixel_angstrom) * scale;
    const [left, base, thick] = [12 * density, height - 12 * density, 3 * density];
    context.font = `600 ${12 * density}px system-ui, sans-serif`;
    const box = Math.max(bar, context.measureText(text).width) + 12 * density;
    context.fillStyle = "rgba(0, 0, 0, 0.55)";
    context.fillRect(left - 6 * density, base - 22 * density, box, 30 * density);
    context.fillStyle = "#fff";
    context.fillRect(left, base, bar, thick);
    context.fillText(text, left, base - 6 * density);
  }

  draw_histogram(first) {
    const counts = this.count_levels(first, first + this.words.length, 1);
    const per_bin = this.levels_count / histogram_bins;
    const heights = new Float64Array(histogram_bins);
    counts.forEach((count, level) => (heights[Math.floor(level / per_bin)] += count));
    const tallest = Math.max(...heights.map((count) => Math.sqrt(count)));
    const [width, height] = [256, 40];
    Object.assign(this.histogram, { width, height });
    const context = this.histogram.getContext("2d");
    const style = getComputedStyle(this.figure);
    context.fillStyle = style.getPropertyValue("--muted");
    heights.forEach((count, bin) => {
      const tall = (Math.sqrt(count) / tallest) * (height - 2);
      context.fillRect((bin * width) / histogram_bins, height - tall, width / histogram_bins, tall);
    });
    context.fillStyle = style.getPropertyValue("--accent");
    for (const value of [this.low, this.high]) {
      const level = (value - this.spec.offset) / this.spec.scale;
      context.fillRect(Math.min(width - 2, Math.max(0, (level / this.levels_count) * width)), 0, 2, height);
    }
    const [low, high] = [number_text(this.low, 3), number_text(this.high, 3)];
    this.range.textContent = `${low} to ${high} ${this.spec.unit}`.trim();
  }

  /** The pixel under a pointer event. */
  pixel_at(event) {
    const box = this.canvas.getBoundingClientRect();
    const scale = (box.width / this.width) * this.view.zoom;
    return {
      x: Math.floor(this.view.x + (event.clientX - box.left - box.width / 2) / scale),
      y: Math.floor(this.view.y + (event.clientY - box.top - box.height / 2) / scale),
    };
  }

  show_readout(pixel) {
    const inside = pixel && pixel.x >= 0 && pixel.y >= 0 && pixel.x < this.width && pixel.y < this.height;
    if (!inside || this.shown < 0) {
      this.readout.textContent = "";
      return;
    }
    const level = this.levels[(this.shown * this.height + pixel.y) * this.width + pixel.x];
    this.readout.textContent = `${number_text(this.value_of(level))} ${this.spec.unit}`.trim();
  }
}
