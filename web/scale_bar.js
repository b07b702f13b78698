// Round lengths, and the bar that shows one on an image.

/** The round length (angstrom) nearest below `longest`, and its text. */
export function round_length(longest) {
  const power = 10 ** Math.floor(Math.log10(longest));
  const length = power * [5, 2, 1].find((factor) => factor * power <= longest * (1 + 1e-9));
  return [length, length_text(length)];
}

/** A length in angstrom, nanometres or micrometres. */
export function length_text(angstrom) {
  const number = (value) => String(Number(value.toPrecision(3)));
  if (angstrom < 10) return `${number(angstrom)} \u00c5`;
  if (angstrom < 10000) return `${number(angstrom / 10)} nm`;
  return `${number(angstrom / 10000)} \u00b5m`;
}

/** Draws text on a dark ground whose left bottom corner is (x, y). */
export function draw_tag(context, text, x, y, density) {
  context.font = `600 ${12 * density}px system-ui, sans-serif`;
  const width = context.measureText(text).width + 12 * density;
  context.fillStyle = "rgba(0, 0, 0, 0.55)";
  context.fillRect(x, y - 20 * density, width, 20 * density);
  context.fillStyle = "#fff";
  context.fillText(text, x + 6 * density, y - 6 * density);
}

/** Draws a scale bar into the left bottom corner; `scale` is device pixels per angstrom. */
export function draw_scale_bar(context, canvas, scale, density) {
  const [length, text] = round_length((0.3 * canvas.width) / scale);
  const bar = length * scale;
  const [left, base, thick] = [12 * density, canvas.height - 12 * density, 3 * density];
  context.font = `600 ${12 * density}px system-ui, sans-serif`;
  const box = Math.max(bar, context.measureText(text).width) + 12 * density;
  context.fillStyle = "rgba(0, 0, 0, 0.55)";
  context.fillRect(left - 6 * density, base - 22 * density, box, 30 * density);
  context.fillStyle = "#fff";
  context.fillRect(left, base, bar, thick);
  context.fillText(text, left, base - 6 * density);
}
