// What a pointer or two fingers do on an image: contrast, moving, zooming, drawing a line.

/** Listens on a canvas. `acts`:
 *    mode()                 "contrast", "move" or "profile": what a drag does
 *    contrast(dx, dy)       pixels dragged
 *    move(dx, dy)           fractions of the canvas dragged
 *    zoom(factor, at)       `at` is a fraction of the canvas from its centre
 *    line(from, to)         events where the line begins and ends
 *    hover(event or null)   auto()
 *    plain_wheel            whether the wheel zooms without Ctrl */
export function listen_gestures(canvas, acts) {
  const pointers = new Map(); // id -> its last event
  let start = null;

  const fraction = (x, y) => {
    const box = canvas.getBoundingClientRect();
    return { x: (x - box.left) / box.width - 0.5, y: (y - box.top) / box.height - 0.5 };
  };

  const pinch = (event) => {
    const other = [...pointers.values()].find((pointer) => pointer.pointerId !== event.pointerId);
    const before = pointers.get(event.pointerId);
    const apart = (a, b) => Math.max(1, Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY));
    const middle = fraction((event.clientX + other.clientX) / 2, (event.clientY + other.clientY) / 2);
    const old = fraction((before.clientX + other.clientX) / 2, (before.clientY + other.clientY) / 2);
    acts.move(middle.x - old.x, middle.y - old.y);
    acts.zoom(apart(event, other) / apart(before, other), middle);
  };

  const drag = (event) => {
    const before = pointers.get(event.pointerId);
    const [dx, dy] = [event.clientX - before.clientX, event.clientY - before.clientY];
    const mode = event.shiftKey ? "move" : event.altKey ? "profile" : acts.mode();
    const box = canvas.getBoundingClientRect();
    if (mode === "move") acts.move(dx / box.width, dy / box.height);
    else if (mode === "profile") acts.line(start, event);
    else acts.contrast(dx, dy);
  };

  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, event);
    start = event;
    event.preventDefault();
    canvas.closest(".player").focus({ preventScroll: true });
  });
  canvas.addEventListener("pointermove", (event) => {
    if (pointers.size === 2 && pointers.has(event.pointerId)) pinch(event);
    else if (pointers.size === 1 && pointers.has(event.pointerId)) drag(event);
    else acts.hover(event);
    if (pointers.has(event.pointerId)) pointers.set(event.pointerId, event);
  });
  for (const end of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(end, (event) => pointers.delete(event.pointerId));
  }
  canvas.addEventListener("pointerleave", () => acts.hover(null));
  canvas.addEventListener("dblclick", () => acts.auto());
  const wheel = (event) => {
    if (!acts.plain_wheel && !event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const lines = event.deltaMode === 1 ? 16 : 1;
    acts.zoom(Math.exp((-event.deltaY * lines) / 300), fraction(event.clientX, event.clientY));
  };
  canvas.addEventListener("wheel", wheel, { passive: false });
}
