// What is known of one atom: its numbers at the present frame, and its height through time.
import { element, number_text } from "./data.js";
import { Plot } from "./plot.js";

const symbols = { 1: "H", 5: "B", 6: "C", 7: "N", 8: "O", 14: "Si" };

export class AtomCard {
  constructor(data) {
    this.data = data;
    this.card = element("div", "atom-card");
    this.card.setAttribute("aria-live", "polite");
    this.history = element("div", "plot atom-history");
    this.show(null, 0);
  }

  /** Of atom `atom`, or of none (null), at the t-th frame that is held. */
  show(atom, t) {
    if (atom === null) {
      this.card.replaceChildren(element("p", "hint", "Click an atom, or give its number, to see what is known of it."));
      this.history.replaceChildren();
      this.atom = null;
      return;
    }
    this.card.replaceChildren(this.table(atom, t));
    if (atom !== this.atom) this.draw_history(atom);
    this.atom = atom;
  }

  table(atom, t) {
    const { data } = this;
    const table = element("table", "facts");
    const row = (name, text) => {
      const line = element("tr");
      line.append(element("th", "", name), element("td", "number", text));
      table.append(line);
    };
    const kind = data.spec.atomic_numbers[data.spec.atomic_numbers.length > 1 ? atom : 0];
    row("atom", `${atom} (${symbols[kind] ?? `Z = ${kind}`})`);
    if (Number.isNaN(data.value("x", t, atom))) {
      row("at this frame", "absent");
      return table;
    }
    for (const [name, quantity] of data.quantities) {
      if (name.startsWith("sigma_")) continue;
      const places = ["x", "y", "z"].includes(name) ? 3 : 4;
      const digits = (value) => (places === 3 ? value.toFixed(3) : number_text(value, 3));
      const sigma = data.has(`sigma_${name}`) ? ` \u00b1 ${data.value(`sigma_${name}`, t, atom).toFixed(3)}` : "";
      row(quantity.label, `${digits(data.value(name, t, atom))}${sigma} ${quantity.unit}`.trim());
    }
    return table;
  }

  draw_history(atom) {
    const { data } = this;
    if (data.frames.length < 2) return;
    const z = data.history("z", atom);
    const series = [{ name: "z", colour: 0, style: "line", dashed: false, y: z }];
    if (data.has("sigma_z")) series[0].error = data.history("sigma_z", atom);
    if (data.has("error_z")) {
      const error = data.history("error_z", atom);
      const truth = z.map((value, t) => (value === null || error[t] === null ? null : value - error[t]));
      series.push({ name: "truth", colour: 2, style: "line", dashed: true, y: truth });
    }
    const plot = { title: `Height of atom ${atom}`, x_label: "frame", y_label: "z (\u00c5)", x: data.frames, series };
    const host = element("div");
    this.history.replaceChildren(host);
    new Plot(host, { ...plot, over_frames: true, log_y: false });
  }
}
