// The small controls that views are built of.
import { element } from "./data.js";

export function button(text, title, act) {
  const made = element("button", "", text);
  made.type = "button";
  made.title = title;
  made.setAttribute("aria-label", title);
  made.addEventListener("click", act);
  return made;
}

/** A button that stays pressed; act(pressed). */
export function toggle(text, title, act) {
  const made = button(text, title, () => {
    const pressed = made.getAttribute("aria-pressed") !== "true";
    made.setAttribute("aria-pressed", pressed);
    act(pressed);
  });
  made.setAttribute("aria-pressed", false);
  return made;
}

export function labelled(text, control, ...more) {
  const label = element("label", "control", text);
  label.append(control, ...more);
  return label;
}

/** A list of which one is chosen; `names` maps values to texts, or lists both alike. */
export function choice(names, chosen, act) {
  const made = element("select");
  const pairs = Array.isArray(names) ? names.map((name) => [name, name]) : Object.entries(names);
  for (const [value, text] of pairs) made.append(new Option(text, value, value === chosen, value === chosen));
  made.addEventListener("change", () => act(made.value));
  return made;
}

export function slider(min, max, step, value, act) {
  const made = element("input");
  Object.assign(made, { type: "range", min, max, step });
  made.value = value;
  made.addEventListener("input", () => act(Number(made.value)));
  return made;
}

export function tick_box(checked, act) {
  const made = element("input");
  Object.assign(made, { type: "checkbox", checked });
  made.addEventListener("change", () => act(made.checked));
  return made;
}
