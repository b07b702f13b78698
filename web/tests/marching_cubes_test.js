// Isosurfaces are closed, oriented, in the right place and of the right area.
import assert from "node:assert/strict";
import { test } from "node:test";

import { isosurface } from "../marching_cubes.js";

/** f(x, y, z) on a grid of `edge` points a side. */
function sampled(edge, f) {
  const values = new Float32Array(edge ** 3);
  for (let i = 0; i < values.length; ++i) {
    values[i] = f(i % edge, Math.floor(i / edge) % edge, Math.floor(i / edge / edge));
  }
  return values;
}

const edges_of = ({ triangles }) => {
  const directed = new Map();
  for (let i = 0; i < triangles.length; i += 3) {
    for (let k = 0; k < 3; ++k) {
      const key = `${triangles[i + k]} ${triangles[i + ((k + 1) % 3)]}`;
      directed.set(key, (directed.get(key) ?? 0) + 1);
    }
  }
  return directed;
};

/** Every edge is run through as often in each direction: no hole, and all faces look outward alike.
 *  Returns the number of edges. */
function assert_closed(surface) {
  const directed = edges_of(surface);
  for (const [key, times] of directed) assert.equal(directed.get(key.split(" ").reverse().join(" ")), times, key);
  return surface.triangles.length / 2;
}

const euler = (surface) =>
  surface.positions.length / 3 - assert_closed(surface) + surface.triangles.length / 3;

/** Area and enclosed volume; the volume is positive where faces look outward. */
function measures({ positions, triangles }) {
  let [area, volume] = [0, 0];
  for (let i = 0; i < triangles.length; i += 3) {
    const [a, b, c] = [0, 1, 2].map((k) => positions.subarray(3 * triangles[i + k], 3 * triangles[i + k] + 3));
    const [u, v] = [b, c].map((p) => [p[0] - a[0], p[1] - a[1], p[2] - a[2]]);
    const cross = [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]];
    area += Math.hypot(...cross) / 2;
    volume += (a[0] * cross[0] + a[1] * cross[1] + a[2] * cross[2]) / 6;
  }
  return { area, volume };
}

const ball = (edge, radius) => {
  const c = edge / 2 - 0.37;
  return sampled(edge, (x, y, z) => radius - Math.hypot(x - c, y - c, z - c));
};

test("a sphere is closed, of Euler characteristic 2, and as large as it should be", () => {
  const surface = isosurface(ball(32, 11), [32, 32, 32], 0);
  assert.equal(euler(surface), 2);
  const { area, volume } = measures(surface);
  assert.ok(Math.abs(area / (4 * Math.PI * 121) - 1) < 0.02, `${area}`);
  assert.ok(Math.abs(volume / ((4 / 3) * Math.PI * 1331) - 1) < 0.02, `${volume}`);
});

test("normals point away from what is inside", () => {
  const { positions, normals } = isosurface(ball(24, 8), [24, 24, 24], 0);
  for (let i = 0; i < positions.length; i += 3) {
    const out = [0, 1, 2].map((a) => positions[i + a] - (12 - 0.37));
    const along = out.reduce((sum, part, a) => sum + part * normals[i + a], 0) / Math.hypot(...out);
    assert.ok(along > 0.97, `${along}`);
  }
});

test("a torus has Euler characteristic 0", () => {
  const c = 15.6;
  const torus = sampled(32, (x, y, z) => 4 - Math.hypot(Math.hypot(x - c, y - c) - 9, z - c));
  assert.equal(euler(isosurface(torus, [32, 32, 32], 0)), 0);
});

test("noise gives surfaces without holes", () => {
  let state = 1;
  const noise = sampled(12, (x, y, z) => {
    state = (state * 1664525 + 1013904223) >>> 0;
    return [x, y, z].some((place) => place === 0 || place === 11) ? 0 : state / 2 ** 32;
  });
  assert.ok(assert_closed(isosurface(noise, [12, 12, 12], 0.5)) > 1000);
});

test("a level beyond all values has no surface", () => {
  assert.equal(isosurface(ball(8, 2), [8, 8, 8], 99).triangles.length, 0);
});

test("unequal edges keep their axes", () => {
  const values = new Float32Array(4 * 6 * 10).map((_, i) => (i % 10) - 4.5); // rises with x
  const { positions } = isosurface(values, [4, 6, 10], 0);
  assert.equal(positions.length, 3 * 4 * 6);
  for (let i = 0; i < positions.length; i += 3) assert.ok(Math.abs(positions[i] - 4.5) < 1e-5);
});
