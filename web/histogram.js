// The histogram under a pane: what is shown, and the window, whose ends can be dragged.
import { bins_over, histogram_of } from "./contrast.js";
import { element, number_text } from "./data.js";

const [chart_width, chart_height] = [256, 40];

export class Histogram {
  /** `set_window(low, high)` is called when an end is dragged. */
  constructor(unit, set_window) {
    this.unit = unit;
    this.canvas = element("canvas", "histogram");
    Object.assign(this.canvas, { width: chart_width, height: chart_height });
    this.canvas.setAttribute("aria-label", "Histogram of what is shown; drag the ends of the window");
    this.range = element("div", "range");
    this.bins = bins_over(0, 1, false);
    this.listen(set_window);
  }

  /** The axis: from an ascending sample of the movie. */
  set_axis(sample, whole, { offset, scale }) {
    const [low, high] = sample.length ? [sample[0], sample[sample.length - 1]] : [0, 1];
    Object.assign(this, { bins: bins_over(low, high, whole), offset, scale });
  }

  value_at(place) {
    const { low, high } = this.bins;
    return this.offset + this.scale * (low + place * (high - low));
  }

  place_of(value) {
    const { low, high } = this.bins;
    return ((value - this.offset) / this.scale - low) / (high - low);
  }

  /** Heights of the square roots of the counts of `arrays`, and the window [low, high]. */
  draw(arrays, low, high) {
    Object.assign(this, { low, high });
    const counts = histogram_of(arrays, this.bins);
    const tallest = Math.sqrt(counts.reduce((most, count) => Math.max(most, count), 1));
    const context = this.canvas.getContext("2d");
    const style = getComputedStyle(this.canvas);
    const step = chart_width / counts.length;
    context.clearRect(0, 0, chart_width, chart_height);
    context.fillStyle = style.getPropertyValue("--muted");
    counts.forEach((count, bin) => {
      const tall = (Math.sqrt(count) / tallest) * (chart_height - 2);
      context.fillRect(bin * step, chart_height - tall, Math.max(1, step - 0.25), tall);
    });
    context.fillStyle = style.getPropertyValue("--accent");
    for (const value of [low, high]) {
      const x = this.place_of(value) * chart_width;
      context.fillRect(Math.min(chart_width - 2, Math.max(0, x - 1)), 0, 2, chart_height);
    }
    this.range.textContent = `${number_text(low, 3)} to ${number_text(high, 3)} ${this.unit}`.trim();
  }

  listen(set_window) {
    let dragged = null;
    const value = (event) => {
      const box = this.canvas.getBoundingClientRect();
      return this.value_at((event.clientX - box.left) / box.width);
    };
    this.canvas.addEventListener("pointerdown", (event) => {
      const at = value(event);
      dragged = Math.abs(at - this.low) < Math.abs(at - this.high) ? "low" : "high";
      this.canvas.setPointerCapture(event.pointerId);
    });
    this.canvas.addEventListener("pointermove", (event) => {
      if (!dragged) return;
      const [low, high] = dragged === "low" ? [value(event), this.high] : [this.low, value(event)];
      if (low < high) set_window(low, high);
    });
    for (const end of ["pointerup", "pointercancel"]) {
      this.canvas.addEventListener(end, () => (dragged = null));
    }
  }
}
