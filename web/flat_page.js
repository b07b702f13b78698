// The bundle of pages without 3D: plots and players.
import { mount_page } from "./page.js";
import { mount_player } from "./player.js";
import { mount_plot } from "./plot.js";

mount_page({ plot: mount_plot, player: mount_player });
