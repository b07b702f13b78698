// The bars of a player: transport, contrast, and tools.
import { button, choice, labelled, slider, toggle } from "./controls.js";
import { element } from "./data.js";

const contrast_presets = {
  "0.5 \u2013 99.5 %": [0.5, 99.5],
  "0.05 \u2013 99.95 %": [0.05, 99.95],
  "2 \u2013 98 %": [2, 98],
  "5 \u2013 95 %": [5, 95],
  "min \u2013 max": [0, 100],
};
export const first_preset = Object.values(contrast_presets)[0];

const speeds = [1, 2, 5, 10, 15, 25, 30, 60, 120];
const drags = { contrast: "contrast", move: "move", profile: "line profile" };
export const help_text =
  "Drag: contrast (right wider, up darker), or move, or a line profile. Shift-drag moves, Alt-drag draws a line. " +
  "Double-click: contrast by percentiles. Wheel (in a report Ctrl-wheel), two fingers, + \u2212: zoom; 0: whole image. " +
  "Space: play; \u2190 \u2192: one frame; Home, End; [ ]: speed. c m p: what a drag does; f: Fourier; w: wipe; a: contrast.";

/** Play, step, seek, speed. Sets player.play_button, seek, label and speed_list. */
export function transport_bar(player) {
  const bar = element("div", "transport");
  player.play_button = button("\u25b6", "Play or pause (space)", () => player.toggle());
  player.seek = slider(0, player.last_place(), 1, 0, (place) => player.go(place));
  player.seek.setAttribute("aria-label", "Frame");
  player.label = element("output", "frame-label");
  const names = Object.fromEntries(speeds.map((speed) => [speed, String(speed)]));
  const real = player.spec.frame_seconds ? 1 / player.spec.frame_seconds : 0;
  if (real > 0.2 && real <= 400) names[real] = `${Number(real.toPrecision(3))} (real time)`;
  player.speed_list = choice(names, "10", (text) => (player.speed = Number(text)));
  bar.append(
    player.play_button,
    button("\u2039", "One frame back (left arrow)", () => player.go(player.place - 1)),
    button("\u203a", "One frame on (right arrow)", () => player.go(player.place + 1)),
    player.seek,
    player.label,
    labelled("fps", player.speed_list),
  );
  return bar;
}

/** One speed slower (-1) or faster (+1). */
export function change_speed(player, by) {
  const list = player.speed_list;
  list.selectedIndex = Math.min(list.options.length - 1, Math.max(0, list.selectedIndex + by));
  player.speed = Number(list.value);
}

/** Percentiles, gamma, colours, and one contrast for panes of one quantity. Sets player.same. */
export function contrast_bar(player) {
  const bar = element("div", "transport");
  const linear = player.panes.filter((pane) => !pane.spec.diverging);
  const look = (change) => {
    for (const pane of linear) pane.set_look(change);
    player.draw();
  };
  const presets = Object.keys(contrast_presets);
  const preset = choice(presets, presets[0], (name) => {
    player.preset = contrast_presets[name];
    player.auto(player.panes);
  });
  player.same = element("input");
  player.same.type = "checkbox";
  player.same.addEventListener("change", () => player.auto(player.panes));
  const gamma = slider(0.3, 2.5, 0.05, 1, (value) => look({ gamma: value }));
  const colours = choice(["grey", "viridis", "cividis"], "grey", (map) => look({ map }));
  bar.append(labelled("contrast", preset), labelled("gamma", gamma), labelled("colours", colours));
  const partners = player.partners(linear[0] ?? player.panes[0]);
  if (partners.length > 1) {
    bar.append(labelled(`one contrast for ${partners.map((pane) => pane.spec.name).join(", ")}`, player.same));
  }
  return bar;
}

/** What a drag does, zoom, spectra, wipe, layout, saving. Sets player.drag_list and the toggles. */
export function tool_bar(player) {
  const bar = element("div", "transport");
  player.drag_list = choice(drags, "contrast", (mode) => player.set_drag(mode));
  player.fourier_toggle = toggle("FFT", "Power spectra of what is shown (f)", (on) => player.show_fourier(on));
  player.wipe_toggle = toggle("wipe", "Two panes in one, with an edge between them (w)", (on) => player.show_wipe(on));
  bar.append(
    labelled("drag", player.drag_list),
    button("+", "Zoom in (+)", () => player.zoom(1.5)),
    button("\u2212", "Zoom out (-)", () => player.zoom(1 / 1.5)),
    button("whole image", "Show the whole image (0)", () => player.whole()),
    player.fourier_toggle,
  );
  if (player.panes.length > 1) {
    const larger = toggle("larger", "Two panes a row", (on) => player.row.classList.toggle("large", on));
    bar.append(player.wipe_toggle, larger);
  }
  bar.append(button("PNG", "Save what is shown as an image", () => player.save_image()));
  return bar;
}
