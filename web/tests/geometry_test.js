// Views, tiles and lines agree with each other.
import assert from "node:assert/strict";
import { test } from "node:test";

import { kept_inside, level_for, placed, region_shown, tile_shape, tiles_in, values_along, zoomed } from "../geometry.js";

const frame = { height: 3000, width: 4096 };

test("at zoom 1 the whole frame is shown, and its corners lie in the canvas's", () => {
  const view = { x: 0.5, y: 0.5, zoom: 1 };
  assert.deepEqual(region_shown(frame, view), { left: 0, top: 0, right: 4096, bottom: 3000 });
  const place = placed(frame, view, { width: 1024, height: 750 });
  assert.deepEqual(place, { scale: 0.25, left: 0, top: 0 });
});

test("a level has pixels no finer than the screen's, and no coarser than twice", () => {
  assert.equal(level_for(2, 4), 0);
  assert.equal(level_for(1, 4), 0);
  assert.equal(level_for(0.5, 4), 1);
  assert.equal(level_for(0.3, 4), 1);
  assert.equal(level_for(0.01, 4), 3);
});

test("tiles cover each pixel of the frame once", () => {
  for (const level of [0, 1, 2]) {
    const tiles = tiles_in({ left: 0, top: 0, right: 4096, bottom: 3000 }, frame, level, 512);
    const area = tiles.reduce((sum, t) => sum + (t.right - t.left) * (t.bottom - t.top), 0);
    assert.equal(area, 4096 * 3000);
    const binned = tiles.reduce((sum, t) => sum + tile_shape(t)[0] * tile_shape(t)[1], 0);
    assert.equal(binned, Math.ceil(4096 / 2 ** level) * Math.ceil(3000 / 2 ** level));
  }
});

test("zooming keeps the point under the pointer where it is", () => {
  const view = { x: 0.4, y: 0.6, zoom: 2 };
  const at = { x: 0.1, y: -0.2 };
  const next = zoomed(view, 1.7, at);
  for (const axis of ["x", "y"]) {
    assert.ok(Math.abs(view[axis] + at[axis] / view.zoom - next[axis] - at[axis] / next.zoom) < 1e-12);
  }
});

test("a view never shows what is beyond the frame", () => {
  const view = kept_inside({ x: 5, y: -5, zoom: 4 });
  const { left, top, right, bottom } = region_shown(frame, view);
  assert.ok(right <= 4096 && top >= 0 && right - left === 1024 && bottom - top === 750);
});

test("a line over a ramp rises evenly", () => {
  const numbers = Float32Array.from({ length: 100 }, (_, i) => (i % 10) + 10 * Math.floor(i / 10));
  const values = values_along({ numbers, height: 10, width: 10 }, { x: 1, y: 1 }, { x: 7, y: 1 });
  assert.deepEqual(values, [11, 12, 13, 14, 15, 16, 17]);
});
