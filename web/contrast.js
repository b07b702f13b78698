// Contrast: from numbers to colours through a window and a gamma; percentiles and histograms.
import { colour_map } from "./colours.js";

const table_steps = 4096;

/** Colours of a map over the window, as little-endian RGBA words; gamma bends the way there. */
export function colour_table(map, gamma) {
  const colours = colour_map(map);
  const table = new Uint32Array(table_steps);
  for (let i = 0; i < table_steps; ++i) {
    table[i] = colours[Math.round(255 * (i / (table_steps - 1)) ** gamma)];
  }
  return table;
}

/** Writes the colour of every number into `words`; what is not a number is as dark as the lowest. */
export function colour_in(numbers, words, low, high, table) {
  const top = table.length - 1;
  const factor = top / (high - low);
  const count = words.length;
  const possible = possible_levels(numbers);
  if (possible && possible.length < count) {
    const direct = new Uint32Array(possible.length); // a look-up is quicker than a product
    colour_in(possible, direct, low, high, table);
    for (let p = 0; p < count; ++p) words[p] = direct[numbers[p]];
    return;
  }
  for (let p = 0; p < count; ++p) {
    const place = (numbers[p] - low) * factor;
    words[p] = table[place > 0 ? (place < top ? place | 0 : top) : 0];
  }
}

/** All that unsigned integers of 8 or 16 bits can be; none for other numbers. */
function possible_levels(numbers) {
  if (numbers instanceof Uint8Array) return Uint8Array.from({ length: 256 }, (_, level) => level);
  if (numbers instanceof Uint16Array) return all_u16;
  return null;
}
const all_u16 = Uint16Array.from({ length: 65536 }, (_, level) => level);

/** At most `most` of the numbers, evenly taken, that are finite, ascending. */
export function sorted_sample(numbers, most = 200000) {
  const step = Math.max(1, Math.ceil(numbers.length / most));
  const sample = new Float64Array(Math.ceil(numbers.length / step));
  let count = 0;
  for (let i = 0; i < numbers.length; i += step) {
    if (Number.isFinite(numbers[i])) sample[count++] = numbers[i];
  }
  return sample.subarray(0, count).sort();
}

/** The two percentiles of an ascending sample; none of an empty one. */
export function percentile_range(sample, low_percent, high_percent) {
  const at = (percent) => sample[Math.round((percent / 100) * (sample.length - 1))];
  return sample.length === 0 ? [0, 1] : [at(low_percent), at(high_percent)];
}

/** Bins of a histogram over [low, high]: one a whole number where the numbers are whole and few. */
export function bins_over(low, high, whole, most = 128) {
  if (whole && high - low < 2 * most) {
    const per_bin = Math.ceil((high - low + 1) / most);
    return { low: low - 0.5, high: low - 0.5 + per_bin * Math.ceil((high - low + 1) / per_bin), width: per_bin };
  }
  const width = (high - low || 1) / most;
  return { low, high: low + most * width, width };
}

/** How many of (at most about 100,000 of) the numbers fall into each bin. */
export function histogram_of(arrays, bins) {
  const counts = new Float64Array(Math.round((bins.high - bins.low) / bins.width));
  const total = arrays.reduce((sum, numbers) => sum + numbers.length, 0);
  const step = Math.max(1, Math.floor(total / 100000));
  for (const numbers of arrays) {
    for (let i = 0; i < numbers.length; i += step) {
      const bin = Math.floor((numbers[i] - bins.low) / bins.width);
      if (bin >= 0 && bin < counts.length) ++counts[bin];
    }
  }
  return counts;
}
