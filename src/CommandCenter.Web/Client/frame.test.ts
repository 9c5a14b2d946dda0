import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { readFrame, readSnapshotPart } from "./frame.ts";

// npm runs scripts in the folder of package.json.
const golden = (): Record<string, unknown> => JSON.parse(readFileSync("../../tests/CommandCenter.Web.Tests/Client/frame.golden.json", "utf8")) as Record<string, unknown>;

test("The golden frame of the server is read whole", () => {
  const frame = readFrame(golden());
  assert.equal(frame.area, "320404");
  assert.equal(frame.epoch, "e-1");
  assert.equal(frame.seq, 812);
  assert.equal(frame.at, Date.parse("2026-11-23T06:20:00.000Z"));
  assert.equal(frame.heartbeat, false);
  assert.deepEqual(frame.devices[0], {
    id: "wl-001", state: "normal", colour: "red", lon: 119.934, lat: 31.766, at: Date.parse("2026-11-23T06:19:59.000Z"), values: { water_depth: 262 },
    kind: "water_level", name: "龙江路下穿 积水1", street: "320404002", domain: "urban", heading: null, event: null,
  });
  assert.deepEqual(frame.devices[1]?.event, {
    id: "e-1", type: "illegal_parking", state: "start", confidence: 0.91, snapshot: "https://camera.example/1.jpg", at: Date.parse("2026-11-23T06:19:00.000Z"),
  });
  assert.equal(frame.warnings[0]?.colour, "red");
  assert.equal(frame.warnings[0]?.acknowledged, true);
  assert.equal(frame.warnings[0]?.name, "龙江路下穿 积水1");
  assert.deepEqual([frame.warnings[0]?.expiresAt, frame.warnings[0]?.rings, frame.warnings[0]?.areas], [null, [], []]);
  assert.deepEqual(frame.warnings[1], {
    id: "w-9", rule: "R57", subject: "cap-1/暴雨", area: "320404", lon: 119.85, lat: 31.75, colour: "orange", state: "raised", raisedAt: Date.parse("2026-11-23T06:10:00.000Z"),
    acknowledged: false, shelved: false, inhibited: false, silenced: null, name: "暴雨橙色预警", version: 1, drill: false, areas: ["320404002", "320404004"],
    expiresAt: Date.parse("2026-11-23T09:20:00.000Z"), rings: [[119.8, 31.7, 119.9, 31.7, 119.9, 31.8, 119.8, 31.7]],
  });
  assert.equal(frame.incidents[0]?.state, "dispatched");
  assert.equal(frame.tasks[0]?.state, "issued");
  assert.deepEqual(frame.removed, { devices: ["gone-1"], warnings: [], incidents: ["inc-0"], tasks: [] });
  assert.deepEqual(frame.counts, { seat: { flood: true, ring: { at: Date.parse("2026-11-23T06:19:55.000Z"), grave: true } }, children: [{ area: "320404002", at: Date.parse("2026-11-23T06:19:59.500Z") }], lastReadingAt: Date.parse("2026-11-23T06:19:59.000Z"), canaryMs: 3 });
});

test("A snapshot part is a frame with its number", () => {
  const part = readSnapshotPart({ ...golden(), part: 2, parts: 3 });
  assert.equal(part.part, 2);
  assert.equal(part.parts, 3);
  assert.equal(part.frame.seq, 812);
});

test("A frame that is not one is refused with the field's name", () => {
  assert.throws(() => readFrame({ ...golden(), seq: "812" }), /frame\.seq: a number expected, got string/);
  assert.throws(() => readFrame({ ...golden(), at: "soon" }), /frame\.at: a time expected/);
  assert.throws(() => readFrame({ ...golden(), devices: [{ id: "x", state: "asleep" }] }), /frame\.devices\[0\]\.state: one of/);
  assert.throws(() => readFrame(null), /frame: an object expected, got null/);
});
