// The seat's ring, made by the browser itself. The server decides when a seat rings (once for what is new, again for a red until someone acknowledges, once for a
// flood), so that two screens of a seat agree and a page that is loaded anew stays silent. Muting silences this screen only and never touches a warning.

import type { Ring } from "./frame.ts";

/** The newest ring that this screen knows; undefined before the first picture, null when there has been none. */
export type Heard = number | null | undefined;

/** What to sound now, and what is known afterwards. The first picture of a page tells what rang before it, and that is not sounded again. */
export function nextRing(heard: Heard, ring: Ring | null): { readonly heard: number | null; readonly ring: "red" | "orange" | null } {
  if (ring === null) return { heard: heard ?? null, ring: null };
  if (heard === undefined) return { heard: ring.at, ring: null };
  if (heard !== null && ring.at <= heard) return { heard, ring: null };
  return { heard: ring.at, ring: ring.grave ? "red" : "orange" };
}

export interface Sound {
  readonly ring: (grave: boolean) => void;
  readonly mute: (muted: boolean) => void;
  /** The browser lets a page sound only after someone has touched it, unless the kiosk is started otherwise. */
  readonly blocked: () => boolean;
  readonly close: () => void;
}

function tone(context: AudioContext, at: number, hertz: number, seconds: number): void {
  const oscillator = context.createOscillator();
  const gain = context.createGain();
  oscillator.type = "sine";
  oscillator.frequency.value = hertz;
  gain.gain.setValueAtTime(0, at);
  gain.gain.linearRampToValueAtTime(0.28, at + 0.02);
  gain.gain.exponentialRampToValueAtTime(0.001, at + seconds);
  oscillator.connect(gain).connect(context.destination);
  oscillator.start(at);
  oscillator.stop(at + seconds);
}

export function openSound(withoutTouch: boolean): Sound {
  let context: AudioContext | null = null;
  let muted = false;
  const wake = (): void => {
    context ??= new AudioContext();
    if (context.state === "suspended") void context.resume();
  };
  addEventListener("pointerdown", wake, { passive: true });
  addEventListener("keydown", wake, { passive: true });
  return {
    ring: grave => {
      if (muted) return;
      if (withoutTouch) wake();
      if (context === null || context.state !== "running") return;
      const now = context.currentTime;
      // Red: three tones falling; orange: two. They differ in number, so that they can be told apart from another room.
      const tones = grave ? [880, 740, 880] : [660, 587];
      tones.forEach((hertz, index) => { if (context !== null) tone(context, now + index * 0.28, hertz, 0.42); });
    },
    mute: value => { muted = value; },
    blocked: () => context === null || context.state !== "running",
    close: () => {
      removeEventListener("pointerdown", wake);
      removeEventListener("keydown", wake);
      void context?.close();
    },
  };
}
