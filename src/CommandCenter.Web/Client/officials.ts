// Official warnings as areas: what their polygons and circles cover, else the streets that their codes name. An area is an outline with a light fill, below everything
// that can be touched; its label says the event and when it ends. Pure.
import type { Bounds, Features } from "./basemap.ts";
import { areaOf, boundsOf } from "./basemap.ts";
import type { WarningSituation } from "./frame.ts";
import type { Call, Mark } from "./layers.ts";
import type { Palette, Rgba } from "./palette.ts";
import { withAlpha } from "./palette.ts";
import { isShown, pulses, rank, severityShape } from "./severity.ts";

/** Longitude, latitude, longitude, … in degrees; the last point is the first. */
export type Ring = readonly number[];

/** What the map knows of the ground: where it looks when it is at home, and the outlines that codes stand for. */
export interface Ground {
  readonly home: Bounds | null;
  readonly district: readonly Ring[];
  readonly streets: ReadonlyMap<string, readonly Ring[]>;
}

export interface OfficialWords {
  /** With {0} for the time, such as 至 {0}. */
  readonly until: string;
  readonly drill: string;
}

export interface OfficialArea {
  readonly id: string;
  readonly polygon: readonly (readonly [number, number])[];
  readonly fill: Rgba;
  readonly line: Rgba;
}

export interface OfficialName extends Mark {
  /** Labels of one place stand in rows, from 0. */
  readonly row: number;
}

export interface OfficialScene {
  readonly areas: readonly OfficialArea[];
  readonly names: readonly OfficialName[];
  readonly calls: readonly Call[];
}

export const noGround: Ground = { home: null, district: [], streets: new Map() };
export const noOfficials: OfficialScene = { areas: [], names: [], calls: [] };

/** More areas than this on one map tell nobody anything; the gravest and newest are kept, the list beside the map has all. */
const areasMax = 40;
const zone = "Asia/Shanghai";
const clockOf = new Intl.DateTimeFormat("en-GB", { timeZone: zone, month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

/** A warning that its issuer ends, or its time. */
export function isOfficial(warning: WarningSituation): boolean {
  return warning.expiresAt !== null;
}

function ringsOf(coordinates: unknown, type: string): readonly Ring[] {
  if (!Array.isArray(coordinates)) return [];
  const polygons = type === "MultiPolygon" ? coordinates : type === "Polygon" ? [coordinates] : [];
  return polygons.flatMap(polygon => Array.isArray(polygon) && Array.isArray(polygon[0]) ? [(polygon[0] as readonly (readonly number[])[]).flatMap(point => [point[0] ?? 0, point[1] ?? 0])] : []);
}

/** The ground as the map files draw it. */
export function groundOf(district: Features, streets: Features, home: Bounds | null): Ground {
  const rings = (features: Features): readonly (readonly [string, readonly Ring[]])[] =>
    features.features.map(feature => [areaOf(feature), ringsOf(feature.geometry?.coordinates, feature.geometry?.type ?? "")] as const);
  return { home: home ?? boundsOf(district.features), district: rings(district).flatMap(([, found]) => found), streets: new Map(rings(streets).filter(([area]) => area !== "")) };
}

/** 18:30, or 11-24 06:00 when it is another day in the district. */
export function untilText(expires: number, now: number): string {
  const parts = (at: number): Readonly<Record<string, string>> => Object.fromEntries(clockOf.formatToParts(at).map(part => [part.type, part.value]));
  const end = parts(expires);
  const today = parts(now);
  const time = `${end["hour"] ?? ""}:${end["minute"] ?? ""}`;
  return end["month"] === today["month"] && end["day"] === today["day"] ? time : `${end["month"] ?? ""}-${end["day"] ?? ""} ${time}`;
}

/** What the warning covers: as drawn by its issuer, else the district when it holds for every street, else the streets. */
function coverOf(warning: WarningSituation, ground: Ground): readonly Ring[] {
  if (warning.rings.length > 0) return warning.rings;
  const streets = [...ground.streets.keys()];
  if (streets.length > 0 && streets.every(street => warning.areas.includes(street))) return ground.district;
  return warning.areas.flatMap(area => ground.streets.get(area) ?? []);
}

/** The northernmost place on the ring's middle that the map shows, so that a label stands at the upper border of its area and never outside the wall. */
export function anchorOf(rings: readonly Ring[], home: Bounds | null): readonly [number, number] | null {
  const box: Bounds = [180, 90, -180, -90];
  for (const ring of rings) {
    for (let i = 0; i + 1 < ring.length; i += 2) {
      box[0] = Math.min(box[0], ring[i] ?? 180);
      box[1] = Math.min(box[1], ring[i + 1] ?? 90);
      box[2] = Math.max(box[2], ring[i] ?? -180);
      box[3] = Math.max(box[3], ring[i + 1] ?? -90);
    }
  }
  const [west, south, east, north] = home ?? box;
  const [left, right] = [Math.max(box[0], west), Math.min(box[2], east)];
  if (left >= right || box[1] >= north || box[3] <= south) return null;
  const x = (left + right) / 2;
  const crossings: number[] = [];
  for (const ring of rings) {
    for (let i = 0; i + 3 < ring.length; i += 2) {
      const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = ring.slice(i, i + 4);
      if ((x1 <= x && x < x2) || (x2 <= x && x < x1)) crossings.push(y1 + ((x - x1) / (x2 - x1)) * (y2 - y1));
    }
  }
  // From south to north the line enters and leaves; the uppermost stretch that the map shows carries the label, a little below its end.
  crossings.sort((a, b) => a - b);
  for (let i = crossings.length - 2; i >= 0; i -= 2) {
    const [low, high] = [Math.max(crossings[i] ?? 0, south), Math.min(crossings[i + 1] ?? 0, north)];
    if (low < high) return [x, high - Math.min((high - low) / 2, (north - south) * 0.04)];
  }
  return null;
}

function polygonOf(ring: Ring): readonly (readonly [number, number])[] {
  const points: (readonly [number, number])[] = [];
  for (let i = 0; i + 1 < ring.length; i += 2) points.push([ring[i] ?? 0, ring[i + 1] ?? 0]);
  return points;
}

/** The official warnings that stand, gravest last and so on top. */
export function officials(warnings: Iterable<WarningSituation>, palette: Palette, ground: Ground, words: OfficialWords, now: number): OfficialScene {
  const standing = [...warnings].filter(warning => isOfficial(warning) && isShown(warning));
  if (standing.length === 0) return noOfficials;
  standing.sort((a, b) => rank[a.colour] - rank[b.colour] || (a.raisedAt ?? 0) - (b.raisedAt ?? 0) || (a.id < b.id ? -1 : 1));
  const areas: OfficialArea[] = [];
  const names: OfficialName[] = [];
  const calls: Call[] = [];
  const rows = new Map<string, number>();
  for (const warning of standing.slice(-areasMax)) {
    const cover = coverOf(warning, ground);
    const tone = palette.severity[warning.colour];
    for (const ring of cover) {
      if (ring.length >= 8) areas.push({ id: warning.id, polygon: polygonOf(ring), fill: withAlpha(tone, 0.1), line: withAlpha(tone, warning.acknowledged ? 0.6 : 0.95) });
    }
    const position = anchorOf(cover, ground.home) ?? (warning.lon !== null && warning.lat !== null ? [warning.lon, warning.lat] as const : null);
    if (position === null) continue;
    const place = `${position[0].toFixed(2)}:${position[1].toFixed(2)}`;
    const row = rows.get(place) ?? 0;
    rows.set(place, row + 1);
    const until = warning.expiresAt === null ? "" : ` · ${words.until.replace("{0}", untilText(warning.expiresAt, now))}`;
    names.push({
      id: warning.id, position, text: `${severityShape[warning.colour]} ${warning.drill ? words.drill : ""}${warning.name}${until}`, colour: tone, size: 15, angle: 0, row,
    });
    if (pulses(warning)) calls.push({ id: warning.id, position });
  }
  return { areas, names, calls };
}
