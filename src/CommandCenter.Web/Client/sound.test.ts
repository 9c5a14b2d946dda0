import assert from "node:assert/strict";
import { test } from "node:test";
import type { Colour, WarningSituation } from "./frame.ts";
import { nextRing, nothingRung, repeatAfterMs } from "./sound.ts";
import { stageFor } from "./stage.ts";

const warning = (id: string, colour: Colour, acknowledged = false): WarningSituation => ({
  id, rule: "R01", subject: id, area: "a", lon: null, lat: null, colour, state: "raised", raisedAt: 1, acknowledged, shelved: false, inhibited: false, name: id, version: 1,
});

test("A new red rings at once and again until someone acknowledges", () => {
  const first = nextRing(nothingRung, [warning("w", "red")], 1000);
  assert.equal(first.ring, "red");
  assert.equal(nextRing(first.rung, [warning("w", "red")], 6000).ring, null);
  assert.equal(nextRing(first.rung, [warning("w", "red")], 1000 + repeatAfterMs).ring, "red");
  assert.equal(nextRing(first.rung, [warning("w", "red", true)], 1000 + repeatAfterMs).ring, null);
});

test("Orange rings once, and again when it becomes red; yellow and blue never", () => {
  const first = nextRing(nothingRung, [warning("w", "orange"), warning("y", "yellow"), warning("b", "blue")], 0);
  assert.equal(first.ring, "orange");
  assert.equal(nextRing(first.rung, [warning("w", "orange")], 60_000).ring, null);
  assert.equal(nextRing(first.rung, [warning("w", "red")], 60_000).ring, "red");
  assert.equal(nextRing(nothingRung, [warning("y", "yellow")], 0).ring, null);
});

test("A flood is one ring, and what came in its silence is heard after it", () => {
  const flood = nextRing(nothingRung, [warning("a", "red"), warning("b", "red"), warning("c", "orange")], 0);
  assert.equal(flood.ring, "red");
  const during = nextRing(flood.rung, [warning("a", "red", true), warning("d", "orange")], 1000);
  assert.equal(during.ring, null);
  assert.equal(nextRing(during.rung, [warning("a", "red", true), warning("d", "orange")], 5000).ring, "orange");
});

test("The canvas is scaled as one, centred, and has a shape of its own for 32:9", () => {
  assert.deepEqual(stageFor(1920, 1080), { shape: "single", width: 1920, height: 1080, scale: 1, left: 0, top: 0 });
  assert.deepEqual(stageFor(3840, 2160), { shape: "single", width: 1920, height: 1080, scale: 2, left: 0, top: 0 });
  assert.deepEqual(stageFor(1920, 1200), { shape: "single", width: 1920, height: 1080, scale: 1, left: 0, top: 60 });
  assert.deepEqual(stageFor(7680, 2160), { shape: "wide", width: 3840, height: 1080, scale: 2, left: 0, top: 0 });
});
