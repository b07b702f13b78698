// The page's data: JSON descriptions, and pixels as base64 of a zlib stream.

/** The parsed JSON of the script element `id`. */
export function json_of(id) {
  return JSON.parse(document.getElementById(id).textContent);
}

/** Pixels of the script element `id`: a Uint8Array or Uint16Array of `count` levels. */
export async function pixels_of(id, bits, count) {
  if (typeof DecompressionStream === "undefined") {
    throw new Error(
      "this browser cannot unpack the movie (no DecompressionStream): use Firefox 113, Chrome 80, " +
        "Safari 16.4 or newer",
    );
  }
  const text = atob(document.getElementById(id).textContent);
  const packed = new Uint8Array(text.length);
  for (let i = 0; i < text.length; ++i) packed[i] = text.charCodeAt(i);
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  const bytes = await new Response(stream).arrayBuffer();
  const levels = bits === 16 ? new Uint16Array(bytes) : new Uint8Array(bytes);
  if (levels.length !== count) {
    throw new Error(`the page is damaged: ${levels.length} pixels where ${count} are declared`);
  }
  return levels;
}

/** Offers `text` as a file to save. */
export function save_text(name, type, text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

/** A number with about `digits` significant digits, in plain notation where that is short. */
export function number_text(value, digits = 4) {
  if (value === null || !Number.isFinite(value)) return "\u2013";
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-3) return value.toExponential(digits - 1).replace(/\.?0+e/, "e");
  const places = Math.max(0, digits - 1 - Math.floor(Math.log10(size)));
  return String(Number(value.toFixed(places)));
}

/** An element with a class and text. */
export function element(tag, class_name = "", text = "") {
  const made = document.createElement(tag);
  if (class_name) made.className = class_name;
  if (text) made.textContent = text;
  return made;
}
