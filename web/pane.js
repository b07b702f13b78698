// One pane of a player: an image on a canvas with its own contrast, scale bar and histogram.
import { ColouredTiles } from "./coloured.js";
import { colour_table, percentile_range, sorted_sample } from "./contrast.js";
import { element, number_text } from "./data.js";
import { PackedFrames, ServedFrames } from "./frames.js";
import { level_for, placed, region_shown, tiles_in } from "./geometry.js";
import { Histogram } from "./histogram.js";
import { draw_scale_bar } from "./scale_bar.js";

export class Pane {
  /** `spec`: name, unit, scale, offset, diverging, image_of or image_starts, and levels (a block) or
   *  tiles (an address). `frame`: height, width, pixel_angstrom (null where unknown). `view`: the
   *  zoom and centre that all panes share. `redraw` is called when something came. */
  constructor(spec, frame, view, redraw) {
    Object.assign(this, { spec, frame, view });
    const arrived = (image) => image === this.asked && redraw();
    this.source = spec.tiles ? new ServedFrames(spec.tiles, arrived) : new PackedFrames(spec.levels);
    this.coloured = new ColouredTiles();
    this.map = spec.diverging ? "diverging" : "grey";
    this.gamma = 1;
    this.sample = new Float64Array();
    this.set_window(0, 1);
    this.image = -1;
    this.build(redraw);
  }

  build(redraw) {
    this.figure = element("figure", "pane");
    const caption = element("figcaption");
    this.readout = element("span", "readout");
    caption.append(element("b", "", this.spec.name), this.readout);
    this.canvas = element("canvas", "image");
    this.canvas.setAttribute("role", "img");
    this.canvas.setAttribute("aria-label", this.spec.name);
    this.canvas.style.aspectRatio = `${this.frame.width} / ${this.frame.height}`;
    this.message = element("p", "pane-message");
    this.histogram = new Histogram(this.spec.unit, (low, high) => {
      this.set_window(low, high);
      redraw();
    });
    const stage = element("div", "stage");
    stage.append(this.canvas, this.message);
    this.surface = this.canvas; // where it is shown: here, or on a wipe
    this.figure.append(caption, stage, this.histogram.canvas, this.histogram.range);
  }

  /** The image of a frame: `place` counts the frames that the player holds. */
  image_of(place, frame) {
    const { image_of, image_starts } = this.spec;
    if (image_of) return image_of[place];
    if (!image_starts) return Math.min(frame, (this.spec.images ?? Infinity) - 1);
    let [low, high] = [0, image_starts.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (image_starts[middle] <= frame) low = middle;
      else high = middle;
    }
    return low;
  }

  async load(first_image) {
    const numbers = await this.source.load(first_image, [this.coarsest()]);
    this.sample = sorted_sample(numbers);
    this.histogram.set_axis(this.sample, this.source.whole, this.spec);
  }

  value_of(level) {
    return this.spec.offset + this.spec.scale * level;
  }

  /** Contrast from percentiles, of the movie or, served, of the frame that is shown. */
  auto(low_percent, high_percent) {
    const tiles = this.spec.tiles ? this.shown_tiles() : [];
    if (tiles.length) this.sample = sorted_sample(tiles[0].numbers);
    const [low, high] = percentile_range(this.sample, low_percent, high_percent);
    this.set_window(this.value_of(low), this.value_of(high));
  }

  /** The values that are black and white; symmetric about zero where the pane diverges. */
  set_window(low, high) {
    const least = this.source?.whole ? 0.5 * this.spec.scale : 1e-6 * (Math.abs(low) + Math.abs(high)) || 1e-6;
    if (this.spec.diverging) {
      const half = Math.max(Math.abs(low), Math.abs(high), least);
      [low, high] = [-half, half];
    }
    if (high - low < least) [low, high] = [low - least / 2, low + least / 2];
    Object.assign(this, { low, high, look: null });
  }

  set_look({ map, gamma }) {
    if (this.spec.diverging) return;
    Object.assign(this, { map: map ?? this.map, gamma: gamma ?? this.gamma, look: null });
  }

  /** The contrast in the numbers of the source. */
  current_look() {
    const level = (value) => (value - this.spec.offset) / this.spec.scale;
    this.look ??= { low: level(this.low), high: level(this.high), table: colour_table(this.map, this.gamma) };
    return this.look;
  }

  coarsest() {
    return tiles_in({ left: 0, top: 0, right: 1, bottom: 1 }, this.frame, this.source.levels - 1, this.source.edge)[0];
  }

  /** The tiles that the view shows. */
  tiles(canvas = this.surface) {
    const level = level_for(placed(this.frame, this.view, canvas).scale, this.source.levels);
    return tiles_in(region_shown(this.frame, this.view), this.frame, level, this.source.edge);
  }

  /** What is to be fetched for an image, most urgent first. */
  wanted(image) {
    return this.tiles().map((tile) => ({ image, tile }));
  }

  /** The whole image coarsely, where nothing of it is here: to have something to show soon. */
  wanted_roughly(image) {
    const tile = this.coarsest();
    return this.tiles().some((fine) => this.source.tile(image, fine)) ? [] : [{ image, tile }];
  }

  /** Whether all that the view shows of an image is here (or will never come). */
  ready(image) {
    return this.tiles().every((tile) => this.source.tile(image, tile));
  }

  /** The tiles of the present image that are here and shown. */
  shown_tiles() {
    if (this.image < 0) return [];
    return this.tiles().flatMap((tile) => {
      const came = this.source.tile(this.image, tile);
      return came?.numbers ? [{ ...tile, ...came }] : [];
    });
  }

  /** Shows an image, or as long as nothing of it is here what was shown before. */
  draw(image) {
    if (image !== this.asked) this.source.forget_failures();
    this.asked = image;
    if (this.surface === this.canvas) this.fit_canvas();
    const here = (candidate) =>
      candidate >= 0 && [this.coarsest(), ...this.tiles()].some((tile) => this.source.tile(candidate, tile));
    if (here(image)) this.image = image;
    const failure = this.tiles().map((tile) => this.source.tile(image, tile)?.failure).find(Boolean);
    const waits = this.image !== image && this.spec.tiles?.slow ? this.spec.tiles.slow : "";
    this.message.textContent = failure ?? waits;
    if (this.surface === this.canvas) this.paint(this.canvas);
    this.histogram.draw(this.shown_tiles().map((tile) => tile.numbers), this.low, this.high);
  }

  fit_canvas() {
    const density = window.devicePixelRatio || 1;
    const width = Math.max(1, Math.round(this.canvas.clientWidth * density));
    const height = Math.max(1, Math.round((width * this.frame.height) / this.frame.width));
    if (this.canvas.width !== width || this.canvas.height !== height) {
      Object.assign(this.canvas, { width, height });
    }
  }

  /** Paints the present image onto a canvas, its own or that of a wipe. */
  paint(canvas, bare = false) {
    const context = canvas.getContext("2d");
    const place = placed(this.frame, this.view, canvas);
    if (!bare) context.clearRect(0, 0, canvas.width, canvas.height);
    if (this.image >= 0) this.paint_tiles(context, place, this.tiles(canvas));
    if (bare) return;
    const density = window.devicePixelRatio || 1;
    this.draw_marks(context, place, density);
    if (this.frame.pixel_angstrom) {
      draw_scale_bar(context, canvas, place.scale / this.frame.pixel_angstrom, density);
    }
  }

  paint_tiles(context, place, tiles) {
    const came = tiles.map((tile) => this.source.tile(this.image, tile));
    const all = came.every((tile) => tile?.numbers);
    const list = tiles.map((tile, i) => [tile, came[i]]);
    if (!all) list.unshift([this.coarsest(), this.source.tile(this.image, this.coarsest())]);
    context.imageSmoothingEnabled = place.scale < 1;
    for (const [tile, data] of list) {
      if (!data?.numbers) continue;
      const image = this.coloured.canvas_of(data, this.current_look(), list.length);
      const bin = 2 ** tile.level;
      const left = Math.round(place.left + tile.left * place.scale);
      const top = Math.round(place.top + tile.top * place.scale);
      const right = Math.round(place.left + (tile.left + bin * data.width) * place.scale);
      const bottom = Math.round(place.top + (tile.top + bin * data.height) * place.scale);
      context.drawImage(image, left, top, right - left, bottom - top);
    }
  }

  /** The cross at the pointer, in all panes, and the line of a profile. */
  draw_marks(context, { scale, left, top }, density) {
    const { pointer, line } = this.view;
    const at = (point) => [left + point.x * this.frame.width * scale, top + point.y * this.frame.height * scale];
    context.strokeStyle = "rgba(255, 190, 40, 0.9)";
    context.lineWidth = 1.5 * density;
    context.beginPath();
    if (pointer) {
      const [x, y] = at(pointer);
      const arm = 9 * density;
      context.moveTo(x - arm, y);
      context.lineTo(x + arm, y);
      context.moveTo(x, y - arm);
      context.lineTo(x, y + arm);
    }
    if (line) {
      context.moveTo(...at(line.from));
      context.lineTo(...at(line.to));
    }
    context.stroke();
  }

  /** The point under an event, as fractions of the frame. */
  point_at(event, canvas = this.canvas) {
    const box = canvas.getBoundingClientRect();
    const across = (event.clientX - box.left) / box.width - 0.5;
    const down = (event.clientY - box.top) / box.height - 0.5;
    return { x: this.view.x + across / this.view.zoom, y: this.view.y + down / this.view.zoom };
  }

  show_readout() {
    const { pointer } = this.view;
    const [x, y] = pointer ? [pointer.x * this.frame.width, pointer.y * this.frame.height] : [-1, -1];
    const tile = this.shown_tiles().find((t) => x >= t.left && x < t.right && y >= t.top && y < t.bottom);
    this.readout.textContent = tile ? this.readout_text(tile, Math.floor(x), Math.floor(y)) : "";
  }

  readout_text(tile, x, y) {
    const bin = 2 ** tile.level;
    const column = Math.floor((x - tile.left) / bin);
    const row = Math.floor((y - tile.top) / bin);
    const value = this.value_of(tile.numbers[row * tile.width + column]);
    return `(${x}, ${y}) ${number_text(value)} ${this.spec.unit}`.trim();
  }
}
