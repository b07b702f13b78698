// Colours of values: a map between two ends, and what is not a number.
import { colour_map } from "./colours.js";

const nothing = [0.6, 0.6, 0.6];

/** Writes red, green, blue in [0, 1] of each value to `colours` at `stride` numbers an entry. */
export function colour_values(values, map, low, high, colours, stride = 3) {
  const words = colour_map(map);
  const scale = 255 / (high - low);
  for (let i = 0; i < values.length; ++i) {
    const place = Math.round((values[i] - low) * scale);
    const at = stride * i;
    if (Number.isNaN(place)) {
      colours.set(nothing, at);
      continue;
    }
    const word = words[place < 0 ? 0 : place > 255 ? 255 : place];
    colours[at] = (word & 255) / 255;
    colours[at + 1] = ((word >> 8) & 255) / 255;
    colours[at + 2] = ((word >> 16) & 255) / 255;
  }
  return colours;
}
