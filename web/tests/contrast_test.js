// Windows, percentiles and histograms count what is there.
import assert from "node:assert/strict";
import { test } from "node:test";

import { bins_over, colour_in, colour_table, histogram_of, percentile_range, sorted_sample } from "../contrast.js";

const grey_of = (word) => word & 255;

for (const type of [Uint8Array, Uint16Array, Int16Array, Float32Array]) {
  test(`the window of ${type.name} runs from black to white, and beyond it nothing wraps`, () => {
    const numbers = type.from([0, 10, 20, 30, 100]);
    const words = new Uint32Array(5);
    colour_in(numbers, words, 10, 30, colour_table("grey", 1));
    assert.deepEqual([...words].map(grey_of), [0, 0, 127, 255, 255]);
  });
}

test("what is not a number is dark, infinities are at the ends", () => {
  const words = new Uint32Array(3);
  colour_in(Float32Array.from([NaN, Infinity, -Infinity]), words, 0, 1, colour_table("grey", 1));
  assert.deepEqual([...words].map(grey_of), [0, 255, 0]);
});

test("gamma below one lifts the middle", () => {
  const middle = (gamma) => grey_of(colour_table("grey", gamma)[2048]);
  assert.ok(middle(0.5) > middle(1) && middle(1) > middle(2));
});

test("percentiles leave out what is not a number", () => {
  const sample = sorted_sample(Float32Array.from([NaN, 5, 1, 3, Infinity, 2, 4]));
  assert.deepEqual([...sample], [1, 2, 3, 4, 5]);
  assert.deepEqual(percentile_range(sample, 0, 100), [1, 5]);
  assert.deepEqual(percentile_range(sample, 25, 75), [2, 4]);
});

test("a histogram counts every number once, whole numbers in bins of their own", () => {
  const numbers = Uint8Array.from({ length: 1000 }, (_, i) => i % 7);
  const counts = histogram_of([numbers], bins_over(0, 6, true));
  assert.deepEqual([...counts], [143, 143, 143, 143, 143, 143, 142]);
  const floats = Float32Array.from({ length: 1000 }, (_, i) => i / 999);
  assert.ok(histogram_of([floats], bins_over(0, 1, false)).reduce((a, b) => a + b) >= 992);
});

test("integers through a look-up have the colours that they have as floats", () => {
  const levels = Uint8Array.from({ length: 1000 }, (_, i) => i % 256);
  const [looked_up, reckoned] = [new Uint32Array(1000), new Uint32Array(1000)];
  const table = colour_table("viridis", 0.7);
  colour_in(levels, looked_up, 13, 207, table);
  colour_in(Float32Array.from(levels), reckoned, 13, 207, table);
  assert.deepEqual(looked_up, reckoned);
});
