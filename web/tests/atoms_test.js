// Bonds, picking, the map along the beam and the unpacking of atoms through time.
import assert from "node:assert/strict";
import { test } from "node:test";

import { AtomsData, absent, pick, sum_frames } from "../atoms_data.js";
import { find_bonds } from "../bonds.js";
import { colour_values } from "../colouring.js";
import { box_around, nearest_in_plane, smoothed } from "../height_map.js";
import { basis_of, named_views } from "../orbit.js";

/** A sheet of graphene that repeats: `nx` x `ny` rectangles of four atoms. */
function sheet(nx, ny) {
  const [a, b] = [2.46, 2.46 * Math.sqrt(3)];
  const places = [];
  for (let y = 0; y < ny; ++y) {
    for (let x = 0; x < nx; ++x) {
      for (const [u, v] of [[0, 0], [0.5, 1 / 6], [0.5, 0.5], [0, 2 / 3]]) places.push((x + u) * a, (y + v) * b, 0);
    }
  }
  return { places: Float32Array.from(places), period: [nx * a, ny * b] };
}

test("every atom of a sheet that repeats has three bonds of 1.42 angstrom", () => {
  const { places, period } = sheet(6, 4);
  const bonds = find_bonds(places, 1.85, period);
  const count = new Array(places.length / 3).fill(0);
  for (let b = 0; b < bonds.length; b += 5) {
    ++count[bonds[b]];
    ++count[bonds[b + 1]];
    assert.ok(Math.abs(Math.hypot(...bonds.slice(b + 2, b + 5)) - 1.42) < 0.01);
  }
  assert.deepEqual([...new Set(count)], [3]);
});

test("without a period bonds do not cross the border, and absent atoms have none", () => {
  const { places } = sheet(6, 4);
  const all = find_bonds(places, 1.85).length / 5;
  assert.ok(all < (3 * 96) / 2);
  places.fill(NaN, 0, 3);
  assert.ok(find_bonds(places, 1.85).length / 5 < all);
});

test("differences from frame to frame are undone, wrap and absence included", () => {
  const truth = Uint16Array.from([5, 60000, 65535, 10, 3, 7]); // one quantity, 3 frames, 2 atoms
  const stored = truth.map((level, i) => (i < 2 ? level : level - truth[i - 2]));
  assert.deepEqual([...sum_frames(stored, 1, 3, 2)], [...truth]);
  const quantity = { name: "z", offset: -1, step: 0.001 };
  const data = new AtomsData({ atoms: 2, frames: [0, 4, 8], quantities: [quantity] }, truth);
  assert.equal(truth[2], absent);
  assert.deepEqual(data.history("z", 0).map((z) => z && Number(z.toFixed(3))), [-0.995, null, -0.997]);
  assert.equal(data.place_of(7), 2);
});

test("the atom nearest to the eye is picked", () => {
  const places = Float32Array.from([0, 0, 0, 0, 0, 1, 3, 0, 0, NaN, NaN, NaN]);
  // Looks down z from z = 10 with w = 10 - z.
  const clip = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, -1, -1, 0, 0, 0, 10];
  assert.equal(pick(places, clip, 200, 200, 100, 100, 8), 1);
  assert.equal(pick(places, clip, 200, 200, 130, 100, 8), 2);
  assert.equal(pick(places, clip, 200, 200, 10, 10, 8), null);
});

test("views are right-handed, and the one along the beam has x right and y down", () => {
  for (const { azimuth, polar } of Object.values(named_views)) {
    const { right: r, up: u, back: b } = basis_of(azimuth, polar);
    const cross = [r[1] * u[2] - r[2] * u[1], r[2] * u[0] - r[0] * u[2], r[0] * u[1] - r[1] * u[0]];
    cross.forEach((part, i) => assert.ok(Math.abs(part - b[i]) < 1e-12));
  }
  const { right, up, back } = basis_of(named_views.beam.azimuth, named_views.beam.polar);
  assert.ok(right[0] > 0.999 && up[1] < -0.999 && back[2] < -0.999);
});

test("the map holds atoms' values where they are, and nothing far from them", () => {
  const box = box_around([0, 4], [0, 4], 2);
  const map = smoothed(Float32Array.from([0, 0, 0.5, 4, 4, -0.5]), [0.5, -0.5], box);
  const at = (x, y) => map[Math.round((y - box.y) / 0.2) * box.width + Math.round((x - box.x) / 0.2)];
  assert.ok(Math.abs(at(0, 0) - 0.5) < 1e-6 && Math.abs(at(4, 4) + 0.5) < 1e-6);
  assert.ok(Number.isNaN(at(4, 0)));
  assert.equal(nearest_in_plane(Float32Array.from([0, 0, 9, 4, 4, 9]), 3.8, 4.1), 1);
});

test("colours run from end to end of the map, and grey stands for nothing", () => {
  const colours = colour_values([-1, 9, NaN], "grey", 0, 1, new Float32Array(9));
  assert.deepEqual([...colours.slice(0, 6)], [0, 0, 0, 1, 1, 1]);
  assert.ok(colours[6] > 0.5 && colours[6] < 0.7);
});
