import assert from "node:assert/strict";
import { test } from "node:test";
import type { Features } from "./basemap.ts";
import type { Colour, WarningSituation } from "./frame.ts";
import { anchorOf, groundOf, officials, untilText } from "./officials.ts";
import type { Ground } from "./officials.ts";
import type { Palette, Rgba } from "./palette.ts";

const tone = (n: number): Rgba => [n, n, n, 255];
const palette: Palette = {
  severity: { red: tone(4), orange: tone(3), yellow: tone(2), blue: tone(1) },
  device: { normal: tone(10), stale: tone(11), offline: tone(12), unknown: tone(13), maintenance: tone(14) },
  incident: tone(20), label: tone(21), labelHalo: tone(22), cluster: tone(23),
  css: { ground: "", neighbour: "", neighbourLine: "", district: "", districtLine: "", streetLine: "", streetStale: "", metro: "", label: "", labelQuiet: "", labelHalo: "", font: "" },
};

const square = (west: number, south: number, size: number): readonly number[] =>
  [west, south, west + size, south, west + size, south + size, west, south + size, west, south];
const words = { until: "至 {0}", drill: "演练 " };

// 2026-11-23, 14:20 in the district.
const now = Date.UTC(2026, 10, 23, 6, 20);
const warning = (id: string, colour: Colour, more: Partial<WarningSituation> = {}): WarningSituation => ({
  id, rule: "R57", subject: `${id}/暴雨`, area: "320404", lon: 119.9, lat: 31.78, colour, state: "raised", raisedAt: 1, acknowledged: false, shelved: false, inhibited: false,
  silenced: null, name: "暴雨", version: 1, drill: false, areas: [], expiresAt: now + 3_600_000, rings: [square(119.8, 31.7, 0.1)], ...more,
});

const feature = (code: string, west: number): Features["features"][number] => {
  const points = square(west, 31.7, 0.1);
  return { type: "Feature", properties: { code }, geometry: { type: "Polygon", coordinates: [points.flatMap((x, i) => i % 2 === 0 ? [[x, points[i + 1]]] : [])] } };
};

const ground: Ground = groundOf(
  { type: "FeatureCollection", features: [feature("320404", 119.75)] }, { type: "FeatureCollection", features: [feature("320404001", 119.8), feature("320404002", 119.9)] }, [119.7, 31.6, 120.1, 31.9]);

test("A ring is drawn with longitude first, as an outline and a light fill in the warning's colour", () => {
  const view = officials([warning("a", "orange")], palette, ground, words, now);
  const area = view.areas[0];
  assert.deepEqual(area?.polygon[0], [119.8, 31.7]);
  assert.equal(area?.polygon.length, 5);
  assert.deepEqual(area?.fill.slice(0, 3), [3, 3, 3]);
  assert.ok((area?.fill[3] ?? 255) < 64 && (area?.line[3] ?? 0) > 200);
});

test("The label says shape, event and expiry, and stands inside the area at its upper border", () => {
  const name = officials([warning("a", "orange")], palette, ground, words, now).names[0];
  assert.equal(name?.text, "▲ 暴雨 · 至 15:20");
  assert.ok(name !== undefined && Math.abs(name.position[0] - 119.85) < 1e-9 && name.position[1] > 31.78 && name.position[1] < 31.8);
  assert.equal(officials([warning("d", "red", { drill: true })], palette, ground, words, now).names[0]?.text, "▲▲ 演练 暴雨 · 至 15:20");
});

test("An end on another day of the district has its date", () => {
  assert.equal(untilText(Date.UTC(2026, 10, 23, 15, 59), now), "23:59");
  assert.equal(untilText(Date.UTC(2026, 10, 23, 16, 0), now), "11-24 00:00");
});

test("Cancelled, expired, shelved and pending ones are gone, and what is no official warning never was there", () => {
  const gone = [
    warning("a", "red", { state: "cleared" }), warning("b", "red", { shelved: true }), warning("c", "red", { state: "pending" }), warning("d", "red", { expiresAt: null }),
  ];
  assert.deepEqual(officials(gone, palette, ground, words, now), { areas: [], names: [], calls: [] });
});

test("The gravest lies on top, and only an unacknowledged red calls", () => {
  const view = officials([warning("r", "red"), warning("seen", "red", { acknowledged: true, raisedAt: 0 }), warning("y", "yellow")], palette, ground, words, now);
  assert.deepEqual(view.areas.map(area => area.id), ["y", "seen", "r"]);
  assert.deepEqual(view.names.map(name => name.row), [0, 1, 2]);
  assert.deepEqual(view.calls.map(call => call.id), ["r"]);
});

test("Without a polygon the streets that its codes name are drawn, and the district when it holds for all of them", () => {
  const one = officials([warning("a", "blue", { rings: [], areas: ["320404002"] })], palette, ground, words, now);
  assert.deepEqual(one.areas.map(area => area.polygon[0]), [[119.9, 31.7]]);
  const whole = officials([warning("a", "blue", { rings: [], areas: ["320404001", "320404002", "320404400"] })], palette, ground, words, now);
  assert.deepEqual(whole.areas.map(area => area.polygon[0]), [[119.75, 31.7]]);
});

test("The label of an area that reaches beyond the map stands where the map shows it", () => {
  const at = anchorOf([square(119, 31, 3)], [119.7, 31.6, 120.1, 31.9]);
  assert.ok(at !== null && at[1] < 31.9 && at[1] > 31.85);
  assert.equal(anchorOf([square(110, 20, 1)], [119.7, 31.6, 120.1, 31.9]), null);
});

test("The label of a bent area stands in the area", () => {
  // A U, open to the north: its middle is empty above 31.72.
  const bent = [119.8, 31.7, 120, 31.7, 120, 31.8, 119.95, 31.8, 119.95, 31.72, 119.85, 31.72, 119.85, 31.8, 119.8, 31.8, 119.8, 31.7];
  const at = anchorOf([bent], null);
  assert.ok(at !== null && at[1] > 31.7 && at[1] < 31.72);
});

test("An area of a broken ring is left out, and its label still says it", () => {
  const view = officials([warning("a", "red", { rings: [[119.8, 31.7]] })], palette, ground, words, now);
  assert.deepEqual([view.areas.length, view.names[0]?.position], [0, [119.9, 31.78]]);
});
