// The frame that the page looks at: players and plots that run over frames follow it together.

const frame_listeners = new Set();
let frame_now = 0;

export function current_frame() {
  return frame_now;
}

/** Moves every player and plot to `frame` (a frame number of the movie). */
export function go_to_frame(frame) {
  frame_now = frame;
  for (const listener of frame_listeners) listener(frame);
}

export function on_frame(listener) {
  frame_listeners.add(listener);
}
