// What the wall knows of its area, and how a frame changes it. Pure: a changed store is a new one, and what did not change keeps its identity,
// so that the layers can tell by comparison what has to go to the graphics card again.
import type { Counts, DeviceSituation, Frame, IncidentSituation, Removed, TaskSituation, WarningSituation } from "./frame.ts";

export interface Store {
  readonly area: string;
  readonly epoch: string | null;
  readonly seq: number;
  readonly at: number;
  readonly devices: ReadonlyMap<string, DeviceSituation>;
  readonly warnings: ReadonlyMap<string, WarningSituation>;
  readonly incidents: ReadonlyMap<string, IncidentSituation>;
  readonly tasks: ReadonlyMap<string, TaskSituation>;
  readonly counts: Counts;
}

export type Follow = "next" | "repeated" | "gap";

export function emptyStore(area: string): Store {
  return {
    area, epoch: null, seq: -1, at: 0, devices: new Map(), warnings: new Map(), incidents: new Map(), tasks: new Map(),
    counts: { seat: { flood: false, ring: null }, children: [], lastReadingAt: null, canaryMs: null },
  };
}

/** Whether a frame continues the store: the number after the last one of the same epoch. */
export function follows(store: Store, frame: Frame): Follow {
  if (store.epoch === null || frame.epoch !== store.epoch || frame.seq > store.seq + 1) return "gap";
  return frame.seq <= store.seq ? "repeated" : "next";
}

function changed<T extends { readonly id: string }>(old: ReadonlyMap<string, T>, items: readonly T[], removed: readonly string[]): ReadonlyMap<string, T> {
  if (items.length === 0 && !removed.some(id => old.has(id))) return old;
  const next = new Map(old);
  for (const id of removed) next.delete(id);
  for (const item of items) next.set(item.id, item);
  return next;
}

/** The store after the frame. Removals come first, so an item that is removed and shown in one frame is there. */
export function applyFrame(store: Store, frame: Frame): Store {
  return {
    area: store.area,
    epoch: frame.epoch,
    seq: frame.seq,
    at: frame.at,
    devices: changed(store.devices, frame.devices, frame.removed.devices),
    warnings: changed(store.warnings, frame.warnings, frame.removed.warnings),
    incidents: changed(store.incidents, frame.incidents, frame.removed.incidents),
    tasks: changed(store.tasks, frame.tasks, frame.removed.tasks),
    counts: frame.counts,
  };
}

function latest<T extends { readonly id: string }>(first: readonly T[], second: readonly T[], removed: readonly string[]): readonly T[] {
  if (first.length === 0) return second;
  const gone = new Set(removed);
  const merged = new Map<string, T>();
  for (const item of first) if (!gone.has(item.id)) merged.set(item.id, item);
  for (const item of second) merged.set(item.id, item);
  return [...merged.values()];
}

function both(first: readonly string[], second: readonly string[]): readonly string[] {
  if (first.length === 0) return second;
  return second.length === 0 ? first : [...new Set([...first, ...second])];
}

/** One frame that has the effect of both, first a and then b. */
export function mergeFrames(a: Frame, b: Frame): Frame {
  const removed: Removed = {
    devices: both(a.removed.devices, b.removed.devices),
    warnings: both(a.removed.warnings, b.removed.warnings),
    incidents: both(a.removed.incidents, b.removed.incidents),
    tasks: both(a.removed.tasks, b.removed.tasks),
  };
  return {
    area: b.area,
    epoch: b.epoch,
    seq: b.seq,
    at: b.at,
    heartbeat: a.heartbeat && b.heartbeat,
    devices: latest(a.devices, b.devices, b.removed.devices),
    warnings: latest(a.warnings, b.warnings, b.removed.warnings),
    incidents: latest(a.incidents, b.incidents, b.removed.incidents),
    tasks: latest(a.tasks, b.tasks, b.removed.tasks),
    removed,
    counts: b.counts,
  };
}
