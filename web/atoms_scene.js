// Balls, bonds, the cell and the way to the truth as three.js draws them.
import {
  BufferAttribute, BufferGeometry, InstancedBufferAttribute, InstancedBufferGeometry, LineBasicMaterial, LineSegments, Mesh,
} from "three";

import { shaded } from "./shaded.js";
import { ball_shader, bond_shader } from "./shaders.js";

const bond_sides = 8;
const bonds_per_atom = 3; // half bonds that there is room for at first, and doubled when needed

function square() {
  const geometry = new InstancedBufferGeometry();
  geometry.setAttribute("position", new BufferAttribute(new Float32Array([-1, -1, 0, 1, -1, 0, 1, 1, 0, -1, 1, 0]), 3));
  geometry.setIndex([0, 1, 2, 0, 2, 3]);
  return geometry;
}

/** The wall of a cylinder of radius 1 from z = 0 to 1. */
function tube() {
  const geometry = new InstancedBufferGeometry();
  const corners = [];
  const faces = [];
  for (let i = 0; i < bond_sides; ++i) {
    const angle = (2 * Math.PI * i) / bond_sides;
    for (const z of [0, 1]) corners.push(Math.cos(angle), Math.sin(angle), z);
    const [a, b, c, d] = [2 * i, 2 * i + 1, (2 * i + 2) % (2 * bond_sides), (2 * i + 3) % (2 * bond_sides)];
    faces.push(a, c, b, b, c, d);
  }
  geometry.setAttribute("position", new BufferAttribute(new Float32Array(corners), 3));
  geometry.setIndex(faces);
  return geometry;
}

function set_count(geometry, count) {
  geometry.maxInstancedCount = geometry.instanceCount = count; // the name of three.js r111, and its later one
}

export class AtomsScene {
  constructor(stage, atoms) {
    this.stage = stage;
    this.balls = this.add_balls(atoms);
    this.tubes = this.add_tubes(bonds_per_atom * atoms);
    this.cell = this.add_lines("--muted");
    this.errors = this.add_lines("--ink");
  }

  add(mesh) {
    mesh.frustumCulled = false;
    this.stage.scene.add(mesh);
    return mesh;
  }

  add_balls(atoms) {
    const geometry = square();
    geometry.setAttribute("centre", new InstancedBufferAttribute(new Float32Array(3 * atoms), 3));
    geometry.setAttribute("colour", new InstancedBufferAttribute(new Float32Array(4 * atoms), 4));
    const material = shaded(this.stage, ball_shader, { radius: { value: 0.4 } });
    material.extensions.fragDepth = true;
    return this.add(new Mesh(geometry, material));
  }

  add_tubes(room) {
    const geometry = tube();
    for (const name of ["start", "way", "colour"]) {
      geometry.setAttribute(name, new InstancedBufferAttribute(new Float32Array(3 * room), 3));
    }
    return this.add(new Mesh(geometry, shaded(this.stage, bond_shader, { radius: { value: 0.13 } })));
  }

  add_lines(colour) {
    const material = new LineBasicMaterial();
    this.stage.colour_as(material.color, colour);
    return this.add(new LineSegments(new BufferGeometry(), material));
  }

  /** Atoms at `places` (N, 3; NaN: absent), as they are drawn, with `colours` (N, 4). */
  show_balls(places, colours, radius) {
    const { centre, colour } = this.balls.geometry.attributes;
    let count = 0;
    for (let i = 0; i < places.length / 3; ++i) {
      if (Number.isNaN(places[3 * i])) continue;
      centre.array.set(places.subarray(3 * i, 3 * i + 3), 3 * count);
      colour.array.set(colours.subarray(4 * i, 4 * i + 4), 4 * count);
      ++count;
    }
    centre.needsUpdate = colour.needsUpdate = true;
    set_count(this.balls.geometry, count);
    this.balls.material.uniforms.radius.value = radius;
  }

  /** Bonds as find_bonds gives them; each half has the colour of its atom. `stretch` is that of z. */
  show_bonds(bonds, places, colours, stretch) {
    const halves = (2 * bonds.length) / 5;
    if (3 * halves > this.tubes.geometry.attributes.start.array.length) {
      this.stage.scene.remove(this.tubes);
      this.tubes.geometry.dispose();
      this.tubes = this.add_tubes(2 * halves);
    }
    const { start, way, colour } = this.tubes.geometry.attributes;
    for (let b = 0, at = 0; b < bonds.length; b += 5) {
      for (const [end, sign] of [[0, 0.5], [1, -0.5]]) {
        const atom = bonds[b + end];
        for (let axis = 0; axis < 3; ++axis, ++at) {
          start.array[at] = places[3 * atom + axis];
          way.array[at] = sign * bonds[b + 2 + axis] * (axis === 2 ? stretch : 1);
          colour.array[at] = colours[4 * atom + axis];
        }
      }
    }
    start.needsUpdate = way.needsUpdate = colour.needsUpdate = true;
    set_count(this.tubes.geometry, halves);
  }

  /** Lines between pairs of places: `ends` (L, 2, 3). */
  show_lines(lines, ends) {
    lines.geometry.dispose();
    lines.geometry = new BufferGeometry();
    lines.geometry.setAttribute("position", new BufferAttribute(Float32Array.from(ends), 3));
    lines.visible = ends.length > 0;
  }
}

/** The edges of a cell along which it repeats, as lines at height `z`: a parallelogram where it
 *  repeats in two directions, nothing where it does not repeat. */
export function cell_lines(cell, z) {
  const along = cell ? [0, 1].filter((axis) => cell.periodic[axis]) : [];
  if (along.length === 0) return [];
  const corner = (...edges) => {
    const place = [cell.origin[0], cell.origin[1], z];
    for (const edge of edges) for (let axis = 0; axis < 2; ++axis) place[axis] += cell.edges[edge][axis];
    return place;
  };
  const pairs = [[[], [0]], [[1], [0, 1]], [[], [1]], [[0], [0, 1]]];
  return pairs.flatMap(([from, to]) => [...corner(...from), ...corner(...to)]);
}
