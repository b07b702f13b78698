// Which atoms are bonded, by distance alone, also across the borders of a cell that repeats.

/** Pairs nearer than `reach`, as [i, j, dx, dy, dz, ...]: the way from i to j. `places` is x, y, z of
 *  each atom (NaN: absent). `period` [x, y] repeats where it is above 0. */
export function find_bonds(places, reach, period = [0, 0]) {
  const cells = new Map();
  const columns = [0, 1].map((axis) => (period[axis] > 0 ? Math.max(1, Math.floor(period[axis] / reach)) : 0));
  const width = [0, 1].map((axis) => (columns[axis] > 0 ? period[axis] / columns[axis] : reach));
  const wrapped = (cell, axis) => (columns[axis] > 0 ? ((cell % columns[axis]) + columns[axis]) % columns[axis] : cell);
  const cell_of = (atom, axis) => Math.floor(places[3 * atom + axis] / width[axis]);
  const key = (x, y) => wrapped(x, 0) + 65536 * wrapped(y, 1);
  const count = places.length / 3;
  for (let i = 0; i < count; ++i) {
    if (Number.isNaN(places[3 * i])) continue;
    const place = key(cell_of(i, 0), cell_of(i, 1));
    if (!cells.has(place)) cells.set(place, []);
    cells.get(place).push(i);
  }
  const shortest = (way, axis) => (period[axis] > 0 ? way - period[axis] * Math.round(way / period[axis]) : way);
  const bonds = [];
  const join = (i, j) => {
    const dx = shortest(places[3 * j] - places[3 * i], 0);
    const dy = shortest(places[3 * j + 1] - places[3 * i + 1], 1);
    const dz = places[3 * j + 2] - places[3 * i + 2];
    if (dx * dx + dy * dy + dz * dz < reach * reach) bonds.push(i, j, dx, dy, dz);
  };
  for (let i = 0; i < count; ++i) {
    if (Number.isNaN(places[3 * i])) continue;
    const seen = new Set();
    for (let y = -1; y <= 1; ++y) {
      for (let x = -1; x <= 1; ++x) seen.add(key(cell_of(i, 0) + x, cell_of(i, 1) + y));
    }
    for (const place of seen) {
      for (const j of cells.get(place) ?? []) if (j > i) join(i, j);
    }
  }
  return bonds;
}
