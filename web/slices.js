// Three slices through a volume that cross at a place, which a pointer or the arrow keys move.
import { colour_map } from "./colours.js";
import { element } from "./data.js";
import { slice_of } from "./volume_data.js";

const axes = { z: ["x", "y"], y: ["x", "z"], x: ["y", "z"] };

export class Slices {
  /** Of volumes with `shape` [Z, Y, X] and edges of `voxel` angstrom. */
  constructor(host, shape, voxel) {
    Object.assign(this, { shape, voxel });
    this.sizes = { x: shape[2], y: shape[1], z: shape[0] };
    this.place = { x: Math.floor(shape[2] / 2), y: Math.floor(shape[1] / 2), z: Math.floor(shape[0] / 2) };
    this.planes = Object.keys(axes).map((axis) => this.plane(host, axis));
  }

  plane(host, axis) {
    const figure = element("figure", "slice");
    const caption = element("figcaption");
    const canvas = element("canvas");
    const [right, down] = axes[axis];
    Object.assign(canvas, { width: this.sizes[right], height: this.sizes[down], tabIndex: 0 });
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", `Slice across ${axis}; arrow keys move the other two`);
    const cross = element("i", "slice-cross");
    const frame = element("div", "slice-frame");
    frame.append(canvas, cross);
    figure.append(caption, frame);
    host.append(figure);
    const drag = (event) => {
      if (event.buttons !== 1) return;
      const box = canvas.getBoundingClientRect();
      this.move(right, Math.floor(((event.clientX - box.left) / box.width) * this.sizes[right]));
      this.move(down, Math.floor(((event.clientY - box.top) / box.height) * this.sizes[down]));
    };
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      drag(event);
    });
    canvas.addEventListener("pointermove", drag);
    canvas.addEventListener("keydown", (event) => {
      const steps = { ArrowLeft: [right, -1], ArrowRight: [right, 1], ArrowUp: [down, -1], ArrowDown: [down, 1] };
      if (!steps[event.key]) return;
      const [moved, by] = steps[event.key];
      this.move(moved, this.place[moved] + by);
      event.preventDefault();
    });
    return { axis, canvas, caption, cross };
  }

  move(axis, to) {
    this.place[axis] = Math.min(this.sizes[axis] - 1, Math.max(0, to));
    this.draw(...this.last);
  }

  draw(volume, map, low, high) {
    this.last = [volume, map, low, high];
    const colours = colour_map(map);
    for (const { axis, canvas, caption, cross } of this.planes) {
      const { values, width, height } = slice_of(volume, axis, this.place[axis]);
      const image = new ImageData(width, height);
      const words = new Uint32Array(image.data.buffer);
      values.forEach((value, i) => (words[i] = colours[Math.round(255 * Math.min(1, Math.max(0, (value - low) / (high - low))))]));
      canvas.getContext("2d").putImageData(image, 0, 0);
      const from_centre = (this.place[axis] - Math.floor(this.sizes[axis] / 2)) * this.voxel;
      caption.textContent = `${axes[axis].join("")} at ${axis} = ${from_centre.toFixed(1)} \u00c5`;
      const share = (name) => `${(100 * (this.place[name] + 0.5)) / this.sizes[name]}%`;
      cross.style.setProperty("--across", share(axes[axis][0]));
      cross.style.setProperty("--down", share(axes[axis][1]));
    }
  }
}
