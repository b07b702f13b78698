// Brings the page to life: every element with data-part becomes the plot or player of that number.
import { json_of, save_text } from "./data.js";
import { mount_player } from "./player.js";
import { mount_plot } from "./plot.js";

const mounts = { plot: mount_plot, player: mount_player };

function mount_page() {
  const parts = json_of("parts");
  for (const host of document.querySelectorAll("[data-part]")) {
    const part = parts[Number(host.dataset.part)];
    mounts[part.kind](host, part);
  }
  document.getElementById("save-summary").addEventListener("click", () => {
    save_text("report.json", "application/json", JSON.stringify(json_of("summary"), null, 2) + "\n");
  });
}

mount_page();
