// Where a 3D view is looked at from. Several stages may share one orbit: their cameras are linked.

const turn_per_pixel = 0.008;
const zoom_per_wheel = 1 / 400;

/** The unit vectors to the right, up, and from the target to the eye. At polar angle 0 the eye is
 *  on the side of greater z, with x to the right and y up; at pi it looks along z, as recorded
 *  frames do: x to the right, y down. */
export function basis_of(azimuth, polar) {
  const [ca, sa, cp, sp] = [Math.cos(azimuth), Math.sin(azimuth), Math.cos(polar), Math.sin(polar)];
  return { right: [-sa, ca, 0], up: [-cp * ca, -cp * sa, sp], back: [sp * ca, sp * sa, cp] };
}

export const named_views = {
  tilted: { azimuth: -Math.PI / 2 + 0.35, polar: 0.95 },
  above: { azimuth: -Math.PI / 2, polar: 0 },
  beam: { azimuth: -Math.PI / 2, polar: Math.PI },
  side: { azimuth: -Math.PI / 2, polar: Math.PI / 2 },
};

export class Orbit {
  /** Around `target` [x, y, z], which has all within `radius` of it in view. */
  constructor(target, radius, view = named_views.tilted) {
    Object.assign(this, { home: { target: [...target], ...view }, radius, listeners: new Set() });
    this.reset();
  }

  reset() {
    const { target, azimuth, polar } = this.home;
    Object.assign(this, { target: [...target], azimuth, polar, zoom: 1 });
    this.changed();
  }

  look(view) {
    Object.assign(this, view, { target: [...this.home.target] });
    this.changed();
  }

  turn(dx, dy) {
    this.azimuth -= dx * turn_per_pixel;
    this.polar = Math.min(Math.PI, Math.max(0, this.polar - dy * turn_per_pixel));
    this.changed();
  }

  /** Moves what is seen by (dx, dy) pixels of a view that is `height` pixels high. */
  pan(dx, dy, height) {
    const { right, up } = basis_of(this.azimuth, this.polar);
    const length = (2 * this.radius) / (this.zoom * height);
    this.target = this.target.map((place, i) => place - length * (dx * right[i] - dy * up[i]));
    this.changed();
  }

  zoom_by(factor) {
    this.zoom = Math.min(40, Math.max(0.3, this.zoom * factor));
    this.changed();
  }

  changed() {
    for (const listener of this.listeners) listener();
  }
}

const keys = {
  ArrowLeft: (orbit) => orbit.turn(-16, 0),
  ArrowRight: (orbit) => orbit.turn(16, 0),
  ArrowUp: (orbit) => orbit.turn(0, -16),
  ArrowDown: (orbit) => orbit.turn(0, 16),
  "+": (orbit) => orbit.zoom_by(1.2),
  "=": (orbit) => orbit.zoom_by(1.2),
  "-": (orbit) => orbit.zoom_by(1 / 1.2),
  0: (orbit) => orbit.reset(),
};
const pan_keys = { ArrowLeft: [-20, 0], ArrowRight: [20, 0], ArrowUp: [0, -20], ArrowDown: [0, 20] };

/** Lets a pointer, two fingers, the wheel with ctrl, and keys move `orbit` over `canvas`. */
export function steer(canvas, orbit) {
  const pointers = new Map();
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    canvas.focus({ preventScroll: true });
    pointers.set(event.pointerId, [event.clientX, event.clientY]);
    event.preventDefault();
  });
  canvas.addEventListener("pointermove", (event) => {
    const before = pointers.get(event.pointerId);
    if (!before) return;
    const now = [event.clientX, event.clientY];
    const [dx, dy] = [now[0] - before[0], now[1] - before[1]];
    if (pointers.size === 2) pinch(orbit, pointers, event.pointerId, now, canvas.clientHeight);
    else if (event.shiftKey || event.buttons === 2) orbit.pan(dx, dy, canvas.clientHeight);
    else orbit.turn(dx, dy);
    pointers.set(event.pointerId, now);
  });
  for (const end of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(end, (event) => pointers.delete(event.pointerId));
  }
  canvas.addEventListener("contextmenu", (event) => event.preventDefault());
  canvas.addEventListener("dblclick", () => orbit.reset());
  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey) return;
    if (event.shiftKey && pan_keys[event.key]) orbit.pan(...pan_keys[event.key], canvas.clientHeight);
    else if (keys[event.key]) keys[event.key](orbit);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  const on_wheel = (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    orbit.zoom_by(Math.exp(-event.deltaY * zoom_per_wheel));
  };
  canvas.addEventListener("wheel", on_wheel, { passive: false });
}

/** Two fingers: their distance zooms, their middle moves. */
function pinch(orbit, pointers, moved, now, height) {
  const before = pointers.get(moved);
  const other = [...pointers].find(([id]) => id !== moved)[1];
  const apart = (place) => Math.hypot(place[0] - other[0], place[1] - other[1]);
  if (apart(before) > 0) orbit.zoom_by(apart(now) / apart(before));
  orbit.pan((now[0] - before[0]) / 2, (now[1] - before[1]) / 2, height);
}

export const orbit_hint =
  "Drag: turn. Shift-drag or two fingers: move. Ctrl-wheel, pinch or + \u2212: zoom. Arrows: turn, with shift move. " +
  "Double-click or 0: as at first.";
