// Judges whether the wall may still look live. Frames come from the hub, beats from the Blazor circuit: either one being old greys everything,
// and a street whose own heartbeat stands still greys alone. Only local, monotonic receipt times count: the clocks of two machines, or a city that
// runs faster than the machine, must not decide what is stale.
import type { ChildSituation } from "./frame.ts";

export interface Sight {
  /** When the last hub frame of any kind came, ms of the local monotonic clock. */
  readonly frameAt: number;
  /** When the circuit last said that its panels are drawn. */
  readonly beatAt: number;
  readonly streets: ReadonlyMap<string, { readonly at: number; readonly seenAt: number }>;
}

export interface Judgement {
  readonly stale: boolean;
  readonly ageMs: number;
  readonly cause: "hub" | "circuit" | null;
  readonly staleStreets: ReadonlySet<string>;
}

/** More than this without news is stale, ms. */
export const staleAfterMs = 3000;

/** A street may miss this much more: its heartbeat goes through one hop more. */
export const streetStaleAfterMs = 6000;

export function firstSight(now: number): Sight {
  return { frameAt: now, beatAt: now, streets: new Map() };
}

export function seeFrame(sight: Sight, children: readonly Pick<ChildSituation, "area" | "at">[], now: number): Sight {
  const streets = new Map<string, { readonly at: number; readonly seenAt: number }>();
  for (const child of children) {
    const old = sight.streets.get(child.area);
    streets.set(child.area, old !== undefined && old.at === child.at ? old : { at: child.at, seenAt: now });
  }
  return { ...sight, frameAt: now, streets };
}

export function seeBeat(sight: Sight, now: number): Sight {
  return { ...sight, beatAt: now };
}

export function judge(sight: Sight, now: number): Judgement {
  const hubAge = now - sight.frameAt;
  const circuitAge = now - sight.beatAt;
  const ageMs = Math.max(hubAge, circuitAge);
  const staleStreets = new Set<string>();
  for (const [area, street] of sight.streets) if (now - street.seenAt > streetStaleAfterMs) staleStreets.add(area);
  return { stale: ageMs > staleAfterMs, ageMs, cause: ageMs <= staleAfterMs ? null : hubAge >= circuitAge ? "hub" : "circuit", staleStreets };
}
