// Where frames lie on canvases. A view {x, y, zoom} is shared by panes of any size: x and y are the
// centre, as fractions of the frame; at zoom 1 the whole width is shown.

/** The part of a frame {height, width} that a view shows, in pixels of the frame. */
export function region_shown(frame, view) {
  const half = 0.5 / view.zoom;
  return {
    left: Math.max(0, (view.x - half) * frame.width),
    top: Math.max(0, (view.y - half) * frame.height),
    right: Math.min(frame.width, (view.x + half) * frame.width),
    bottom: Math.min(frame.height, (view.y + half) * frame.height),
  };
}

/** Device pixels per pixel of the frame, and where the frame's corner lies on the canvas. */
export function placed(frame, view, canvas) {
  const scale = (canvas.width / frame.width) * view.zoom;
  return {
    scale,
    left: canvas.width / 2 - view.x * frame.width * scale,
    top: canvas.height / 2 - view.y * frame.height * scale,
  };
}

/** The pyramid's level, binned 2^level, whose pixels are just not finer than the screen's. */
export function level_for(scale, levels) {
  return Math.max(0, Math.min(levels - 1, Math.floor(Math.log2(1 / scale) + 1e-6)));
}

/** Tiles of `edge` binned pixels that cover a region, with their place in pixels of the frame. */
export function tiles_in(region, frame, level, edge) {
  const span = edge * 2 ** level;
  const tiles = [];
  for (let row = Math.floor(region.top / span); row * span < region.bottom; ++row) {
    for (let column = Math.floor(region.left / span); column * span < region.right; ++column) {
      const [left, top] = [column * span, row * span];
      const right = Math.min(frame.width, left + span);
      const bottom = Math.min(frame.height, top + span);
      tiles.push({ level, row, column, left, top, right, bottom });
    }
  }
  return tiles;
}

/** Binned height and width of a tile: what is left over at an edge is a pixel of its own. */
export function tile_shape(tile) {
  const bin = 2 ** tile.level;
  return [Math.ceil((tile.bottom - tile.top) / bin), Math.ceil((tile.right - tile.left) / bin)];
}

/** A view that shows nothing beyond the frame. */
export function kept_inside(view) {
  const half = 0.5 / view.zoom;
  const within = (centre) => Math.min(1 - half, Math.max(half, centre));
  return { x: within(view.x), y: within(view.y), zoom: view.zoom };
}

/** The view zoomed by `factor` so that the point `at`, a fraction of the canvas from its centre,
 *  stays where it is. */
export function zoomed(view, factor, at = { x: 0, y: 0 }) {
  const zoom = Math.min(256, Math.max(1, view.zoom * factor));
  const moved = (centre, from) => centre + from / view.zoom - from / zoom;
  return kept_inside({ x: moved(view.x, at.x), y: moved(view.y, at.y), zoom });
}

/** Values along a line between two points of an image (height, width), one a pixel, bilinear. */
export function values_along({ numbers, height, width }, from, to) {
  const steps = Math.max(1, Math.round(Math.hypot(to.x - from.x, to.y - from.y)));
  const at = (y, x) => numbers[Math.max(0, Math.min(height - 1, y)) * width + Math.max(0, Math.min(width - 1, x))];
  return Array.from({ length: steps + 1 }, (_, i) => {
    const x = from.x + ((to.x - from.x) * i) / steps;
    const y = from.y + ((to.y - from.y) * i) / steps;
    const [column, row] = [Math.floor(x), Math.floor(y)];
    const [right, down] = [x - column, y - row];
    const upper = at(row, column) * (1 - right) + at(row, column + 1) * right;
    const lower = at(row + 1, column) * (1 - right) + at(row + 1, column + 1) * right;
    return upper * (1 - down) + lower * down;
  });
}
