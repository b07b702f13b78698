// Atoms in 3D: balls and bonds coloured by what is known of them, through time; a map of the same;
// an atom that is picked shows its numbers.
import { AtomCard } from "./atom_card.js";
import { AtomsData, pick } from "./atoms_data.js";
import { AtomsScene, cell_lines } from "./atoms_scene.js";
import { find_bonds } from "./bonds.js";
import { colour_bar } from "./colour_bar.js";
import { colour_values } from "./colouring.js";
import { button, choice, labelled, slider, tick_box } from "./controls.js";
import { element } from "./data.js";
import { HeightMap, box_around, nearest_in_plane } from "./height_map.js";
import { Orbit, named_views, orbit_hint } from "./orbit.js";
import { extent_of } from "./plot_axes.js";
import { Stage } from "./stage.js";
import { current_frame, on_frame } from "./sync.js";
import { Transport } from "./transport.js";

const view_names = { tilted: "tilted", above: "from above", beam: "along the beam", side: "side" };

class AtomsView {
  constructor(host, data) {
    const { spec } = data;
    Object.assign(this, { host, data, spec, t: 0, picked: null, bonds: new Map() });
    Object.assign(this, { stretch: 3, radius: 0.42, with_bonds: true, with_truth: false });
    this.quantity = data.quantities.get(spec.colour_by[0]);
    this.map = "viridis";
    this.transport = new Transport(spec.frames, spec.total_frames, spec.frame_seconds);
    this.build();
    host.tabIndex = -1;
    this.transport.listen(host);
    on_frame((frame) => this.go(data.place_of(frame)));
    this.recolour();
    this.go(data.place_of(current_frame()));
  }

  build() {
    const { data, spec } = this;
    this.picture = element("div", "scene-frame");
    this.flat = element("div", "scene-frame");
    this.flat.hidden = true;
    this.card = new AtomCard(data);
    const panel = element("div", "scene-panel");
    panel.append(this.looks(), this.card.card);
    const row = element("div", "scene-row");
    const stack = element("div", "scene-stack");
    this.bar = element("div", "scene-bar");
    stack.append(this.bar, this.picture, this.flat);
    row.append(stack, panel);
    this.host.replaceChildren(this.transport.bar, row, element("p", "hint", `${orbit_hint} Space: play; , and . one frame.`), this.card.history);
    const extents = ["x", "y", "z"].map((name) => extent_of(data.row(name, 0)));
    const target = extents.map(([low, high]) => (low + high) / 2);
    this.middle = target[2];
    const radius = 0.5 * Math.hypot(extents[0][1] - extents[0][0], extents[1][1] - extents[1][0]) + 1;
    this.orbit = new Orbit(target, 0.78 * radius);
    this.stage = new Stage(this.picture, this.orbit, `${spec.atoms} atoms in 3D`, 16 / 10);
    this.drawn = new AtomsScene(this.stage, spec.atoms);
    this.map_view = new HeightMap(this.flat, box_around(extents[0], extents[1], 1.5));
    this.listen();
  }

  /** The controls of how atoms look. */
  looks() {
    const looks = element("div", "looks");
    const by = Object.fromEntries(this.spec.colour_by.map((name) => [name, this.data.quantities.get(name).label]));
    const recolour = (change) => (value) => {
      change(value);
      this.recolour();
      this.show();
    };
    const redraw = (change) => (value) => {
      change(value);
      this.show();
    };
    this.map_choice = choice(["viridis", "cividis", "grey"], this.map, recolour((map) => (this.map = map)));
    const stretch = element("output", "", "3 \u00d7");
    const number = element("input");
    Object.assign(number, { type: "number", min: 0, max: this.spec.atoms - 1, placeholder: "none" });
    number.addEventListener("change", () => this.choose(number.value === "" ? null : Math.min(this.spec.atoms - 1, Math.max(0, Math.round(Number(number.value))))));
    this.number = number;
    looks.append(
      labelled("show", choice({ "3d": "3D", map: "map along the beam" }, "3d", redraw((what) => this.set_flat(what === "map")))),
      labelled("colour by", choice(by, this.spec.colour_by[0], recolour((name) => (this.quantity = this.data.quantities.get(name))))),
      labelled("colours", this.map_choice),
      labelled("z drawn", slider(1, 10, 0.5, 3, redraw((value) => { this.stretch = value; stretch.textContent = `${value} \u00d7`; })), stretch),
      labelled("size", slider(0.1, 0.8, 0.02, this.radius, redraw((value) => (this.radius = value)))),
      labelled("bonds", tick_box(true, redraw((on) => (this.with_bonds = on)))),
    );
    if (this.data.has("error_z")) looks.append(labelled("lines to the truth", tick_box(false, redraw((on) => (this.with_truth = on)))));
    looks.append(labelled("atom", number));
    const views = element("div", "views");
    for (const [name, text] of Object.entries(view_names)) {
      views.append(button(text, `Look ${text}`, () => this.orbit.look(named_views[name])));
    }
    looks.append(views);
    return looks;
  }

  set_flat(on) {
    this.flat.hidden = !on;
    this.picture.hidden = on;
    if (!on) this.stage.invalidate();
  }

  listen() {
    const { canvas } = this.stage;
    let from = null;
    canvas.addEventListener("pointerdown", (event) => (from = [event.clientX, event.clientY]));
    canvas.addEventListener("pointerup", (event) => {
      if (!from || Math.hypot(event.clientX - from[0], event.clientY - from[1]) > 4) return;
      const box = canvas.getBoundingClientRect();
      this.choose(this.atom_at(event.clientX - box.left, event.clientY - box.top));
    });
    this.map_view.canvas.addEventListener("click", (event) => {
      this.choose(nearest_in_plane(this.data.places(this.t), ...this.map_view.place_at(event)));
    });
  }

  /** The atom drawn at a pixel of the canvas; null where there is none. */
  atom_at(x, y) {
    const { canvas } = this.stage;
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    const reach = Math.max(8, (this.radius * this.orbit.zoom * height) / (2 * this.orbit.radius));
    return pick(this.data.places(this.t), this.stage.clip_from_world(), width, height, x, y, reach, this.stretch, this.middle);
  }

  choose(atom) {
    this.picked = atom;
    this.number.value = atom ?? "";
    this.host.dataset.picked = atom ?? "";
    this.show();
  }

  go(t) {
    this.t = t;
    this.transport.show(t);
    this.show();
  }

  /** The map of the present quantity: one with a middle where its values have one. */
  map_name() {
    return this.quantity.diverging ? "diverging" : this.map;
  }

  recolour() {
    const { quantity } = this;
    this.map_choice.disabled = quantity.diverging;
    const label = quantity.unit ? `${quantity.label} (${quantity.unit})` : quantity.label;
    this.bar.replaceChildren(colour_bar(this.map_name(), [quantity.low, quantity.high], label));
  }

  bonds_at(t, places) {
    if (!this.bonds.has(t)) this.bonds.set(t, find_bonds(places, this.spec.bond_reach, this.data.period()));
    return this.bonds.get(t);
  }

  show() {
    const { data, t, quantity } = this;
    const places = data.places(t);
    const values = data.row(quantity.name, t);
    this.card.show(this.picked, t);
    if (!this.flat.hidden) {
      this.map_view.draw(places, values, this.map_name(), quantity.low, quantity.high, this.picked);
      return;
    }
    const bonds = this.with_bonds ? this.bonds_at(t, places) : [];
    const colours = colour_values(values, this.map_name(), quantity.low, quantity.high, new Float32Array(4 * data.atoms), 4);
    if (this.picked !== null) colours[4 * this.picked + 3] = 1;
    const raised = this.raised(places);
    this.drawn.show_balls(raised, colours, this.radius);
    this.drawn.show_bonds(bonds, raised, colours, this.stretch);
    this.drawn.show_lines(this.drawn.cell, cell_lines(this.spec.cell, this.middle));
    this.drawn.show_lines(this.drawn.errors, this.with_truth ? this.truth_lines(places, raised) : []);
    this.stage.invalidate();
  }

  /** Places as they are drawn: z stretched about the middle. */
  raised(places) {
    const raised = places.slice();
    for (let i = 2; i < raised.length; i += 3) raised[i] = this.middle + this.stretch * (raised[i] - this.middle);
    return raised;
  }

  /** A line from each atom that is drawn to its true place. */
  truth_lines(places, raised) {
    const errors = ["error_x", "error_y", "error_z"].map((name) => this.data.row(name, this.t));
    const ends = [];
    for (let i = 0; i < this.data.atoms; ++i) {
      if (Number.isNaN(places[3 * i]) || Number.isNaN(errors[2][i])) continue;
      for (let axis = 0; axis < 3; ++axis) ends.push(raised[3 * i + axis]);
      for (let axis = 0; axis < 3; ++axis) ends.push(raised[3 * i + axis] - errors[axis][i] * (axis === 2 ? this.stretch : 1));
    }
    return ends;
  }
}

export async function mount_atoms(host, spec) {
  host.replaceChildren(element("p", "hint", "Unpacking the atoms\u2026"));
  return new AtomsView(host, await AtomsData.load(spec));
}
