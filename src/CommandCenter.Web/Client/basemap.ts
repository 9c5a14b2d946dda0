// What lies under every map of the platform: borders, names, metro lines, in the colours of the tokens. Read from the maps folder, drawn by MapLibre.
import type { StyleSpecification } from "maplibre-gl";
import type { Palette } from "./palette.ts";

export interface MapWords {
  readonly schematic: string;
  readonly silent: string;
  readonly language: "zh" | "en";
}

export interface Feature {
  readonly type: "Feature";
  readonly properties: Readonly<Record<string, unknown>> | null;
  readonly geometry: { readonly type: string; readonly coordinates: unknown } | null;
}

export interface Features {
  readonly type: "FeatureCollection";
  readonly features: readonly Feature[];
}

export type Bounds = [number, number, number, number];

const noFeatures: Features = { type: "FeatureCollection", features: [] };

export async function loadFeatures(name: string): Promise<Features> {
  try {
    const answer = await fetch(`/maps/${name}.geojson`);
    return answer.ok ? ((await answer.json()) as Features) : noFeatures;
  } catch {
    return noFeatures;
  }
}

export function areaOf(feature: Feature): string {
  const code = feature.properties?.["code"];
  return typeof code === "string" ? code : "";
}

function widen(bounds: Bounds, coordinates: unknown): void {
  if (!Array.isArray(coordinates)) return;
  if (typeof coordinates[0] === "number" && typeof coordinates[1] === "number") {
    bounds[0] = Math.min(bounds[0], coordinates[0]);
    bounds[1] = Math.min(bounds[1], coordinates[1]);
    bounds[2] = Math.max(bounds[2], coordinates[0]);
    bounds[3] = Math.max(bounds[3], coordinates[1]);
    return;
  }
  for (const part of coordinates) widen(bounds, part);
}

export function boundsOf(features: readonly Feature[]): Bounds | null {
  const bounds: Bounds = [180, 90, -180, -90];
  for (const feature of features) widen(bounds, feature.geometry?.coordinates);
  return bounds[0] > bounds[2] ? null : bounds;
}

function nameOf(words: MapWords): unknown {
  return ["coalesce", ["get", words.language === "en" ? "nameEn" : "name"], ["get", "name"], ""];
}

/** A street's name; below it, smaller, that its border is schematic, and that it is silent. */
export function streetNames(words: MapWords, silent: readonly string[]): unknown {
  return ["format", nameOf(words), {}, ["case", ["in", ["get", "area"], ["literal", silent]], `\n${words.silent}`, ""], { "font-scale": 0.85 },
    ["case", ["==", ["get", "schematic"], true], `\n${words.schematic}`, ""], { "font-scale": 0.7 }];
}

export function baseStyle(palette: Palette, words: MapWords): StyleSpecification {
  const css = palette.css;
  const empty = { type: "FeatureCollection" as const, features: [] };
  return {
    version: 8,
    sources: {
      neighbours: { type: "geojson", data: empty },
      district: { type: "geojson", data: empty },
      streets: { type: "geojson", data: empty },
      metro: { type: "geojson", data: empty },
      names: { type: "geojson", data: empty },
    },
    layers: [
      { id: "ground", type: "background", paint: { "background-color": css.ground } },
      { id: "neighbours", type: "fill", source: "neighbours", paint: { "fill-color": css.neighbour } },
      { id: "neighbours-line", type: "line", source: "neighbours", paint: { "line-color": css.neighbourLine, "line-width": 1 } },
      { id: "district", type: "fill", source: "district", paint: { "fill-color": css.district } },
      { id: "streets-stale", type: "fill", source: "streets", filter: ["in", "area", ""], paint: { "fill-color": css.streetStale } },
      { id: "streets-line", type: "line", source: "streets", paint: { "line-color": css.streetLine, "line-width": 1.2, "line-dasharray": [3, 3] } },
      { id: "metro", type: "line", source: "metro", filter: ["==", ["get", "kind"], "line"], paint: { "line-color": css.metro, "line-width": 2 } },
      { id: "metro-stations", type: "circle", source: "metro", filter: ["==", ["get", "kind"], "station"],
        paint: { "circle-radius": 2.4, "circle-color": css.district, "circle-stroke-color": css.metro, "circle-stroke-width": 1.2 } },
      { id: "district-line", type: "line", source: "district", paint: { "line-color": css.districtLine, "line-width": 2 } },
      { id: "streets-name", type: "symbol", source: "names",
        layout: { "text-field": streetNames(words, []) as never, "text-size": 16, "text-letter-spacing": 0.1, "text-line-height": 1.3 },
        paint: { "text-color": css.labelQuiet, "text-halo-color": css.labelHalo, "text-halo-width": 1.4 } },
      { id: "metro-names", type: "symbol", source: "metro", minzoom: 12.6, filter: ["==", ["get", "kind"], "station"],
        layout: { "text-field": nameOf(words) as never, "text-size": 11, "text-offset": [0, 1] },
        paint: { "text-color": css.metro, "text-halo-color": css.labelHalo, "text-halo-width": 1 } },
    ],
  } as StyleSpecification;
}

/** One name per street, where the map says or in the middle. */
export function nameAnchors(streets: Features): Features {
  return {
    type: "FeatureCollection",
    features: streets.features.flatMap(feature => {
      const bounds = boundsOf([feature]);
      if (bounds === null) return [];
      const label = feature.properties?.["label"];
      const at = Array.isArray(label) ? label : [(bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2];
      return [{ type: "Feature" as const, properties: feature.properties, geometry: { type: "Point", coordinates: at } }];
    }),
  };
}

export function withArea(features: Features): Features {
  return { type: "FeatureCollection", features: features.features.map(feature => ({ ...feature, properties: { ...feature.properties, area: areaOf(feature) } })) };
}
