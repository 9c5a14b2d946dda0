import assert from "node:assert/strict";
import { test } from "node:test";
import type { DeviceSituation, Frame } from "./frame.ts";
import type { Store } from "./store.ts";
import { applyFrame, emptyStore, follows, mergeFrames } from "./store.ts";

const device = (id: string, value: number): DeviceSituation => ({
  id, state: "normal", colour: null, lon: 119.9, lat: 31.7, at: 1, values: { water_depth: value }, kind: "water_level", name: id, street: "320404001", domain: "urban", heading: null, event: null,
});

function frozen<T>(value: T): T {
  if (typeof value === "object" && value !== null && !(value instanceof Map)) {
    for (const inner of Object.values(value)) frozen(inner);
    Object.freeze(value);
  }
  return value;
}

const frame = (seq: number, devices: readonly DeviceSituation[] = [], removed: readonly string[] = [], epoch = "e"): Frame => frozen({
  area: "a", epoch, seq, at: seq, heartbeat: devices.length === 0, devices, warnings: [], incidents: [], tasks: [],
  removed: { devices: removed, warnings: [], incidents: [], tasks: [] }, counts: { seat: { flood: false, ring: null }, children: [], lastReadingAt: seq, canaryMs: null },
});

const plain = (store: Store): unknown => ({ ...store, devices: [...store.devices].sort(), warnings: [...store.warnings], incidents: [...store.incidents], tasks: [...store.tasks] });

test("What a frame does not touch keeps its identity", () => {
  const before = applyFrame(emptyStore("a"), frame(1, [device("d1", 1)]));
  const after = applyFrame(before, frame(2));
  assert.equal(after.devices, before.devices);
  assert.equal(after.warnings, before.warnings);
  assert.equal(after.seq, 2);
  assert.notEqual(applyFrame(before, frame(2, [device("d1", 2)])).devices, before.devices);
});

test("A device removed and shown in one frame is there", () => {
  const store = applyFrame(applyFrame(emptyStore("a"), frame(1, [device("d1", 1)])), frame(2, [device("d1", 2)], ["d1"]));
  assert.deepEqual(store.devices.get("d1")?.values, { water_depth: 2 });
});

test("Merging frames and then applying is applying one by one", () => {
  // A linear congruence is the source of chance: the seed is in the message of a failure.
  for (let seed = 1; seed <= 300; seed++) {
    let state = seed;
    const next = (below: number): number => { state = (state * 1103515245 + 12345) % 2147483648; return state % below; };
    const random = (seq: number): Frame => frame(
      seq,
      Array.from({ length: next(4) }, () => device(`d${next(5)}`, next(100))).filter((item, index, all) => all.findIndex(other => other.id === item.id) === index),
      Array.from({ length: next(3) }, () => `d${next(5)}`),
    );
    const start = applyFrame(emptyStore("a"), random(1));
    const frames = [random(2), random(3), random(4)];
    const single = frames.reduce(applyFrame, start);
    const merged = applyFrame(start, frames.reduce(mergeFrames));
    assert.deepEqual(plain(merged), plain(single), `seed ${seed}`);
  }
});

test("A gap, a repeat and a new epoch are told apart", () => {
  const store = applyFrame(emptyStore("a"), frame(5));
  assert.equal(follows(store, frame(6)), "next");
  assert.equal(follows(store, frame(5)), "repeated");
  assert.equal(follows(store, frame(7)), "gap");
  assert.equal(follows(store, frame(6, [], [], "other")), "gap");
  assert.equal(follows(emptyStore("a"), frame(0)), "gap");
});
