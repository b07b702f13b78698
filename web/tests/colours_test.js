// Colour maps end where they say and run without a step that the eye would take for an edge.
import assert from "node:assert/strict";
import { test } from "node:test";

import { colour_map } from "../colours.js";

const channels = (word) => [word & 255, (word >> 8) & 255, (word >> 16) & 255];
const lightness = (word) => {
  const [r, g, b] = channels(word).map((level) => (level / 255) ** 2.2);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};

test("grey runs from black to white", () => {
  const grey = colour_map("grey");
  assert.deepEqual(channels(grey[0]), [0, 0, 0]);
  assert.deepEqual(channels(grey[255]), [255, 255, 255]);
});

for (const name of ["grey", "viridis", "cividis"]) {
  test(`${name} never gets darker`, () => {
    const map = colour_map(name);
    for (let i = 1; i < 256; ++i) assert.ok(lightness(map[i]) >= lightness(map[i - 1]) - 1e-3, `step ${i}`);
  });
}
