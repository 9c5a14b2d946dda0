import assert from "node:assert/strict";
import { test } from "node:test";
import { firstSight, judge, seeBeat, seeFrame, staleAfterMs, streetStaleAfterMs } from "./watchdog.ts";

test("A wall is live until either the hub or the circuit is silent for more than three seconds", () => {
  const sight = seeBeat(seeFrame(firstSight(0), [], 1000), 1000);
  assert.equal(judge(sight, 1000 + staleAfterMs).stale, false);
  assert.equal(judge(sight, 1001 + staleAfterMs).stale, true);
  assert.deepEqual([judge(seeBeat(sight, 5000), 5000).stale, judge(seeBeat(sight, 5000), 5000).cause], [true, "hub"]);
  assert.deepEqual([judge(seeFrame(sight, [], 5000), 5000).stale, judge(seeFrame(sight, [], 5000), 5000).cause], [true, "circuit"]);
});

test("It heals when both are heard again", () => {
  const sight = seeBeat(seeFrame(firstSight(0), [], 60_000), 60_000);
  assert.equal(judge(sight, 60_500).stale, false);
});

test("A street whose own heartbeat stands still greys alone, however fast the hub speaks", () => {
  let sight = firstSight(0);
  for (let now = 0; now <= 10_000; now += 1000) {
    sight = seeBeat(seeFrame(sight, [{ area: "alive", at: now * 60 }, { area: "dead", at: Math.min(now, 2000) * 60 }], now), now);
  }
  const judgement = judge(sight, 10_000);
  assert.equal(judgement.stale, false);
  assert.deepEqual([...judgement.staleStreets], ["dead"]);
  assert.deepEqual([...judge(sight, 2000 + streetStaleAfterMs).staleStreets], []);
});
