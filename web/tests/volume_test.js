// Finer grids keep the volume's values, slices show the right planes, and sums are right.
import assert from "node:assert/strict";
import { test } from "node:test";

import { VolumeSeries, moments, radius_of, refined, slice_of, value_at } from "../volume_data.js";

const shape = [4, 5, 6];
const ramp = { shape, values: Float32Array.from({ length: 120 }, (_, i) => (i % 6) + 10 * (Math.floor(i / 6) % 5) + 100 * Math.floor(i / 30)) };

test("a finer grid keeps every value and puts straight lines between them", () => {
  const fine = refined(ramp);
  assert.deepEqual(fine.shape, [7, 9, 11]);
  const at = (x, y, z) => fine.values[(z * 9 + y) * 11 + x];
  assert.equal(at(2, 4, 6), 321);
  assert.ok(Math.abs(at(5, 4, 6) - 322.5) < 1e-4);
  assert.ok(Math.abs(at(4, 5, 3) - (2 + 25 + 150)) < 1e-3);
});

test("values between voxels lie between", () => {
  assert.ok(Math.abs(value_at(ramp, 1.25, 2.5, 1.5) - (1.25 + 25 + 150)) < 1e-4);
  assert.ok(Math.abs(value_at(ramp, 5, 4, 3) - 345) < 1e-4);
});

test("slices lie across their axis", () => {
  assert.deepEqual(slice_of(ramp, "z", 2).values[0], 200);
  assert.deepEqual({ ...slice_of(ramp, "y", 3), values: null }, { values: null, width: 6, height: 4 });
  assert.equal(slice_of(ramp, "y", 3).values[1 * 6 + 5], 135);
  assert.equal(slice_of(ramp, "x", 4).values[3 * 5 + 2], 324);
});

test("moments and the radius of what is above a level", () => {
  const { mean, deviation } = moments([1, 3, 5, 7]);
  assert.equal(mean, 4);
  assert.ok(Math.abs(deviation - Math.sqrt(5)) < 1e-12);
  const dot = { shape: [5, 5, 5], values: new Float32Array(125) };
  dot.values[2 * 25 + 2 * 5 + 4] = 1;
  assert.equal(radius_of(dot, 0.5), 2);
});

test("a series of one volume stands for every frame", () => {
  const series = new VolumeSeries({ name: "mean", offset: 1, step: 0.5 }, [1, 1, 2], Uint8Array.from([0, 4]));
  assert.deepEqual([...series.at(7).values], [1, 3]);
});
