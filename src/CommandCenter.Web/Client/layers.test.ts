import assert from "node:assert/strict";
import { test } from "node:test";
import type { Colour, DeviceSituation, DeviceState, IncidentSituation, WarningSituation } from "./frame.ts";
import { cells, clusterFromDevices, scene } from "./layers.ts";
import type { Palette, Rgba } from "./palette.ts";
import { parseColour } from "./palette.ts";
import { emptyStore } from "./store.ts";
import type { Store } from "./store.ts";

const tone = (n: number): Rgba => [n, n, n, 255];
const palette: Palette = {
  severity: { red: tone(4), orange: tone(3), yellow: tone(2), blue: tone(1) },
  device: { normal: tone(10), stale: tone(11), offline: tone(12), unknown: tone(13), maintenance: tone(14) },
  incident: tone(20), label: tone(21), labelHalo: tone(22), cluster: tone(23),
  css: { ground: "", neighbour: "", neighbourLine: "", district: "", districtLine: "", streetLine: "", streetStale: "", metro: "", label: "", labelQuiet: "", labelHalo: "", font: "" },
};

const device = (id: string, state: DeviceState = "normal", colour: Colour | null = null, kind = "water_level"): DeviceSituation => ({
  id, state, colour, lon: 119.9, lat: 31.78, at: 1, values: {}, kind, name: id, street: "320404001", domain: "urban", heading: kind === "vehicle" ? 90 : null, event: null,
});

const warning = (id: string, colour: Colour, more: Partial<WarningSituation> = {}): WarningSituation => ({
  id, rule: "R01", subject: id, area: "320404001", lon: 119.9, lat: 31.78, colour, state: "raised", raisedAt: 1, acknowledged: false, shelved: false, inhibited: false, silenced: null, name: id, version: 1,
  drill: false, areas: [], expiresAt: null, rings: [], ...more,
});

const store = (devices: readonly DeviceSituation[], warnings: readonly WarningSituation[] = []): Store => ({
  ...emptyStore("320404"), devices: new Map(devices.map(item => [item.id, item])), warnings: new Map(warnings.map(item => [item.id, item])),
});

test("Silence is a ring and never a calm dot", () => {
  const view = scene(store([device("a"), device("b", "offline"), device("c", "unknown")]), palette, 12);
  const fillAlpha = view.devices.ids.map((id, index) => [id, view.devices.fills[index * 4 + 3]]);
  assert.deepEqual(Object.fromEntries(fillAlpha), { a: 255, b: 0, c: 0 });
});

test("A warning stands as a sign with shape, and its device's dot makes room", () => {
  const view = scene(store([device("a", "normal", "orange"), device("b")], [warning("a", "orange")]), palette, 12);
  assert.deepEqual(view.signs.map(sign => [sign.text, sign.colour]), [["▲", tone(3)]]);
  assert.deepEqual(view.devices.ids, ["b"]);
});

test("Only an unacknowledged raised red calls", () => {
  const view = scene(store([], [
    warning("new", "red"), warning("seen", "red", { acknowledged: true }), warning("waiting", "red", { state: "pending" }), warning("hidden", "red", { shelved: true }),
    warning("explained", "red", { inhibited: true }), warning("orange", "orange"),
  ]), palette, 12);
  assert.deepEqual(view.calls.map(call => call.id), ["new"]);
  assert.deepEqual(view.signs.map(sign => sign.id), ["orange", "new", "seen"]);
});

test("An official warning is an area below everything with a label, and no sign of a place", () => {
  const official = warning("rain", "orange", { expiresAt: Date.UTC(2026, 10, 23, 10), rings: [[119.8, 31.7, 119.9, 31.7, 119.9, 31.8, 119.8, 31.8, 119.8, 31.7]] });
  const view = scene(store([], [official, warning("a", "red")]), palette, 12, new Set(), { home: null, district: [], streets: new Map() }, { until: "至 {0}", drill: "演练 " });
  assert.deepEqual(view.signs.map(sign => sign.id), ["a"]);
  assert.deepEqual(view.halos.ids, ["a"]);
  assert.deepEqual(view.officialAreas.map(area => area.id), ["rain"]);
  assert.deepEqual(view.officialNames.map(name => name.id), ["rain"]);
});

test("A silent street's devices are drawn as unknown whatever they said last", () => {
  const view = scene(store([device("a")]), palette, 12, new Set(["320404001"]));
  assert.deepEqual([...view.devices.lines.slice(0, 4)], [...tone(13)]);
  assert.equal(view.devices.fills[3], 0);
});

test("A vehicle points where it goes", () => {
  const view = scene(store([device("v", "normal", null, "vehicle")]), palette, 12);
  assert.deepEqual(view.vehicles.map(mark => [mark.text, mark.angle]), [["▲", -90]]);
});

test("A crowded map shows cells with count and gravest colour, and every abnormal device beside", () => {
  const many = Array.from({ length: clusterFromDevices }, (_, index) => device(`d${index}`, "normal", index === 7 ? "yellow" : null));
  const view = scene(store(many), palette, 11);
  assert.deepEqual(view.clusterCounts.map(mark => mark.text), [String(clusterFromDevices)]);
  assert.deepEqual([...view.clusters.lines.slice(0, 4)], [...tone(2)]);
  assert.deepEqual(view.devices.ids, ["d7"]);
  assert.equal(cells([device("a"), { ...device("b"), lon: 120.9 }], 11).length, 2);
});

test("Colours of the style sheet are parsed, and a wrong one is refused", () => {
  assert.deepEqual(parseColour(" #ff8a1f "), [255, 138, 31, 255]);
  assert.deepEqual(parseColour("rgba(4, 11, 21, 0.5)"), [4, 11, 21, 128]);
  assert.throws(() => parseColour("var(--x)"), /not a colour/);
});

test("Names that would lie upon each other give way to the gravest, and every incident keeps its mark", () => {
  const incident = (id: string, lon: number, colour: Colour, number = id): IncidentSituation => ({
    id, number, title: `积水 ${id}`, area: "320404001", lon, lat: 31.78, state: "filed", colour, version: 1,
  });
  const near = [incident("a", 119.9, "orange"), incident("b", 119.901, "red"), incident("c", 119.902, "orange"), incident("far", 120.1, "blue")];
  const crowded = scene({ ...store([]), incidents: new Map(near.map(item => [item.id, item])) }, palette, 12);
  assert.deepEqual(crowded.incidents.map(mark => mark.id), ["a", "b", "c", "far"]);
  assert.deepEqual(crowded.incidentNames.map(mark => mark.id), ["b", "far"]);

  const close = scene({ ...store([]), incidents: new Map(near.map(item => [item.id, item])) }, palette, 19);
  assert.deepEqual(close.incidentNames.map(mark => mark.id), ["b", "c", "a", "far"]);
});
