// Brings a page to life: every element with data-part becomes the view that its part names by kind.
import { element, json_of, save_text } from "./data.js";

/** Mounts the parts of the page; `views` maps a kind to its mount(host, part), which may return a
 *  promise. What a view throws is said in its place, and the rest of the page goes on. */
export function mount_page(views) {
  const parts = json_of("parts");
  for (const host of document.querySelectorAll("[data-part]")) {
    mount_part(views, host, parts[Number(host.dataset.part)]);
  }
  document.getElementById("save-summary").addEventListener("click", () => {
    save_text("report.json", "application/json", JSON.stringify(json_of("summary"), null, 2) + "\n");
  });
}

async function mount_part(views, host, part) {
  try {
    if (!views[part.kind]) throw new Error(`this page has no view named ${part.kind}`);
    await views[part.kind](host, part);
  } catch (failure) {
    console.error(failure);
    host.replaceChildren(element("p", "note", `This cannot be shown: ${failure.message}.`));
  }
}
