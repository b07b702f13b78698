// Marching cubes (Lorensen and Cline, SIGGRAPH 1987): the surface where a volume passes a level, its
// vertices shared by the triangles around them. The cases are worked out here: on every face of a
// cube, runs of corners inside are cut off one by one, which neighbouring cubes do alike, so that
// surfaces within the volume have no holes.

// Corner c of a cube lies at x = c & 1, y = (c >> 1) & 1, z = c >> 2.
const edge_ends = [];
for (let c = 0; c < 8; ++c) for (const axis of [1, 2, 4]) if (!(c & axis)) edge_ends.push([c, c | axis, axis >> 1]);
const edge_between = (a, b) => edge_ends.findIndex(([from, to]) => from === Math.min(a, b) && to === Math.max(a, b));

// The corners of each face, in turn, anticlockwise as seen from outside.
const faces = [[0, 4, 6, 2], [1, 3, 7, 5], [0, 1, 5, 4], [2, 6, 7, 3], [0, 2, 3, 1], [4, 5, 7, 6]];

/** Edges in threes, a triangle each, of the case whose corners inside are the bits of `inside`. */
function triangles_of(inside) {
  const follows = new Map(); // from the edge where a run on a face begins to the one where it ends
  const is_inside = (corner) => (inside >> corner) & 1;
  for (const face of faces) {
    for (let i = 0; i < 4; ++i) {
      if (is_inside(face[i]) || !is_inside(face[(i + 1) % 4])) continue;
      let last = i + 1;
      while (is_inside(face[(last + 1) % 4])) ++last;
      follows.set(edge_between(face[i], face[(i + 1) % 4]), edge_between(face[last % 4], face[(last + 1) % 4]));
    }
  }
  const triangles = [];
  while (follows.size > 0) {
    const loop = [];
    let edge = follows.keys().next().value;
    while (follows.has(edge)) {
      loop.push(edge);
      const next = follows.get(edge);
      follows.delete(edge);
      edge = next;
    }
    for (let i = 1; i + 1 < loop.length; ++i) triangles.push(loop[0], loop[i], loop[i + 1]);
  }
  return Uint8Array.from(triangles);
}

const edge_corner = Uint8Array.from(edge_ends, ([corner]) => corner);
const edge_axis = Uint8Array.from(edge_ends, ([, , axis]) => axis);
const cases = Array.from({ length: 256 }, (_, inside) => triangles_of(inside));

/** Numbers that are appended to, in an array that doubles as it fills. */
class Growing {
  constructor(type) {
    this.values = new type(4096);
    this.length = 0;
  }

  reserve(more) {
    if (this.length + more <= this.values.length) return;
    const larger = new this.values.constructor(2 * this.values.length + more);
    larger.set(this.values.subarray(0, this.length));
    this.values = larger;
  }

  done() {
    return this.values.slice(0, this.length);
  }
}

let spare = new Int32Array(0);

/** `length` numbers -1, in memory that is used again. */
function blank(length) {
  if (spare.length !== length) spare = new Int32Array(length);
  return spare.fill(-1);
}

/** The surface of `values` (Z, Y, X) with `shape` [Z, Y, X] at `level`: {positions, normals} of three
 *  numbers a vertex in voxels, x first, and {triangles} of three vertices each. Normals point to
 *  where values fall. */
export function isosurface(values, [depth, height, width], level) {
  const steps = [1, width, width * height];
  const vertex_of = blank(3 * values.length); // by the edge's first corner and axis
  const [positions, normals, triangles] = [new Growing(Float32Array), new Growing(Float32Array), new Growing(Uint32Array)];
  const slope = (at, place, limit, step) => {
    const low = place > 0 ? at - step : at;
    const high = place < limit ? at + step : at;
    return ((values[high] - values[low]) * step) / (high - low);
  };
  const add_vertex = (at, x, y, z, axis) => {
    const other = at + steps[axis];
    const share = (level - values[at]) / (values[other] - values[at]);
    const [sx, sy, sz] = [axis === 0 ? 1 : 0, axis === 1 ? 1 : 0, axis === 2 ? 1 : 0];
    const mixed = (place, along, limit, step) =>
      (share - 1) * slope(at, place, limit, step) - share * slope(other, place + along, limit, step);
    const nx = mixed(x, sx, width - 1, 1);
    const ny = mixed(y, sy, height - 1, steps[1]);
    const nz = mixed(z, sz, depth - 1, steps[2]);
    const scale = 1 / (Math.sqrt(nx * nx + ny * ny + nz * nz) || 1);
    positions.reserve(3);
    normals.reserve(3);
    const end = positions.length;
    positions.values[end] = x + sx * share;
    positions.values[end + 1] = y + sy * share;
    positions.values[end + 2] = z + sz * share;
    normals.values[end] = nx * scale;
    normals.values[end + 1] = ny * scale;
    normals.values[end + 2] = nz * scale;
    positions.length = normals.length = end + 3;
    return end / 3;
  };
  const vertex = (edge, x, y, z) => {
    const corner = edge_corner[edge];
    const axis = edge_axis[edge];
    const cx = x + (corner & 1);
    const cy = y + ((corner >> 1) & 1);
    const cz = z + (corner >> 2);
    const at = cx + cy * steps[1] + cz * steps[2];
    const key = 3 * at + axis;
    if (vertex_of[key] < 0) vertex_of[key] = add_vertex(at, cx, cy, cz, axis);
    return vertex_of[key];
  };

  for (let z = 0; z < depth - 1; ++z) {
    for (let y = 0; y < height - 1; ++y) {
      let at = z * steps[2] + y * width;
      const wall = (i) =>
        (values[i] >= level ? 1 : 0) |
        (values[i + width] >= level ? 4 : 0) |
        (values[i + steps[2]] >= level ? 16 : 0) |
        (values[i + steps[2] + width] >= level ? 64 : 0);
      let left = wall(at);
      for (let x = 0; x < width - 1; ++x) {
        const right = wall(++at);
        const inside = left | (right << 1);
        left = right;
        if (inside === 0 || inside === 255) continue;
        const edges = cases[inside];
        triangles.reserve(edges.length);
        for (let e = 0; e < edges.length; ++e) triangles.values[triangles.length++] = vertex(edges[e], x, y, z);
      }
    }
  }
  return { positions: positions.done(), normals: normals.done(), triangles: triangles.done() };
}
