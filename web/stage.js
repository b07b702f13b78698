// A canvas with a three.js scene, drawn when something changed: its camera follows an orbit, its
// background is the page, and a corner shows the axes and a scale bar.
import { Matrix4, PerspectiveCamera, Scene, Vector2, WebGLRenderer } from "three";

import { element } from "./data.js";
import { basis_of, steer } from "./orbit.js";
import { svg_element } from "./plot_axes.js";
import { round_length } from "./scale_bar.js";

const field_of_view = 28; // degrees

function new_renderer(canvas) {
  const context = canvas.getContext("webgl2", { alpha: true, antialias: true });
  if (!context) throw new Error("this browser has no WebGL 2, which 3D views need");
  return new WebGLRenderer({ canvas, context, alpha: true });
}

export class Stage {
  /** In `host`, seen from `orbit`; `label` is what a screen reader says; `aspect` width by height. */
  constructor(host, orbit, label, aspect) {
    Object.assign(this, { host, orbit, aspect, scene: new Scene() });
    this.canvas = element("canvas", "scene");
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("role", "img");
    this.canvas.setAttribute("aria-label", label);
    this.corner = svg_element("svg", { class: "triad", width: 150, height: 92, viewBox: "0 0 150 92", "aria-hidden": true });
    host.append(this.canvas, this.corner);
    this.renderer = new_renderer(this.canvas);
    this.camera = new PerspectiveCamera(field_of_view, aspect, 0.1, 10);
    this.camera.matrixAutoUpdate = false;
    this.fade = new Vector2(); // distances from the eye where things begin to fade, and have faded
    this.colours = [];
    steer(this.canvas, orbit);
    orbit.listeners.add(() => this.invalidate());
    new ResizeObserver(() => this.invalidate()).observe(this.canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      for (const [colour, name] of this.colours) this.take_colour(colour, name);
      this.invalidate();
    });
  }

  /** Keeps a colour of three.js as the style sheet has it, in light and dark. */
  colour_as(colour, name) {
    this.colours.push([colour, name]);
    this.take_colour(colour, name);
  }

  take_colour(colour, name) {
    colour.set(getComputedStyle(document.documentElement).getPropertyValue(name).trim());
  }

  /** Draws before the next frame of the screen. */
  invalidate() {
    if (this.due) return;
    this.due = true;
    requestAnimationFrame(() => {
      this.due = false;
      this.render();
    });
  }

  render() {
    const width = this.canvas.clientWidth;
    if (width === 0) return;
    const height = Math.round(width / this.aspect);
    const density = Math.min(2, window.devicePixelRatio || 1);
    if (this.canvas.width !== Math.floor(width * density) || this.canvas.height !== Math.floor(height * density)) {
      this.renderer.setPixelRatio(density);
      this.renderer.setSize(width, height, false);
    }
    this.place_camera();
    this.renderer.render(this.scene, this.camera);
    this.draw_corner(height);
  }

  /** How far the eye is from the target. */
  distance() {
    return this.orbit.radius / Math.tan((field_of_view * Math.PI) / 360) / this.orbit.zoom;
  }

  place_camera() {
    const { camera, orbit } = this;
    const { right, up, back } = basis_of(orbit.azimuth, orbit.polar);
    const away = this.distance();
    camera.matrix.makeBasis(...[right, up, back].map(([x, y, z]) => ({ x, y, z })));
    camera.matrix.setPosition(...orbit.target.map((place, i) => place + away * back[i]));
    camera.matrixWorldNeedsUpdate = true;
    this.fade.set(away - 0.2 * orbit.radius, away + 1.6 * orbit.radius);
    camera.near = Math.max(away - 3 * orbit.radius, away / 100);
    camera.far = away + 3 * orbit.radius;
    camera.updateProjectionMatrix();
    camera.updateMatrixWorld();
  }

  /** world -> clip space, column by column. */
  clip_from_world() {
    this.place_camera();
    const view = new Matrix4().getInverse(this.camera.matrixWorld);
    return new Matrix4().multiplyMatrices(this.camera.projectionMatrix, view).elements;
  }

  /** The axes x, y, z as they are seen, and a length at the target's distance. */
  draw_corner(height) {
    const { right, up } = basis_of(this.orbit.azimuth, this.orbit.polar);
    const shapes = [];
    ["x", "y", "z"].forEach((name, i) => {
      const [dx, dy] = [right[i], -up[i]];
      const tip = { x2: 46 + 26 * dx, y2: 46 + 26 * dy };
      shapes.push(svg_element("line", { class: `axis-${name}`, x1: 46, y1: 46, ...tip }));
      const seen = Math.hypot(dx, dy) > 0.25;
      const place = { x: 46 + 36 * dx, y: 50 + 36 * dy, "text-anchor": "middle" };
      if (seen) shapes.push(svg_element("text", place, name));
    });
    const per_pixel = (2 * this.orbit.radius) / (this.orbit.zoom * height);
    const [length, length_text] = round_length(55 * per_pixel);
    const [left, base] = [90, 72];
    shapes.push(svg_element("path", { class: "scale", d: `M${left} ${base}h${length / per_pixel}` }));
    const middle = left + length / per_pixel / 2;
    shapes.push(svg_element("text", { x: middle, y: base - 6, "text-anchor": "middle" }, length_text));
    this.corner.replaceChildren(...shapes);
  }
}
