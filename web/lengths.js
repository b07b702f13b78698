// Lengths as people say them.

/** The largest of 1, 2 or 5 times a power of ten that is at most `longest`. */
export function round_length(longest) {
  const power = 10 ** Math.floor(Math.log10(longest));
  return power * [5, 2, 1].find((factor) => factor * power <= longest * (1 + 1e-9));
}

/** A length in angstrom: "5 Å", "2 nm", "1 µm". */
export function length_text(angstrom) {
  if (angstrom < 10) return `${Number(angstrom.toPrecision(2))} \u00c5`;
  if (angstrom < 10000) return `${Number((angstrom / 10).toPrecision(3))} nm`;
  return `${Number((angstrom / 10000).toPrecision(3))} \u00b5m`;
}
