// A player: up to four panes that run through the frames of a movie in lockstep.
import { element } from "./data.js";
import { Pane } from "./pane.js";
import { go_to_frame, on_frame } from "./sync.js";

const contrast_presets = {
  "0.5 \u2013 99.5 %": [0.5, 99.5],
  "0.05 \u2013 99.95 %": [0.05, 99.95],
  "2 \u2013 98 %": [2, 98],
  "min \u2013 max": [0, 100],
};
const help_text =
  "Drag on an image: contrast (right wider, up darker); double-click: automatic. Shift-drag: pan. " +
  "Ctrl-wheel or + \u2212: zoom, 0: whole image. Space: play; \u2190 \u2192: one frame; Home, End.";

function button(text, title, act) {
  const made = element("button", "", text);
  made.title = title;
  made.setAttribute("aria-label", title);
  made.addEventListener("click", act);
  return made;
}

function labelled(text, control) {
  const label = element("label", "control", text);
  label.append(control);
  return label;
}

function choice(names, chosen, act) {
  const made = element("select");
  for (const name of names) made.append(new Option(name, name, name === chosen, name === chosen));
  made.addEventListener("change", () => act(made.value));
  return made;
}

function slider(min, max, step, value, act) {
  const made = element("input");
  Object.assign(made, { type: "range", min, max, step, value });
  made.addEventListener("input", () => act(Number(made.value)));
  return made;
}

class MoviePlayer {
  constructor(host, spec) {
    this.host = host;
    this.spec = spec;
    this.place = 0;
    this.speed = 10;
    this.view = { x: spec.width / 2, y: spec.height / 2, zoom: 1, pointer: null };
    this.panes = spec.panes.map((pane) => new Pane(pane, spec.height, spec.width, this.view, spec.pixel_angstrom));
    this.build();
    on_frame((frame) => this.follow(frame));
  }

  build() {
    const row = (this.row = element("div", `panes panes-${this.panes.length}`));
    for (const pane of this.panes) {
      row.append(pane.figure);
      this.listen(pane);
    }
    this.host.replaceChildren(this.transport(), row, this.contrast_bar(), element("p", "hint", help_text));
    this.host.tabIndex = 0;
    this.host.addEventListener("keydown", (event) => this.on_key(event));
    new ResizeObserver(() => requestAnimationFrame(() => this.draw())).observe(row);
  }

  transport() {
    const bar = element("div", "transport");
    this.play_button = button("\u25b6", "Play or pause (space)", () => this.toggle());
    this.seek = slider(0, this.spec.frames.length - 1, 1, 0, (place) => this.go(place));
    this.seek.setAttribute("aria-label", "Frame");
    this.label = element("output", "frame-label");
    bar.append(
      this.play_button,
      button("\u2039", "One frame back (left arrow)", () => this.go(this.place - 1)),
      button("\u203a", "One frame on (right arrow)", () => this.go(this.place + 1)),
      this.seek,
      this.label,
      labelled("fps", choice(["1", "2", "5", "10", "20", "30"], "10", (text) => (this.speed = Number(text)))),
    );
    return bar;
  }

  contrast_bar() {
    const bar = element("div", "transport");
    const presets = Object.keys(contrast_presets);
    this.preset = contrast_presets[presets[0]];
    const linear = this.panes.filter((pane) => !pane.spec.diverging);
    const on_linear = (change) => {
      for (const pane of linear) {
        change(pane);
        pane.table = null;
      }
      this.draw();
    };
    const preset = choice(presets, presets[0], (name) => {
      this.preset = contrast_presets[name];
      this.auto(this.panes);
    });
    this.same = element("input");
    this.same.type = "checkbox";
    this.same.addEventListener("change", () => this.auto(this.panes));
    bar.append(
      labelled("contrast", preset),
      labelled("gamma", slider(0.3, 2.5, 0.05, 1, (gamma) => on_linear((pane) => (pane.gamma = gamma)))),
      labelled("colours", choice(["grey", "viridis", "cividis"], "grey", (map) => on_linear((pane) => (pane.map = map)))),
    );
    if (this.partners(linear[0] ?? this.panes[0]).length > 1) {
      bar.append(labelled(`one contrast for ${this.partners(linear[0]).map((pane) => pane.spec.name).join(", ")}`, this.same));
    }
    bar.append(
      button("+", "Zoom in (+)", () => this.zoom(1.5)),
      button("\u2212", "Zoom out (-)", () => this.zoom(1 / 1.5)),
      button("larger", "Two panes a row, or all in one", () => this.row.classList.toggle("large")),
      button("whole image", "Show the whole image (0)", () => this.whole()),
    );
    return bar;
  }

  /** Panes that show the same quantity as `pane`, itself among them. */
  partners(pane) {
    return this.panes.filter((other) => other === pane || (pane.spec.group && other.spec.group === pane.spec.group));
  }

  auto(panes) {
    for (const pane of panes) pane.auto(...this.preset);
    if (this.same.checked) this.share(panes[0]);
    this.draw();
  }

  /** Gives partners of `leader` its window. */
  share(leader) {
    for (const pane of this.partners(leader)) pane.set_window(leader.low, leader.high);
  }

  async load() {
    const message = element("p", "hint", "Unpacking the movie\u2026");
    this.host.prepend(message);
    try {
      await Promise.all(this.panes.map((pane) => pane.load()));
      message.remove();
      go_to_frame(this.spec.frames[0]);
    } catch (failure) {
      message.className = "note";
      message.textContent = `The movie cannot be shown: ${failure.message}.`;
    }
  }

  go(place) {
    const last = this.spec.frames.length - 1;
    go_to_frame(this.spec.frames[Math.min(last, Math.max(0, place))]);
  }

  /** Shows the frame nearest to `frame` among those that the page holds. */
  follow(frame) {
    const { frames } = this.spec;
    let best = 0;
    frames.forEach((candidate, place) => {
      if (Math.abs(candidate - frame) < Math.abs(frames[best] - frame)) best = place;
    });
    this.place = best;
    this.seek.value = best;
    const time = this.spec.frame_seconds === null ? "" : `, ${(frames[best] * this.spec.frame_seconds).toFixed(2)} s`;
    this.label.textContent = `frame ${frames[best]} of ${this.spec.total_frames}${time}`;
    this.draw();
  }

  draw() {
    for (const pane of this.panes) {
      pane.draw(this.place);
      pane.show_readout(this.view.pointer);
    }
  }

  toggle() {
    this.playing = !this.playing;
    this.play_button.textContent = this.playing ? "\u275a\u275a" : "\u25b6";
    if (!this.playing) return;
    let due = performance.now();
    const tick = (now) => {
      if (!this.playing) return;
      if (now >= due) {
        due = Math.max(due + 1000 / this.speed, now);
        this.go((this.place + 1) % this.spec.frames.length);
      }
      requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  }

  zoom(factor) {
    this.view.zoom = Math.min(64, Math.max(1, this.view.zoom * factor));
    this.keep_inside();
  }

  whole() {
    Object.assign(this.view, { x: this.spec.width / 2, y: this.spec.height / 2, zoom: 1 });
    this.draw();
  }

  keep_inside() {
    const within = (centre, extent) => {
      const half = extent / (2 * this.view.zoom);
      return Math.min(extent - half, Math.max(half, centre));
    };
    this.view.x = within(this.view.x, this.spec.width);
    this.view.y = within(this.view.y, this.spec.height);
    this.draw();
  }

  listen(pane) {
    const { canvas } = pane;
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      this.drag = { x: event.clientX, y: event.clientY };
      event.preventDefault();
      this.host.focus({ preventScroll: true });
    });
    canvas.addEventListener("pointermove", (event) => {
      if (this.drag) this.on_drag(pane, event);
      else this.view.pointer = pane.pixel_at(event);
      this.draw();
    });
    canvas.addEventListener("pointerup", () => (this.drag = null));
    canvas.addEventListener("pointerleave", () => {
      this.view.pointer = null;
      this.draw();
    });
    canvas.addEventListener("dblclick", () => this.auto(this.same.checked ? this.partners(pane) : [pane]));
    canvas.addEventListener(
      "wheel",
      (event) => {
        if (!event.ctrlKey && !event.metaKey) return;
        event.preventDefault();
        this.zoom(Math.exp(-event.deltaY / 300));
      },
      { passive: false },
    );
  }

  on_drag(pane, event) {
    const [dx, dy] = [event.clientX - this.drag.x, event.clientY - this.drag.y];
    this.drag = { x: event.clientX, y: event.clientY };
    if (event.shiftKey) {
      const scale = (pane.canvas.clientWidth / pane.width) * this.view.zoom;
      this.view.x -= dx / scale;
      this.view.y -= dy / scale;
      this.keep_inside();
      return;
    }
    const width = (pane.high - pane.low) * Math.exp(dx / 200);
    const level = (pane.high + pane.low) / 2 - (dy / 200) * width;
    if (pane.spec.diverging) pane.set_window(-width / 2, width / 2);
    else pane.set_window(level - width / 2, level + width / 2);
    if (this.same.checked) this.share(pane);
  }

  on_key(event) {
    if (["SELECT", "INPUT"].includes(event.target.tagName)) return;
    const acts = {
      " ": () => this.toggle(),
      ArrowLeft: () => this.go(this.place - 1),
      ArrowRight: () => this.go(this.place + 1),
      Home: () => this.go(0),
      End: () => this.go(this.spec.frames.length - 1),
      "+": () => this.zoom(1.5),
      "=": () => this.zoom(1.5),
      "-": () => this.zoom(1 / 1.5),
      0: () => this.whole(),
      a: () => this.auto(this.panes),
    };
    if (!acts[event.key] || event.ctrlKey || event.metaKey) return;
    if (event.key === " " && event.target.tagName === "BUTTON") return;
    event.preventDefault();
    acts[event.key]();
  }
}

export function mount_player(host, spec) {
  const player = new MoviePlayer(host, spec);
  return player.load();
}
