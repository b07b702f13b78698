// The bundle of pages that show 3D: everything of the flat ones, and the views that need three.js.
import { mount_atoms } from "./atoms.js";
import { mount_page } from "./page.js";
import { mount_player } from "./player.js";
import { mount_plot } from "./plot.js";
import { mount_volume } from "./volume.js";

mount_page({ plot: mount_plot, player: mount_player, atoms: mount_atoms, volume: mount_volume });
