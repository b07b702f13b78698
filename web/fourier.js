// The power spectrum of a part of an image: radix-2 Fourier transforms in two dimensions.

/** In-place transform of `count` complex numbers, a power of two, of a row or a column. */
function transform(real, imaginary, first, stride, count, work) {
  const [re, im] = [work.re, work.im];
  for (let i = 0; i < count; ++i) {
    const from = first + work.order[i] * stride;
    re[i] = real[from];
    im[i] = imaginary[from];
  }
  for (let half = 1; half < count; half *= 2) {
    const turn = count / (2 * half);
    for (let start = 0; start < count; start += 2 * half) {
      for (let k = 0; k < half; ++k) {
        const [a, b] = [start + k, start + k + half];
        const [c, s] = [work.cosine[k * turn], work.sine[k * turn]];
        const x = re[b] * c - im[b] * s;
        const y = re[b] * s + im[b] * c;
        re[b] = re[a] - x;
        im[b] = im[a] - y;
        re[a] += x;
        im[a] += y;
      }
    }
  }
  for (let i = 0; i < count; ++i) {
    real[first + i * stride] = re[i];
    imaginary[first + i * stride] = im[i];
  }
}

function workspace(count) {
  const order = new Uint32Array(count);
  for (let i = 1; i < count; ++i) order[i] = (order[i >> 1] >> 1) | (i & 1 ? count >> 1 : 0);
  const angle = (k) => (-2 * Math.PI * k) / count;
  return {
    order,
    re: new Float64Array(count),
    im: new Float64Array(count),
    cosine: Float64Array.from({ length: count / 2 }, (_, k) => Math.cos(angle(k))),
    sine: Float64Array.from({ length: count / 2 }, (_, k) => Math.sin(angle(k))),
  };
}

export function power_of_two(least) {
  return 2 ** Math.ceil(Math.log2(Math.max(2, least)));
}

/** log10 of the power of a square image (side, side) without its mean, under a Hann window and
 *  padded with zeros to a power of two: {power: (n, n), n}, zero frequency at [n / 2, n / 2]. */
export function power_spectrum(image, side) {
  const n = power_of_two(side);
  const mean = image.reduce((sum, value) => sum + value, 0) / image.length;
  const window = Float64Array.from({ length: side }, (_, i) => Math.sin((Math.PI * (i + 0.5)) / side) ** 2);
  const real = new Float64Array(n * n);
  const imaginary = new Float64Array(n * n);
  for (let y = 0; y < side; ++y) {
    for (let x = 0; x < side; ++x) real[y * n + x] = (image[y * side + x] - mean) * window[y] * window[x];
  }
  const work = workspace(n);
  for (let y = 0; y < side; ++y) transform(real, imaginary, y * n, 1, n, work);
  for (let x = 0; x < n; ++x) transform(real, imaginary, x, n, n, work);
  const power = new Float32Array(n * n);
  for (let y = 0; y < n; ++y) {
    for (let x = 0; x < n; ++x) {
      const from = ((y + n / 2) % n) * n + ((x + n / 2) % n);
      power[y * n + x] = Math.log10(real[from] ** 2 + imaginary[from] ** 2 + 1e-30);
    }
  }
  return { power, n };
}

/** Round resolutions (in the pixel's unit) between Nyquist's and a tenth of it, finest first: where
 *  rings are drawn. */
export function ring_resolutions(pixel, most = 4) {
  const rings = [];
  for (let power = 10 ** Math.floor(Math.log10(2 * pixel)); rings.length < most; power *= 10) {
    for (const factor of [1, 1.5, 2, 3, 5, 7]) {
      const resolution = Number((factor * power).toPrecision(6));
      const finer = rings.at(-1);
      if (resolution < 2 * pixel || (finer && resolution < 1.8 * finer)) continue;
      if (rings.length < most) rings.push(resolution);
    }
  }
  return rings;
}
