// Play, step, slider and speed over the frames that a view holds; the page's frame follows.
import { button, choice, labelled, slider } from "./controls.js";
import { element } from "./data.js";
import { go_to_frame } from "./sync.js";

export class Transport {
  /** Over `frames`, rising numbers of the movie's frames; `frame_seconds` is null where unknown. */
  constructor(frames, total_frames, frame_seconds) {
    Object.assign(this, { frames, total_frames, frame_seconds, place: 0, speed: 10, playing: false });
    this.play_button = button("\u25b6", "Play or pause (space)", () => this.toggle());
    this.seek = slider(0, frames.length - 1, 1, 0, (place) => this.go(place));
    this.seek.setAttribute("aria-label", "Frame");
    this.label = element("output", "frame-label");
    this.bar = element("div", "transport");
    this.bar.append(
      this.play_button,
      button("\u2039", "One frame back (,)", () => this.go(this.place - 1)),
      button("\u203a", "One frame on (.)", () => this.go(this.place + 1)),
      this.seek,
      this.label,
      labelled("fps", choice(["1", "2", "5", "10", "20", "30", "60"], "10", (text) => (this.speed = Number(text)))),
    );
    this.bar.hidden = frames.length < 2;
  }

  go(place) {
    go_to_frame(this.frames[Math.min(this.frames.length - 1, Math.max(0, place))]);
  }

  /** Shows that the view is at the place-th of its frames. */
  show(place) {
    this.place = place;
    this.seek.value = place;
    const time = this.frame_seconds ? `, ${(this.frames[place] * this.frame_seconds).toPrecision(4)} s` : "";
    this.label.textContent = `frame ${this.frames[place]} of ${this.total_frames}${time}`;
  }

  toggle() {
    this.playing = !this.playing;
    this.play_button.textContent = this.playing ? "\u275a\u275a" : "\u25b6";
    let due = performance.now();
    const tick = (now) => {
      if (!this.playing) return;
      if (now >= due) {
        due = Math.max(due + 1000 / this.speed, now);
        this.go((this.place + 1) % this.frames.length);
      }
      requestAnimationFrame(tick);
    };
    if (this.playing) requestAnimationFrame(tick);
  }

  /** Space, comma, full stop, Home and End, pressed anywhere in `host`. */
  listen(host) {
    const acts = {
      " ": () => this.toggle(),
      ",": () => this.go(this.place - 1),
      ".": () => this.go(this.place + 1),
      Home: () => this.go(0),
      End: () => this.go(this.frames.length - 1),
    };
    host.addEventListener("keydown", (event) => {
      if (!acts[event.key] || event.ctrlKey || event.metaKey) return;
      if (["SELECT", "INPUT", "BUTTON"].includes(event.target.tagName)) return;
      event.preventDefault();
      acts[event.key]();
    });
  }
}
