// A wipe: two panes on one canvas, with an edge between them that can be dragged.
import { choice, labelled } from "./controls.js";
import { element } from "./data.js";
import { draw_tag } from "./scale_bar.js";

export class Wipe {
  /** `redraw` is called when the panes or the edge change. */
  constructor(panes, redraw) {
    this.panes = panes;
    this.pair = [0, Math.min(2, panes.length - 1)];
    this.edge = 0.5;
    this.canvas = element("canvas", "image");
    this.canvas.setAttribute("role", "img");
    this.canvas.setAttribute("aria-label", "Two panes in one; drag the edge between them");
    this.figure = element("figure", "wipe");
    this.handle = element("input", "wipe-edge");
    Object.assign(this.handle, { type: "range", min: 0, max: 1, step: 0.002 });
    this.handle.value = this.edge;
    this.handle.setAttribute("aria-label", "Edge of the wipe");
    this.handle.addEventListener("input", () => {
      this.edge = Number(this.handle.value);
      redraw();
    });
    const bar = element("div", "transport");
    const names = Object.fromEntries(panes.map((pane, p) => [p, pane.spec.name]));
    ["left", "right"].forEach((side, s) => {
      const chosen = choice(names, String(this.pair[s]), (p) => {
        this.pair[s] = Number(p);
        redraw();
      });
      bar.append(labelled(side, chosen));
    });
    this.figure.append(bar, this.canvas, this.handle);
  }

  draw() {
    const density = window.devicePixelRatio || 1;
    const { frame } = this.panes[0];
    const width = Math.max(1, Math.round(this.canvas.clientWidth * density));
    const height = Math.round((width * frame.height) / frame.width);
    this.canvas.style.aspectRatio = `${frame.width} / ${frame.height}`;
    if (this.canvas.width !== width || this.canvas.height !== height) Object.assign(this.canvas, { width, height });
    const [left, right] = this.pair.map((p) => this.panes[p]);
    const context = this.canvas.getContext("2d");
    const edge = Math.round(this.edge * width);
    left.paint(this.canvas);
    context.save();
    context.beginPath();
    context.rect(edge, 0, width - edge, height);
    context.clip();
    right.paint(this.canvas, true);
    context.restore();
    context.fillStyle = "rgba(255, 190, 40, 0.9)";
    context.fillRect(edge - density, 0, 2 * density, height);
    draw_tag(context, left.spec.name, 0, 20 * density, density);
    context.font = `600 ${12 * density}px system-ui, sans-serif`;
    const wide = context.measureText(right.spec.name).width + 12 * density;
    draw_tag(context, right.spec.name, width - wide, 20 * density, density);
  }
}
