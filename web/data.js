// The page's data: JSON descriptions, and blocks of numbers as base64 of zlib streams.

/** The parsed JSON of the script element `id`. */
export function json_of(id) {
  return JSON.parse(document.getElementById(id).textContent);
}

const array_types = {
  u8: Uint8Array,
  i8: Int8Array,
  u16: Uint16Array,
  i16: Int16Array,
  u32: Uint32Array,
  i32: Int32Array,
  f32: Float32Array,
};

/** The typed array of a block's or a tile's type: "u8", "f32", ... */
export function typed_array(type) {
  if (!array_types[type]) throw new Error(`numbers of an unknown type, ${type}`);
  return array_types[type];
}

/** The bytes of the script element `id`: base64 of a zlib stream. */
async function bytes_of(id) {
  if (typeof DecompressionStream === "undefined") {
    throw new Error(
      "this browser cannot unpack the data (no DecompressionStream): use Firefox 113, Chrome 80, " +
        "Safari 16.4 or newer",
    );
  }
  const text = atob(document.getElementById(id).textContent);
  const packed = new Uint8Array(text.length);
  for (let i = 0; i < text.length; ++i) packed[i] = text.charCodeAt(i);
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).arrayBuffer();
}

/** The numbers of a block {id, type, shape}, as the part describes it: a typed array, last index
 *  fastest. */
export async function numbers_of(block) {
  const count = block.shape.reduce((product, length) => product * length, 1);
  const numbers = new (typed_array(block.type))(await bytes_of(block.id));
  if (numbers.length !== count) {
    throw new Error(`the page is damaged: ${numbers.length} numbers where ${count} are declared`);
  }
  return numbers;
}

/** Offers `text` as a file to save. */
export function save_text(name, type, text) {
  save_blob(name, new Blob([text], { type }));
}

export function save_blob(name, blob) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
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
