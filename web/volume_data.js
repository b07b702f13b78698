// Volumes through time as a page holds them, and what is made of them before they are drawn.
import { numbers_of } from "./data.js";

/** A line of values at half the step: those between by the cubic through four neighbours. */
function refined_line(values, first, step, count, out, out_first, out_step) {
  for (let i = 0; i < count; ++i) {
    const value = values[first + i * step];
    out[out_first + 2 * i * out_step] = value;
    if (i + 1 === count) return;
    const next = values[first + (i + 1) * step];
    const before = i > 0 ? values[first + (i - 1) * step] : value;
    const after = i + 2 < count ? values[first + (i + 2) * step] : next;
    out[out_first + (2 * i + 1) * out_step] = (9 * (value + next) - before - after) / 16;
  }
}

/** A volume at half the voxel, (2Z - 1, 2Y - 1, 2X - 1), by cubic interpolation along each axis. */
export function refined({ values, shape }) {
  let [now, size] = [values, [...shape]];
  for (let axis = 0; axis < 3; ++axis) {
    const next = [...size];
    next[axis] = 2 * size[axis] - 1;
    const out = new Float32Array(next[0] * next[1] * next[2]);
    const stride = (lengths, a) => lengths.slice(a + 1).reduce((product, length) => product * length, 1);
    const others = [0, 1, 2].filter((a) => a !== axis);
    for (let i = 0; i < size[others[0]]; ++i) {
      for (let j = 0; j < size[others[1]]; ++j) {
        const from = i * stride(size, others[0]) + j * stride(size, others[1]);
        const to = i * stride(next, others[0]) + j * stride(next, others[1]);
        refined_line(now, from, stride(size, axis), size[axis], out, to, stride(next, axis));
      }
    }
    [now, size] = [out, next];
  }
  return { values: now, shape: size };
}

/** The value of a volume at a place in voxels [x, y, z], linear between voxels. */
export function value_at({ values, shape: [depth, height, width] }, x, y, z) {
  const [x0, y0, z0] = [Math.min(width - 2, Math.floor(x)), Math.min(height - 2, Math.floor(y)), Math.min(depth - 2, Math.floor(z))];
  const [fx, fy, fz] = [x - x0, y - y0, z - z0];
  const at = (z0 * height + y0) * width + x0;
  const row = (i) => values[i] * (1 - fx) + values[i + 1] * fx;
  const plane = (i) => row(i) * (1 - fy) + row(i + width) * fy;
  return plane(at) * (1 - fz) + plane(at + width * height) * fz;
}

/** The distance in voxels from the middle of a volume within which all lies that is above `level`. */
export function radius_of({ values, shape: [depth, height, width] }, level) {
  let farthest = 1;
  values.forEach((value, i) => {
    if (value < level) return;
    const [x, y, z] = [i % width, Math.floor(i / width) % height, Math.floor(i / width / height)];
    farthest = Math.max(farthest, Math.hypot(x - (width - 1) / 2, y - (height - 1) / 2, z - (depth - 1) / 2));
  });
  return farthest;
}

/** How many values are at least `level`. */
export function count_above(values, level) {
  let count = 0;
  for (let i = 0; i < values.length; ++i) if (values[i] >= level) ++count;
  return count;
}

/** Mean and standard deviation. */
export function moments(values) {
  let [sum, squares] = [0, 0];
  for (const value of values) {
    sum += value;
    squares += value * value;
  }
  const mean = sum / values.length;
  return { mean, deviation: Math.sqrt(Math.max(0, squares / values.length - mean * mean)) };
}

/** One of three slices through a volume: "x", "y" or "z" is the axis it lies across, `at` its place
 *  in voxels. Returns {values, width, height}: x before y before z, to the right and down. */
export function slice_of({ values, shape: [depth, height, width] }, axis, at) {
  const sizes = { z: [width, height], y: [width, depth], x: [height, depth] }[axis];
  const steps = { z: [1, width], y: [1, width * height], x: [width, width * height] }[axis];
  const first = at * { z: width * height, y: width, x: 1 }[axis];
  const out = new Float32Array(sizes[0] * sizes[1]);
  for (let down = 0; down < sizes[1]; ++down) {
    for (let right = 0; right < sizes[0]; ++right) {
      out[down * sizes[0] + right] = values[first + right * steps[0] + down * steps[1]];
    }
  }
  return { values: out, width: sizes[0], height: sizes[1] };
}

/** A series of volumes of one part of kind "volume". */
export class VolumeSeries {
  /** `levels` (T, Z, Y, X) of `series` {name, offset, step, low, high}. */
  constructor(series, shape, levels) {
    Object.assign(this, { ...series, shape, levels });
    this.voxels = shape.reduce((product, length) => product * length, 1);
    this.count = levels.length / this.voxels;
  }

  static async load(spec, index) {
    return new VolumeSeries(spec.series[index], spec.shape, await numbers_of(spec.blocks[`series_${index}`]));
  }

  /** The t-th volume, or the only one: {values, shape, mean, deviation}; the last one asked for is
   *  kept. */
  at(t) {
    const place = Math.min(t, this.count - 1);
    if (this.kept?.place === place) return this.kept;
    const values = new Float32Array(this.voxels);
    const first = place * this.voxels;
    for (let i = 0; i < values.length; ++i) values[i] = this.offset + this.step * this.levels[first + i];
    this.kept = { place, values, shape: this.shape, ...moments(values) };
    return this.kept;
  }
}
