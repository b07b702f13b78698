// The bar that tells which colour stands for which value.
import { colour_map, css_colour } from "./colours.js";
import { element, number_text } from "./data.js";

/** A bar of the named map from `low` to `high`, with its label ("z (Å)"). */
export function colour_bar(map, [low, high], label) {
  const bar = element("span", "colour-bar");
  const strip = element("i", "colour-strip");
  const colours = colour_map(map);
  const stops = Array.from({ length: 17 }, (_, i) => css_colour(colours[Math.round((255 * i) / 16)]));
  strip.style.background = `linear-gradient(to right, ${stops.join(", ")})`;
  bar.append(element("span", "", number_text(low, 3)), strip, element("span", "", number_text(high, 3)), element("b", "", label));
  return bar;
}
