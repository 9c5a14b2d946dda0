import assert from "node:assert/strict";
import { test } from "node:test";
import { nextRing } from "./sound.ts";
import { stageFor } from "./stage.ts";

test("A ring of the seat is sounded once, red and orange each in its own way", () => {
  const first = nextRing(null, { at: 1000, grave: true });
  assert.deepEqual(first, { heard: 1000, ring: "red" });
  assert.equal(nextRing(first.heard, { at: 1000, grave: true }).ring, null);
  assert.equal(nextRing(first.heard, { at: 16_000, grave: false }).ring, "orange");
});

test("A page that is loaded anew does not sound what rang before it", () => {
  const begun = nextRing(undefined, { at: 1000, grave: true });
  assert.deepEqual(begun, { heard: 1000, ring: null });
  assert.equal(nextRing(begun.heard, { at: 2000, grave: true }).ring, "red");
});

test("A seat that has never rung rings for the first one", () => {
  const quiet = nextRing(undefined, null);
  assert.deepEqual(quiet, { heard: null, ring: null });
  assert.equal(nextRing(quiet.heard, { at: 5, grave: false }).ring, "orange");
});

test("The canvas is scaled as one, centred, and has a shape of its own for 32:9", () => {
  assert.deepEqual(stageFor(1920, 1080), { shape: "single", width: 1920, height: 1080, scale: 1, left: 0, top: 0 });
  assert.deepEqual(stageFor(3840, 2160), { shape: "single", width: 1920, height: 1080, scale: 2, left: 0, top: 0 });
  assert.deepEqual(stageFor(1920, 1200), { shape: "single", width: 1920, height: 1080, scale: 1, left: 0, top: 60 });
  assert.deepEqual(stageFor(7680, 2160), { shape: "wide", width: 3840, height: 1080, scale: 2, left: 0, top: 0 });
});
