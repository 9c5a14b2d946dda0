// Starts Blazor on every page, and brings the page back after the server was gone: first the same circuit, else the page anew.
import { healWith } from "./heal.ts";
import { nextRing, openSound } from "./sound.ts";
import type { Heard, Sound } from "./sound.ts";

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
let heard: Heard;
let sound: Sound | null = null;

/** A page that shows a seat carries its newest ring: the time in milliseconds and the colour. */
function ring(): void {
  const seat = document.querySelector<HTMLElement>("[data-ring]");
  if (seat === null) return;
  sound ??= openSound(false);
  const [at, colour] = (seat.dataset["ring"] ?? "").split(" ");
  const next = nextRing(heard, Number(at) > 0 ? { at: Number(at), grave: colour === "red" } : null);
  heard = next.heard;
  sound.mute(seat.dataset["muted"] !== undefined);
  if (next.ring !== null) sound.ring(next.ring === "red");
}

setInterval(() => {
  const now = performance.now();
  const seen = document.querySelector<HTMLElement>("[data-beat]")?.dataset["beat"];
  if (seen === undefined || seen !== beat) {
    beat = seen ?? "";
    beatAt = now;
  }
  ring();
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
