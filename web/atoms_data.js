// Atoms through time as a page holds them: numbers in 16-bit steps, and what can be asked of them.
import { numbers_of } from "./data.js";

export const absent = 65535;

/** Undoes differences from frame to frame, in place: `levels` holds for each quantity its first
 *  frame and then what was added to it, modulo 65536. */
export function sum_frames(levels, quantities, frames, atoms) {
  for (let q = 0; q < quantities; ++q) {
    for (let t = 1; t < frames; ++t) {
      const first = (q * frames + t) * atoms;
      for (let i = first; i < first + atoms; ++i) levels[i] = (levels[i] + levels[i - atoms]) & 65535;
    }
  }
  return levels;
}

/** The atoms of one part of kind "atoms". */
export class AtomsData {
  /** `levels` (Q, T, N), sums already undone; `spec` as the page describes it. */
  constructor(spec, levels) {
    Object.assign(this, { spec, levels, atoms: spec.atoms, frames: spec.frames });
    this.quantities = new Map(spec.quantities.map((quantity, q) => [quantity.name, { ...quantity, q }]));
    this.bonds = new Map();
  }

  static async load(spec) {
    const levels = await numbers_of(spec.blocks.values);
    return new AtomsData(spec, sum_frames(levels, spec.quantities.length, spec.frames.length, spec.atoms));
  }

  has(name) {
    return this.quantities.has(name);
  }

  /** Of atom i at the t-th frame that is held; NaN where it is absent. */
  value(name, t, i) {
    const { q, offset, step } = this.quantities.get(name);
    const level = this.levels[(q * this.frames.length + t) * this.atoms + i];
    return level === absent ? NaN : offset + step * level;
  }

  /** All atoms of a frame: Float32Array (N). */
  row(name, t) {
    const { q, offset, step } = this.quantities.get(name);
    const first = (q * this.frames.length + t) * this.atoms;
    return Float32Array.from({ length: this.atoms }, (_, i) => {
      const level = this.levels[first + i];
      return level === absent ? NaN : offset + step * level;
    });
  }

  /** x, y, z of all atoms of a frame: Float32Array (N, 3). */
  places(t) {
    const places = new Float32Array(3 * this.atoms);
    ["x", "y", "z"].forEach((name, axis) => this.row(name, t).forEach((value, i) => (places[3 * i + axis] = value)));
    return places;
  }

  /** One atom through time: (T), null where it is absent. */
  history(name, i) {
    return this.frames.map((_, t) => {
      const value = this.value(name, t, i);
      return Number.isNaN(value) ? null : value;
    });
  }

  /** Lengths after which x and y repeat; 0: they do not. */
  period() {
    const { cell } = this.spec;
    if (!cell) return [0, 0];
    const upright = cell.edges[0][1] === 0 && cell.edges[1][0] === 0;
    return [0, 1].map((axis) => (upright && cell.periodic[axis] ? cell.edges[axis][axis] : 0));
  }

  /** The place among the held frames of the one nearest to `frame`. */
  place_of(frame) {
    return this.frames.reduce((best, held, t) => (Math.abs(held - frame) < Math.abs(this.frames[best] - frame) ? t : best), 0);
  }
}

/** The atom nearest to the eye of those that are drawn within `reach` pixels of (x, y); null where
 *  there is none. `clip` is a matrix clip_from_world, column by column; z is drawn `stretch` times
 *  as high about `middle`. */
export function pick(places, clip, width, height, x, y, reach, stretch = 1, middle = 0) {
  let best = null;
  let nearest = Infinity;
  for (let i = 0; i < places.length / 3; ++i) {
    const [px, py] = [places[3 * i], places[3 * i + 1]];
    const pz = middle + stretch * (places[3 * i + 2] - middle);
    const row = (r) => clip[r] * px + clip[4 + r] * py + clip[8 + r] * pz + clip[12 + r];
    const w = row(3);
    const away = Math.hypot(((row(0) / w + 1) / 2) * width - x, ((1 - row(1) / w) / 2) * height - y);
    if (!(away < reach) || w <= 0) continue;
    const depth = w + (away / reach) * 0.5;
    if (depth < nearest) [best, nearest] = [i, depth];
  }
  return best;
}
