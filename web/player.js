// A player: up to four panes that run through the frames of a movie in lockstep.
import { element, number_text, save_blob } from "./data.js";
import { FourierPanel } from "./fourier_panel.js";
import { kept_inside, zoomed } from "./geometry.js";
import { listen_gestures } from "./gestures.js";
import { Pane } from "./pane.js";
import { change_speed, contrast_bar, first_preset, help_text, tool_bar, transport_bar } from "./player_bars.js";
import { ProfilePlot } from "./profile.js";
import { go_to_frame, on_frame } from "./sync.js";
import { Wipe } from "./wipe.js";

const frames_ahead = 3; // fetched while playing
const stalled_milliseconds = 500; // after which tiles are asked for again
const follow_milliseconds = 1000; // between looks at a movie that grows

class MoviePlayer {
  constructor(host, spec) {
    Object.assign(this, { host, spec, place: 0, speed: 10, drag: "contrast", preset: first_preset, playing: false });
    this.view = { x: 0.5, y: 0.5, zoom: 1, pointer: null, line: null };
    this.panes = spec.panes.map((pane) => {
      const { height, width, pixel_angstrom } = pane.tiles ? pane : spec;
      return new Pane(pane, { height, width, pixel_angstrom }, this.view, () => this.draw());
    });
    this.drawn = 0; // frames that were drawn since the page was opened
    host.player = this;
    this.build();
    on_frame((frame) => this.follow(frame));
  }

  build() {
    this.row = element("div", `panes panes-${this.panes.length}`);
    for (const pane of this.panes) {
      pane.figure.style.maxWidth = `max(220px, calc(82vh * ${pane.frame.width / pane.frame.height}))`;
      this.row.append(pane.figure);
      listen_gestures(pane.canvas, this.gestures(pane));
    }
    this.fourier = this.panes.map((pane) => new FourierPanel(pane));
    this.wipe = new Wipe(this.panes, () => this.draw());
    listen_gestures(this.wipe.canvas, this.gestures(this.panes[0], this.wipe.canvas));
    this.profile = new ProfilePlot();
    const bars = [contrast_bar(this), tool_bar(this)];
    const hint = element("p", "hint", help_text);
    this.host.replaceChildren(transport_bar(this), this.row, ...bars, this.profile.host, hint);
    this.host.tabIndex = 0;
    this.host.addEventListener("keydown", (event) => this.on_key(event));
    new ResizeObserver(() => requestAnimationFrame(() => this.draw())).observe(this.row);
  }

  gestures(pane, canvas = pane.canvas) {
    return {
      plain_wheel: Boolean(this.spec.served),
      mode: () => this.drag,
      contrast: (dx, dy) => this.drag_contrast(pane, dx, dy),
      move: (dx, dy) => this.move(dx, dy),
      zoom: (factor, at) => this.zoom(factor, at),
      line: (from, to) => this.set_line(pane.point_at(from, canvas), pane.point_at(to, canvas)),
      hover: (event) => {
        this.view.pointer = event ? pane.point_at(event, canvas) : null;
        this.draw();
      },
      auto: () => this.auto(this.same.checked ? this.partners(pane) : [pane]),
    };
  }

  async load() {
    const message = element("p", "hint", this.spec.served ? "Opening\u2026" : "Unpacking the movie\u2026");
    this.host.prepend(message);
    if (this.spec.growing) setTimeout(() => this.look_again(), follow_milliseconds);
    const came = await Promise.allSettled(this.panes.map((pane) => this.load_pane(pane)));
    message.remove();
    const failed = came.find((outcome) => outcome.status === "rejected");
    if (failed && came.every((outcome) => outcome.status === "rejected")) throw failed.reason;
  }

  async load_pane(pane) {
    const first = this.frame_at(0);
    for (;;) {
      try {
        await pane.load(pane.image_of(0, first));
        break;
      } catch (failure) {
        if (!this.spec.growing) throw failure; // there may be nothing yet
        await new Promise((go_on) => setTimeout(go_on, follow_milliseconds));
      }
    }
    pane.auto(...this.preset);
    go_to_frame(this.frame_at(this.place));
  }

  // ---- frames ----------------------------------------------------------------------------------

  last_place() {
    return (this.spec.frames?.length ?? this.spec.total_frames) - 1;
  }

  frame_at(place) {
    return this.spec.frames ? this.spec.frames[place] : place;
  }

  image_at(pane, place) {
    return pane.image_of(place, this.frame_at(place));
  }

  go(place) {
    go_to_frame(this.frame_at(Math.min(this.last_place(), Math.max(0, place))));
  }

  /** Shows the frame nearest to `frame` among those that the page holds. */
  follow(frame) {
    this.place = this.nearest_place(frame);
    this.seek.value = this.place;
    this.label.textContent = this.frame_text(this.frame_at(this.place));
    this.draw();
  }

  nearest_place(frame) {
    const { frames } = this.spec;
    if (!frames) return Math.min(this.last_place(), Math.max(0, frame));
    let best = 0;
    frames.forEach((candidate, place) => {
      if (Math.abs(candidate - frame) < Math.abs(frames[best] - frame)) best = place;
    });
    return best;
  }

  /** "frame 12 of 100, 0.48 s, 31 e-/A^2": the dose is what the specimen has seen by its end. */
  frame_text(frame) {
    const { total_frames, frame_seconds, dose } = this.spec;
    const parts = [`frame ${frame} of ${total_frames}`];
    if (frame_seconds) parts.push(`${number_text(frame * frame_seconds)} s`);
    if (dose) parts.push(`${number_text((frame + 1) * dose.per_frame, 3)} ${dose.unit}`);
    return parts.join(" \u00b7 ");
  }

  // ---- drawing ---------------------------------------------------------------------------------

  /** Asks for a drawing with the next picture of the screen. */
  draw() {
    if (this.drawing) return;
    this.drawing = requestAnimationFrame(() => {
      this.drawing = null;
      this.draw_now();
    });
  }

  draw_now() {
    for (const pane of this.panes) {
      const image = this.image_at(pane, this.place);
      const rough = this.playing ? [] : pane.wanted_roughly(image);
      pane.source.want([...rough, ...pane.wanted(image), ...this.ahead(pane)]);
      pane.draw(image);
      pane.show_readout();
    }
    if (this.wipe_shown) this.wipe.draw();
    this.profile.draw(this.panes, this.view.line);
    if (this.fourier_shown && !this.playing) {
      clearTimeout(this.fourier_due);
      this.fourier_due = setTimeout(() => this.fourier.forEach((panel) => panel.draw()), 80);
    }
    ++this.drawn;
  }

  /** Tiles of the frames that playing will need next. */
  ahead(pane) {
    if (!this.playing) return [];
    const count = this.last_place() + 1;
    const places = Array.from({ length: frames_ahead }, (_, i) => (this.place + 1 + i) % count);
    return places.flatMap((place) => pane.wanted(this.image_at(pane, place)));
  }

  ready(place) {
    return this.panes.every((pane) => pane.ready(this.image_at(pane, place)));
  }

  /** Plays or pauses. A frame waits until all panes have it. */
  toggle() {
    this.playing = !this.playing;
    this.play_button.textContent = this.playing ? "\u275a\u275a" : "\u25b6";
    if (!this.playing) {
      this.draw();
      return;
    }
    this.draw(); // asks for what comes next
    let due = performance.now();
    const tick = (now) => {
      if (!this.playing) return;
      const steps = Math.max(1, Math.round(this.speed / 60)); // beyond the screen's rate frames are passed over
      const next = (this.place + steps) % (this.last_place() + 1);
      if (now >= due && this.ready(next)) {
        due = Math.max(due + (1000 * steps) / this.speed, now - 1000 / this.speed);
        this.go(next);
      } else if (now > due + stalled_milliseconds) {
        due = now;
        this.draw(); // asks again
      }
      requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  }

  // ---- contrast --------------------------------------------------------------------------------

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

  drag_contrast(pane, dx, dy) {
    const width = (pane.high - pane.low) * Math.exp(dx / 200);
    const level = (pane.high + pane.low) / 2 - (dy / 200) * width;
    if (pane.spec.diverging) pane.set_window(-width / 2, width / 2);
    else pane.set_window(level - width / 2, level + width / 2);
    if (this.same.checked) this.share(pane);
    this.draw();
  }

  // ---- view and tools --------------------------------------------------------------------------

  set_view(view) {
    Object.assign(this.view, view);
    this.draw();
  }

  zoom(factor, at) {
    this.set_view(zoomed(this.view, factor, at));
  }

  move(dx, dy) {
    const { x, y, zoom } = this.view;
    this.set_view(kept_inside({ x: x - dx / zoom, y: y - dy / zoom, zoom }));
  }

  whole() {
    this.set_view({ x: 0.5, y: 0.5, zoom: 1 });
  }

  set_drag(mode) {
    this.drag = mode;
    this.drag_list.value = mode;
    if (mode !== "profile") this.view.line = null;
    this.draw();
  }

  set_line(from, to) {
    this.view.line = { from, to };
    this.draw();
  }

  show_fourier(on) {
    this.fourier_shown = on;
    this.panes.forEach((pane, p) => {
      if (on) pane.figure.append(this.fourier[p].figure);
      else this.fourier[p].figure.remove();
    });
    this.draw();
  }

  show_wipe(on) {
    this.wipe_shown = on;
    this.row.classList.toggle("wiped", on);
    for (const pane of this.panes) pane.surface = on ? this.wipe.canvas : pane.canvas;
    if (on) this.row.before(this.wipe.figure);
    else this.wipe.figure.remove();
    this.draw();
  }

  save_image() {
    const shown = this.wipe_shown ? [this.wipe.canvas] : this.panes.map((pane) => pane.canvas);
    const all = new OffscreenCanvas(
      shown.reduce((sum, canvas) => sum + canvas.width, 0),
      Math.max(...shown.map((canvas) => canvas.height)),
    );
    let left = 0;
    for (const canvas of shown) {
      all.getContext("2d").drawImage(canvas, left, 0);
      left += canvas.width;
    }
    all.convertToBlob({ type: "image/png" }).then((blob) => save_blob(`frame_${this.frame_at(this.place)}.png`, blob));
  }

  /** Looks whether a served movie has grown. */
  async look_again() {
    try {
      const answer = await fetch(this.spec.address);
      const spec = await answer.json();
      const at_end = this.place === this.last_place();
      this.spec.total_frames = spec.total_frames;
      this.spec.growing = spec.growing;
      spec.panes.forEach((pane, p) => Object.assign(this.panes[p].spec, { image_starts: pane.image_starts, images: pane.images }));
      this.seek.max = this.last_place();
      if (at_end && !this.playing) this.go(this.last_place());
    } catch {
      return; // the server is gone; tiles will say so
    }
    this.label.textContent = this.frame_text(this.frame_at(this.place));
    if (this.spec.growing) setTimeout(() => this.look_again(), follow_milliseconds);
  }

  on_key(event) {
    if (["SELECT", "INPUT"].includes(event.target.tagName)) return;
    const acts = {
      " ": () => this.toggle(),
      ArrowLeft: () => this.go(this.place - 1),
      ArrowRight: () => this.go(this.place + 1),
      Home: () => this.go(0),
      End: () => this.go(this.last_place()),
      "+": () => this.zoom(1.5),
      "=": () => this.zoom(1.5),
      "-": () => this.zoom(1 / 1.5),
      0: () => this.whole(),
      "[": () => change_speed(this, -1),
      "]": () => change_speed(this, 1),
      a: () => this.auto(this.panes),
      c: () => this.set_drag("contrast"),
      m: () => this.set_drag("move"),
      p: () => this.set_drag("profile"),
      f: () => this.fourier_toggle.click(),
      w: () => this.panes.length > 1 && this.wipe_toggle.click(),
    };
    if (!acts[event.key] || event.ctrlKey || event.metaKey) return;
    if (event.key === " " && event.target.tagName === "BUTTON") return;
    event.preventDefault();
    acts[event.key]();
  }
}

export function mount_player(host, spec) {
  host.classList.add("player");
  if (spec.served) document.body.classList.add("wide");
  return new MoviePlayer(host, spec).load();
}
