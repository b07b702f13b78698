// Volumes through time: the surface at a level beside that of a second series, their cameras
// linked; three slices; the level, the place in time and the place in space are moved by hand.
import { colour_bar } from "./colour_bar.js";
import { button, choice, labelled, slider, tick_box } from "./controls.js";
import { element, number_text } from "./data.js";
import { Orbit, orbit_hint } from "./orbit.js";
import { Slices } from "./slices.js";
import { Stage } from "./stage.js";
import { Surface } from "./surface.js";
import { current_frame, on_frame } from "./sync.js";
import { Transport } from "./transport.js";
import { VolumeSeries, count_above, radius_of, refined } from "./volume_data.js";

const smooth_below = 72; // voxels an edge: smaller volumes are drawn at half the voxel
const colours = [[0.36, 0.62, 0.86], [0.72, 0.72, 0.7]];
const views = {
  x: { azimuth: 0, polar: Math.PI / 2 },
  y: { azimuth: -Math.PI / 2, polar: Math.PI / 2 },
  z: { azimuth: -Math.PI / 2, polar: 0 },
};
const first_view = { azimuth: -Math.PI / 2 + 0.5, polar: 1.15 };

class VolumeView {
  constructor(host, spec, series) {
    Object.assign(this, { host, spec, series, t: 0, level: spec.level, made: new Map() });
    this.smooth = Math.max(...spec.shape) < smooth_below;
    this.by_change = false;
    this.second = series.length > 1 ? "1" : "none";
    this.held = 0;
    this.transport = new Transport(spec.frames, spec.total_frames, spec.frame_seconds);
    this.build();
    host.tabIndex = -1;
    this.transport.listen(host);
    on_frame((frame) => this.go(frame));
    this.go(current_frame());
  }

  build() {
    const { spec } = this;
    this.orbit = new Orbit([0, 0, 0], 1.15 * spec.voxel * radius_of(this.series[0].at(0), spec.level), first_view);
    this.bar = element("div", "scene-bar");
    this.pair = element("div", "scene-pair");
    this.sides = [0, 1].map((side) => this.side(side));
    this.pair.append(...this.sides.map(({ figure }) => figure));
    const stack = element("div", "scene-stack");
    const slices = element("div", "slices");
    stack.append(this.bar, this.pair, slices);
    const row = element("div", "scene-row");
    const panel = element("div", "scene-panel");
    panel.append(this.looks());
    row.append(stack, panel);
    this.host.replaceChildren(this.transport.bar, row, element("p", "hint", `${orbit_hint} Space: play; , and . one volume. Drag in a slice to move all three.`));
    this.slices = new Slices(slices, spec.shape, spec.voxel);
  }

  /** One of the two pictures; its stage is made when it is first shown. */
  side(index) {
    const figure = element("figure");
    const caption = element("figcaption");
    const frame = element("div", "scene-frame");
    figure.append(caption, frame);
    return { index, figure, caption, frame, stage: null };
  }

  open(side) {
    if (side.stage) return;
    side.stage = new Stage(side.frame, this.orbit, `Surface of a volume, ${side.index === 0 ? "first" : "second"} picture`, 5 / 4);
    side.surface = new Surface(side.stage);
  }

  looks() {
    const { spec } = this;
    const looks = element("div", "looks");
    const redraw = (change) => (value) => {
      change(value);
      this.show();
    };
    this.level_text = element("output");
    const [low, high] = [Math.max(spec.series[0].low, 0.02 * spec.series[0].high), spec.series[0].high];
    const level = slider(low, high, (high - low) / 400, this.level, redraw((value) => (this.level = value)));
    level.setAttribute("aria-label", "Level of the surface");
    this.facts = element("p", "hint");
    looks.append(labelled("level", level, this.level_text), this.facts);
    const others = this.series.slice(1).map((series, i) => [String(i + 1), series.name]);
    const seconds = { none: "nothing", ...Object.fromEntries(others), held: "this series at one frame" };
    looks.append(labelled("beside it", choice(seconds, this.second, redraw((value) => this.set_second(value)))));
    this.hold = button("hold this frame", "Keep the present volume in the second picture", () => {
      this.held = this.t;
      this.show();
    });
    this.hold.hidden = true;
    looks.append(this.hold);
    if (this.series.length > 1) {
      const ways = { plain: "plain", change: `change from the ${this.series.at(-1).name}` };
      looks.append(labelled("colours", choice(ways, "plain", redraw((way) => (this.by_change = way === "change")))));
    }
    if (Math.max(...spec.shape) < smooth_below) {
      looks.append(labelled("smooth", tick_box(this.smooth, redraw((on) => { this.smooth = on; this.made.clear(); }))));
    }
    this.map = "grey";
    looks.append(labelled("slices in", choice(["grey", "viridis", "cividis"], this.map, redraw((map) => (this.map = map)))));
    const buttons = element("div", "views");
    for (const [axis, view] of Object.entries(views)) {
      buttons.append(button(`along ${axis}`, `Look along ${axis}`, () => this.orbit.look(view)));
    }
    looks.append(buttons);
    return looks;
  }

  set_second(value) {
    this.second = value;
    this.held = this.t;
    this.hold.hidden = value !== "held";
  }

  go(frame) {
    const { frames } = this.spec;
    this.t = frames.reduce((best, held, t) => (Math.abs(held - frame) < Math.abs(frames[best] - frame) ? t : best), 0);
    this.transport.show(this.t);
    this.show();
  }

  /** The t-th volume of a series as it is drawn: {volume, voxel}; kept while it may be asked again. */
  drawn(index, t) {
    const key = `${index} ${this.series[index].count > 1 ? t : 0}`;
    if (!this.made.has(key)) {
      if (this.made.size > 6) this.made.delete(this.made.keys().next().value);
      const volume = this.series[index].at(t);
      this.made.set(key, this.smooth ? refined(volume) : volume);
    }
    return this.made.get(key);
  }

  show() {
    const { t, second } = this;
    const number = this.spec.frames[t];
    this.show_side(this.sides[0], 0, t, `${this.series[0].name}, frame ${number}`);
    this.sides[1].figure.hidden = second === "none";
    this.pair.classList.toggle("two", second !== "none");
    if (second === "held") this.show_side(this.sides[1], 0, this.held, `${this.series[0].name}, frame ${this.spec.frames[this.held]}`);
    else if (second !== "none") {
      const other = this.series[Number(second)];
      this.show_side(this.sides[1], Number(second), t, other.count > 1 ? `${other.name}, frame ${number}` : other.name);
    }
    this.say();
    this.show_slices();
  }

  /** Draws the slices where the volume or the colours are new. */
  show_slices() {
    const look = `${this.t} ${this.map}`;
    if (look === this.sliced) return;
    this.sliced = look;
    const { low, high } = this.spec.series[0];
    this.slices.draw(this.series[0].at(this.t), this.map, low, high);
  }

  show_side(side, index, t, caption) {
    this.open(side);
    side.caption.textContent = caption;
    const voxel = this.spec.voxel * (this.smooth ? 0.5 : 1);
    const other = this.by_change && index === 0 ? this.drawn(this.series.length - 1, t) : null;
    const triangles = side.surface.show(this.drawn(index, t), this.level, voxel, colours[index === 0 ? 0 : 1], other, this.level);
    if (side.index === 0) this.host.dataset.triangles = triangles;
    side.stage.invalidate();
  }

  /** The level in numbers, what it encloses, and what colours stand for. */
  say() {
    const volume = this.series[0].at(this.t);
    const { mean, deviation } = volume;
    const enclosed = (count_above(volume.values, this.level) * this.spec.voxel ** 3) / 1000;
    this.level_text.textContent = number_text(this.level, 3);
    this.facts.textContent = `${number_text((this.level - mean) / deviation, 2)} standard deviations above the mean; encloses ${number_text(enclosed, 3)} nm\u00b3`;
    this.bar.hidden = !this.by_change;
    if (!this.by_change) return;
    this.bar.replaceChildren(colour_bar("diverging", [-this.level, this.level], `density less that of the ${this.series.at(-1).name}`));
  }
}

export async function mount_volume(host, spec) {
  host.replaceChildren(element("p", "hint", "Unpacking the volumes\u2026"));
  return new VolumeView(host, spec, await Promise.all(spec.series.map((_, i) => VolumeSeries.load(spec, i))));
}
