// Spectra put periods where they belong.
import assert from "node:assert/strict";
import { test } from "node:test";

import { power_spectrum, ring_resolutions } from "../fourier.js";
import { round_length } from "../scale_bar.js";

for (const [side, n] of [[64, 64], [50, 64]]) {
  test(`a wave of 4 pixels stands a quarter of ${n} from the middle (image of ${side})`, () => {
    const image = Float32Array.from({ length: side * side }, (_, i) => Math.cos((2 * Math.PI * (i % side)) / 4));
    const spectrum = power_spectrum(image, side);
    assert.equal(spectrum.n, n);
    const peak = spectrum.power.indexOf(spectrum.power.reduce((a, b) => Math.max(a, b)));
    assert.equal(Math.floor(peak / n), n / 2);
    assert.equal(Math.abs((peak % n) - n / 2), n / 4);
  });
}

test("power is that of Parseval", () => {
  const side = 32;
  const image = Float32Array.from({ length: side * side }, (_, i) => Math.sin(i * i));
  const mean = image.reduce((a, b) => a + b) / image.length;
  const hann = (i) => Math.sin((Math.PI * (i + 0.5)) / side) ** 2;
  let expected = 0;
  image.forEach((value, i) => (expected += ((value - mean) * hann(i % side) * hann(Math.floor(i / side))) ** 2));
  const { power } = power_spectrum(image, side);
  const found = power.reduce((sum, p) => sum + 10 ** p, 0) / (side * side);
  assert.ok(Math.abs(found / expected - 1) < 1e-4, `${found} ${expected}`);
});

test("rings are round, no finer than Nyquist, and apart", () => {
  for (const pixel of [0.1, 0.2, 0.37, 1, 3.3, 42]) {
    const rings = ring_resolutions(pixel);
    assert.equal(rings.length, 4);
    rings.forEach((ring, i) => assert.ok(ring >= 2 * pixel * (i ? 1.4 : 1) && (!i || ring >= 1.8 * rings[i - 1])));
  }
});

test("scale bars are round", () => {
  assert.deepEqual(round_length(1), [1, "1 \u00c5"]);
  assert.deepEqual(round_length(34), [20, "2 nm"]);
  assert.deepEqual(round_length(99999), [50000, "5 \u00b5m"]);
});
