// Where a pane's frames come from: from a block of the page, or tile by tile from `kinema view`.
import { numbers_of, typed_array } from "./data.js";
import { tile_shape } from "./geometry.js";

const most_bytes = 192e6;

function key_of(image, tile) {
  return `${image}/${tile.level}/${tile.row}/${tile.column}`;
}

/** All images lie in the page: one level, one tile a frame. */
export class PackedFrames {
  constructor(block) {
    this.block = block;
    this.levels = 1;
    this.edge = Math.max(block.shape[1], block.shape[2]);
  }

  async load() {
    this.numbers = await numbers_of(this.block);
    this.whole = !(this.numbers instanceof Float32Array);
    return this.numbers;
  }

  /** The numbers of a tile, (height, width). */
  tile(image) {
    if (!this.numbers) return null;
    const [, height, width] = this.block.shape;
    const size = height * width;
    return { key: String(image), numbers: this.numbers.subarray(image * size, (image + 1) * size), height, width };
  }

  want() {}
  forget_failures() {}
}

/** Images are asked for at `address`, in tiles of the pyramid; what came is kept for a while. */
export class ServedFrames {
  /** `spec`: address, levels, edge, whole, slow. `arrived(image)` is called when a tile came. */
  constructor(spec, arrived) {
    Object.assign(this, { address: spec.address, levels: spec.levels, edge: spec.edge, whole: spec.whole, arrived });
    this.at_once = spec.slow ? 1 : 2;
    this.kept = new Map(); // key -> tile, least recently asked for first
    this.bytes = 0;
    this.wanted = [];
    this.in_flight = new Set();
  }

  /** The numbers of the first image, coarsely. */
  async load(image, tiles) {
    const came = await Promise.all(tiles.map((tile) => this.fetch(image, tile)));
    const failed = came.find((tile) => tile.failure);
    if (failed) throw new Error(failed.failure);
    return came[0].numbers;
  }

  /** A tile where it is here already: its numbers (height, width), or its failure. */
  tile(image, tile) {
    const key = key_of(image, tile);
    const found = this.kept.get(key);
    if (!found) return null;
    this.kept.delete(key);
    this.kept.set(key, found);
    return found;
  }

  /** What is shown or will be soon, most urgent first; takes the place of what was wanted before. */
  want(list) {
    this.wanted = list.filter(({ image, tile }) => !this.kept.has(key_of(image, tile)));
    this.go_on();
  }

  go_on() {
    for (const { image, tile } of this.wanted) {
      if (this.in_flight.size >= this.at_once) return;
      const key = key_of(image, tile);
      if (this.in_flight.has(key) || this.kept.has(key)) continue;
      this.fetch(image, tile).then(() => {
        this.arrived(image);
        this.go_on();
      });
    }
  }

  /** Asks for a tile and keeps it; what goes wrong is kept as its failure. */
  async fetch(image, tile) {
    const key = key_of(image, tile);
    this.in_flight.add(key);
    let came;
    try {
      const query = `image=${image}&level=${tile.level}&row=${tile.row}&column=${tile.column}`;
      const answer = await fetch(`${this.address}?${query}`);
      if (!answer.ok) throw new Error((await answer.text()) || `the server answered ${answer.status}`);
      const [height, width] = tile_shape(tile);
      const numbers = new (typed_array(answer.headers.get("x-kinema-type")))(await answer.arrayBuffer());
      if (numbers.length !== height * width) throw new Error("a tile came in part");
      came = { key, numbers, height, width };
    } catch (failure) {
      const gone = failure instanceof TypeError;
      came = { key, failure: gone ? "kinema view is not running any more" : failure.message };
    }
    this.in_flight.delete(key);
    this.keep(key, came);
    return came;
  }

  keep(key, tile) {
    this.kept.set(key, tile);
    this.bytes += tile.numbers?.byteLength ?? 0;
    for (const [oldest, { numbers }] of this.kept) {
      if (this.bytes <= most_bytes || oldest === key) break;
      this.kept.delete(oldest);
      this.bytes -= numbers?.byteLength ?? 0;
    }
  }

  /** Failures are forgotten: the next drawing asks again. */
  forget_failures() {
    for (const [key, tile] of this.kept) if (tile.failure) this.kept.delete(key);
  }
}
