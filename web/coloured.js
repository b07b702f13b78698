// Tiles in colours: canvases that are made once for a contrast and used again.
import { colour_in } from "./contrast.js";

export class ColouredTiles {
  constructor() {
    this.made = new Map(); // key -> {canvas, image, words, look}, least recently used first
  }

  /** The canvas of a tile {key, numbers, height, width} in a look {low, high, table}; `kept` tiles
   *  at least stay. */
  canvas_of(tile, look, kept) {
    let found = this.made.get(tile.key);
    this.made.delete(tile.key);
    if (!found) found = this.spare(tile, kept) ?? this.blank(tile);
    this.made.set(tile.key, found);
    if (found.look !== look) {
      colour_in(tile.numbers, found.words, look.low, look.high, look.table);
      found.canvas.getContext("2d").putImageData(found.image, 0, 0);
      found.look = look;
    }
    return found.canvas;
  }

  /** One of the same shape that was not used for long, where there are enough. */
  spare({ height, width }, kept) {
    if (this.made.size < kept + 4) return null;
    for (const [key, old] of this.made) {
      this.made.delete(key);
      if (old.canvas.width !== width || old.canvas.height !== height) continue;
      old.look = null;
      return old;
    }
    return null;
  }

  blank({ height, width }) {
    const image = new ImageData(width, height);
    const words = new Uint32Array(image.data.buffer);
    return { canvas: new OffscreenCanvas(width, height), image, words, look: null };
  }
}
