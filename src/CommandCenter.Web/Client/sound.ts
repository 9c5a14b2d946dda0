// A short ring for new orange and red warnings, made by the browser itself. Muting silences this screen only and never touches a warning.

import type { WarningSituation } from "./frame.ts";
import { isShown } from "./layers.ts";

/** What has been rung for, and when. */
export interface Rung {
  readonly ids: ReadonlySet<string>;
  readonly at: number;
}

export const nothingRung: Rung = { ids: new Set(), at: Number.NEGATIVE_INFINITY };

/** An unacknowledged red warning rings again after this time, ms; orange rings once. */
export const repeatAfterMs = 15_000;

/** Two rings are never nearer than this, ms: a flood is one ring. */
const quietMs = 4000;

/** Whether to ring now: for an unacknowledged orange or red one that has not been heard, and again for red until someone acknowledges. */
export function nextRing(rung: Rung, warnings: Iterable<WarningSituation>, now: number): { readonly rung: Rung; readonly ring: "red" | "orange" | null } {
  const open = [...warnings].filter(warning => isShown(warning) && !warning.acknowledged && (warning.colour === "red" || warning.colour === "orange"));
  // A warning that rises from orange to red is heard again: its colour is part of what has been heard.
  const ids = new Set(open.map(warning => `${warning.id} ${warning.colour}`));
  const fresh = open.filter(warning => !rung.ids.has(`${warning.id} ${warning.colour}`));
  const red = open.some(warning => warning.colour === "red");
  if (now - rung.at < quietMs) return { rung: { ids: new Set([...ids].filter(id => rung.ids.has(id))), at: rung.at }, ring: null };
  if (fresh.length > 0) return { rung: { ids, at: now }, ring: fresh.some(warning => warning.colour === "red") ? "red" : "orange" };
  return red && now - rung.at >= repeatAfterMs ? { rung: { ids, at: now }, ring: "red" } : { rung: { ids, at: rung.at }, ring: null };
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
