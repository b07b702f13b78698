// Axes cover their data with round numbers, drawings stay on their axes, and CSV holds every number.
import assert from "node:assert/strict";
import { test } from "node:test";

import { Scales, equal_units, extent_of, round_ticks } from "../plot_axes.js";
import { csv_text } from "../plot_export.js";
import { band_of, path_of, steps_of } from "../plot_marks.js";

const scales = new Scales([0, 10], [0, 1], 500, 250);

test("ticks are round, rising, inside, and not too many", () => {
  for (const [low, high] of [[0, 1], [-3.7, 912], [1e-6, 2e-6], [-0.02, 0.013], [5, 5.0001]]) {
    const ticks = round_ticks(low, high, 5);
    assert.ok(ticks.length >= 2 && ticks.length <= 11, `${ticks}`);
    ticks.forEach((tick, i) => {
      assert.ok(tick >= low - 1e-9 * (high - low) && tick <= high + 1e-9 * (high - low));
      if (i > 0) assert.ok(tick > ticks[i - 1]);
    });
  }
});

test("the extent passes gaps and opens a single value", () => {
  assert.deepEqual(extent_of([3, null, -1]), [-1, 3]);
  assert.deepEqual(extent_of([2, 2]), [1, 3]);
  assert.deepEqual(extent_of([null]), [0, 1]);
});

test("scales and their inverses agree", () => {
  for (const value of [0, 0.25, 1]) {
    assert.ok(Math.abs(scales.y_at(scales.y(value)) - value) < 1e-12);
    assert.ok(Math.abs(scales.x_at(scales.x(10 * value)) - 10 * value) < 1e-12);
  }
});

test("equal units widen one side and lose nothing", () => {
  const [[x_low, x_high], [y_low, y_high]] = equal_units([0, 4], [0, 1], 400, 200);
  assert.ok(Math.abs((x_high - x_low) / 400 - (y_high - y_low) / 200) < 1e-12);
  assert.ok(x_low <= 0 && x_high >= 4 && y_low <= 0 && y_high >= 1);
});

test("a gap splits a curve and its band", () => {
  const [xs, ys] = [[0, 1, 2, 3, 4], [0, 1, null, 1, 0]];
  assert.equal(path_of(xs, ys, scales).match(/M/g).length, 2);
  assert.equal(band_of(xs, ys, ys, scales).match(/Z/g).length, 2);
});

test("bars stand beside each other and begin and end on the floor", () => {
  const path = steps_of([1, 2, 3], [0.5, 1, 0.25], scales);
  assert.equal(path.match(/H/g).length, 3);
  const floor = scales.y(0).toFixed(2);
  assert.ok(path.endsWith(`V${floor}`) && path.startsWith(`M${scales.x(0.5).toFixed(2)} ${floor}`));
});

test("CSV holds x, y, errors and names with quotes", () => {
  const plot = { x_label: "frame", x: [0, 1], series: [{ name: 'a "b"', y: [1.5, null], error: [0.1, 0.2] }] };
  assert.equal(csv_text(plot), '"frame","a ""b""","a ""b"", standard error"\n0,1.5,0.1\n1,,0.2\n');
});

test("CSV of an image has a row for every pixel", () => {
  const field = { x: [0, 2], y: [0, 2], values: [[1, 2], [3, null]] };
  const text = csv_text({ x_label: "x", y_label: "y", value_label: "z", field, series: [] });
  assert.equal(text, '"x","y","z"\n0.5,0.5,1\n1.5,0.5,2\n0.5,1.5,3\n1.5,1.5,\n');
});
