/** Every page's script: the frame's islands and those a page may hold. */
import { OperatorAlarms } from "./alarms.ts";
import { CallJobs } from "./call_jobs.ts";
import { startClock } from "./clock.ts";
import { CopySecret } from "./copy_secret.ts";
import { ConnectionHealth } from "./health.ts";
import { LiveJobs, LiveMonitor } from "./monitor.ts";
import { OwnAgent } from "./own_agent.ts";
import { RecordingPause } from "./recording_pause.ts";
import { SessionWatch } from "./session_watch.ts";
import { StatusSwitch } from "./status_switch.ts";
import { CallWave } from "./wave.ts";

customElements.define("live-monitor", LiveMonitor);
customElements.define("live-jobs", LiveJobs);
customElements.define("status-switch", StatusSwitch);
customElements.define("own-agent", OwnAgent);
customElements.define("recording-pause", RecordingPause);
customElements.define("call-jobs", CallJobs);
customElements.define("operator-alarms", OperatorAlarms);
customElements.define("session-watch", SessionWatch);
customElements.define("connection-health", ConnectionHealth);
customElements.define("copy-secret", CopySecret);
customElements.define("call-wave", CallWave);

// A menu closes when one clicks elsewhere or leaves it by Escape.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll<HTMLDetailsElement>("details.menu[open]")) {
    if (!menu.contains(event.target as Node)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll<HTMLDetailsElement>("details.menu[open]")) {
    menu.open = false;
    menu.querySelector("summary")?.focus();
  }
});

// Where the menus are strips that scroll, the present place is in sight.
for (const here of document.querySelectorAll(".sections [aria-current], .rail [aria-current]")) {
  const strip = here.parentElement!;
  strip.scrollLeft += here.getBoundingClientRect().left + here.clientWidth / 2 - strip.getBoundingClientRect().left - strip.clientWidth / 2;
}
startClock();
