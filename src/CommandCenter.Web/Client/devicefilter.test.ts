import assert from "node:assert/strict";
import { test } from "node:test";
import { devicePoints, everything, filtered } from "./devicefilter.ts";
import type { DeviceSituation } from "./frame.ts";
import type { Palette, Rgba } from "./palette.ts";

const device = (id: string, change: Partial<DeviceSituation> = {}): DeviceSituation => Object.freeze({
  id, kind: "gas", name: id, street: "320404001", state: "normal", colour: null, lon: 119.9, lat: 31.7, heading: null, at: 0, domain: "urban", values: {}, event: null, ...change,
} as unknown as DeviceSituation);

const ids = (devices: readonly DeviceSituation[]): readonly string[] => devices.map(item => item.id);

test("street, kind, state and the ids of a search are all asked for at once", () => {
  const all = [
    device("a"), device("b", { kind: "air" }), device("c", { state: "offline" }), device("d", { street: "320404002" }), device("e", { lon: null }),
  ];
  assert.deepEqual(ids(filtered(all, everything, new Set())), ["a", "b", "c", "d"]);
  assert.deepEqual(ids(filtered(all, { ...everything, kinds: ["air"] }, new Set())), ["b"]);
  assert.deepEqual(ids(filtered(all, { ...everything, states: ["offline"] }, new Set())), ["c"]);
  assert.deepEqual(ids(filtered(all, { ...everything, streets: ["320404002"] }, new Set())), ["d"]);
  assert.deepEqual(ids(filtered(all, { ids: ["a", "c"], streets: [], kinds: [], states: ["normal"] }, new Set())), ["a"]);
});

test("a device of a silent street is unknown", () => {
  const [shown] = filtered([device("a")], { ...everything, states: ["unknown"] }, new Set(["320404001"]));
  assert.equal(shown?.state, "unknown");
});

test("the chosen device stands out and what is gone is a ring", () => {
  const tone: Rgba = [1, 2, 3, 255];
  const tones = { normal: tone, stale: tone, offline: tone, unknown: tone, maintenance: tone };
  const palette = { label: [9, 9, 9, 255], labelHalo: [8, 8, 8, 255] } as unknown as Palette;
  const drawn = devicePoints(filtered([device("a"), device("b", { state: "offline" })], everything, new Set()), palette, tones, "a");
  assert.deepEqual(drawn.ids, ["a", "b"]);
  assert.deepEqual([...drawn.fills.slice(0, 4)], [9, 9, 9, 255]);
  assert.equal(drawn.fills[7], 0);
});
