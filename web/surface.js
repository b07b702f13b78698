// The isosurface of a volume as three.js draws it, in one colour or by a second volume.
import { BufferAttribute, BufferGeometry, Mesh } from "three";

import { colour_values } from "./colouring.js";
import { isosurface } from "./marching_cubes.js";
import { shaded } from "./shaded.js";
import { surface_shader } from "./shaders.js";
import { value_at } from "./volume_data.js";

export class Surface {
  constructor(stage) {
    this.mesh = new Mesh(new BufferGeometry(), shaded(stage, surface_shader, {}));
    this.mesh.frustumCulled = false;
    stage.scene.add(this.mesh);
  }

  /** Where `volume` {values, shape} passes `level`, voxels `voxel` angstrom apart, about the centre;
   *  coloured `plain` [r, g, b], or by what `other` holds less than it, from -spread to spread.
   *  Returns the number of triangles. */
  show(volume, level, voxel, plain, other, spread) {
    const { positions, normals, triangles } = isosurface(volume.values, volume.shape, level);
    const colours = new Float32Array(positions.length);
    if (other) {
      const values = Float32Array.from({ length: positions.length / 3 }, (_, i) =>
        level - value_at(other, positions[3 * i], positions[3 * i + 1], positions[3 * i + 2]));
      colour_values(values, "diverging", -spread, spread, colours);
    } else {
      for (let i = 0; i < colours.length; ++i) colours[i] = plain[i % 3];
    }
    const centre = volume.shape.map((length) => (length - 1) / 2).reverse();
    for (let i = 0; i < positions.length; ++i) positions[i] = (positions[i] - centre[i % 3]) * voxel;
    const geometry = new BufferGeometry();
    geometry.setAttribute("position", new BufferAttribute(positions, 3));
    geometry.setAttribute("normal", new BufferAttribute(normals, 3));
    geometry.setAttribute("colour", new BufferAttribute(colours, 3));
    geometry.setIndex(new BufferAttribute(triangles, 1));
    this.mesh.geometry.dispose();
    this.mesh.geometry = geometry;
    this.mesh.visible = triangles.length > 0;
    return triangles.length / 3;
  }
}
