// Colour maps: anchors in sRGB, interpolated to 256 steps. Their lightness rises evenly (grey,
// viridis, cividis), or falls evenly to both sides of the middle (diverging).

const map_anchors = {
  grey: "000000 ffffff",
  viridis:
    "440154 481568 482677 453781 3f4788 39558c 32648e 2d718e 287d8e 238a8d " +
    "1f968b 20a386 29af7f 3cbc75 56c667 74d055 94d840 b8de29 dce318 fde725",
  cividis: "00204d 00336f 39486b 575c6d 707173 8a8779 a69d75 c4b56c e4cf5b ffea46",
  diverging: "2166ac 67a9cf d1e5f0 f7f7f7 fddbc7 ef8a62 b2182b",
};

const built_maps = new Map();

/** 256 colours of the named map as little-endian RGBA words, darkest or most negative first. */
export function colour_map(name) {
  if (built_maps.has(name)) return built_maps.get(name);
  const anchors = map_anchors[name].split(" ").map((hex) => parseInt(hex, 16));
  const channel = (colour, shift) => (colour >> shift) & 255;
  const words = new Uint32Array(256);
  for (let i = 0; i < 256; ++i) {
    const place = (i / 255) * (anchors.length - 1);
    const left = Math.min(Math.floor(place), anchors.length - 2);
    const part = place - left;
    const mix = (shift) =>
      Math.round(channel(anchors[left], shift) * (1 - part) + channel(anchors[left + 1], shift) * part);
    words[i] = (255 << 24) | (mix(0) << 16) | (mix(8) << 8) | mix(16);
  }
  built_maps.set(name, words);
  return words;
}

/** A word of a colour map as CSS writes it. */
export function css_colour(word) {
  return `rgb(${word & 255}, ${(word >> 8) & 255}, ${(word >> 16) & 255})`;
}
