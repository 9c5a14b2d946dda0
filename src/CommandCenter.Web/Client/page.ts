// Starts Blazor on every page, and brings the page back after the server was gone: first the same circuit, else the page anew.
import { healWith } from "./heal.ts";

interface BlazorStart {
  readonly circuit: { readonly reconnectionHandler: { readonly onConnectionDown: () => void; readonly onConnectionUp: () => void } };
}

declare const Blazor: {
  readonly start: (options: BlazorStart) => Promise<void>;
  readonly reconnect?: () => Promise<boolean>;
};

const mark = (state: "up" | "down"): void => { document.documentElement.dataset["circuit"] = state; };

// A page that shows live data moves its beat at least once a second. When the beat stands still the page greys, whatever the reason; later it loads anew.
const staleAfterMs = 3500;
const goneAfterMs = 9000;
let beat = "";
let beatAt = performance.now();

setInterval(() => {
  const now = performance.now();
  const seen = document.querySelector<HTMLElement>("[data-beat]")?.dataset["beat"];
  if (seen === undefined || seen !== beat) {
    beat = seen ?? "";
    beatAt = now;
  }
  document.documentElement.toggleAttribute("data-stale", now - beatAt > staleAfterMs);
  if (now - beatAt > goneAfterMs) void healWith(async () => performance.now() - beatAt < goneAfterMs);
}, 500);

Blazor.start({
  circuit: {
    reconnectionHandler: {
      onConnectionDown: () => {
        mark("down");
        void healWith(async () => Blazor.reconnect === undefined ? false : Blazor.reconnect());
      },
      onConnectionUp: () => mark("up"),
    },
  },
}).then(() => mark("up"), () => void healWith(async () => false));
