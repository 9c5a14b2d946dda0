// Owns the map of a wall and its life. Everything added in mount is removed in unmount. Blazor talks to it through the few methods of WallHandle.
import type { Layer, PickingInfo } from "@deck.gl/core";
import { ScatterplotLayer, TextLayer } from "@deck.gl/layers";
import { MapboxOverlay } from "@deck.gl/mapbox";
import { Map as MapLibreMap, Marker, setWorkerUrl } from "maplibre-gl";
import type { GeoJSONSource } from "maplibre-gl";
import { areaOf, baseStyle, boundsOf, loadFeatures, nameAnchors, streetNames, withArea } from "./basemap.ts";
import type { Bounds, Features } from "./basemap.ts";
import { connect } from "./connection.ts";
import { healWith } from "./heal.ts";
import type { Call, Mark, Points, Scene } from "./layers.ts";
import { clusterBelowZoom, glyphFromZoom, markCharacters, scene } from "./layers.ts";
import { officialLayers } from "./officiallayers.ts";
import { groundOf, noGround } from "./officials.ts";
import type { Ground, OfficialWords } from "./officials.ts";
import type { Palette } from "./palette.ts";
import { readPalette } from "./palette.ts";
import { nextRing, openSound } from "./sound.ts";
import type { Heard } from "./sound.ts";
import { showStage, stageFor } from "./stage.ts";
import type { Store } from "./store.ts";
import { firstSight, judge, seeBeat, seeFrame } from "./watchdog.ts";

export interface WallOptions {
  readonly area: string;
  readonly schematic: string;
  readonly silent: string;
  /** Address of the map library's worker. */
  readonly worker: string;
  readonly language: "zh" | "en";
  readonly official: OfficialWords;
}

export interface WallHandle {
  /** The panels are drawn, and from which frame. */
  readonly beat: (epoch: string, seq: number) => void;
  readonly look: (lon: number, lat: number) => void;
  readonly home: () => void;
  readonly mute: (muted: boolean) => void;
  readonly unmount: () => Promise<void>;
}

interface Blazor {
  readonly invokeMethodAsync: (method: string, ...values: readonly unknown[]) => Promise<unknown>;
}

/** At most ten draws a second, however many frames came; fewer on a machine that draws slowly, so that the page always answers. */
const drawEveryMs = 100;
const drawEveryMaxMs = 1000;

/** The part of its time that a page may spend on drawing the map: one in this many. */
const drawShare = 4;
const watchEveryMs = 250;

/** A circuit that is silent this long although its server lives is replaced by a new page. */
const circuitGoneAfterMs = 9000;
function pointLayer(id: string, data: Points, more: Readonly<Record<string, unknown>> = {}): Layer {
  return new ScatterplotLayer({
    id,
    data: {
      length: data.length,
      attributes: {
        getPosition: { value: data.positions, size: 2 },
        getFillColor: { value: data.fills, size: 4, normalized: true },
        getLineColor: { value: data.lines, size: 4, normalized: true },
        getRadius: { value: data.radii, size: 1 },
      },
    },
    radiusUnits: "pixels",
    lineWidthUnits: "pixels",
    getLineWidth: 1.4,
    stroked: true,
    filled: true,
    visible: data.length > 0,
    ...more,
  } as never);
}

function markLayer(id: string, data: readonly Mark[], font: string, more: Readonly<Record<string, unknown>> = {}): Layer {
  return new TextLayer<Mark>({
    id,
    data: data as Mark[],
    getPosition: mark => [mark.position[0], mark.position[1]],
    getText: mark => mark.text,
    getColor: mark => [...mark.colour] as [number, number, number, number],
    getSize: mark => mark.size,
    getAngle: mark => mark.angle,
    fontFamily: font,
    fontWeight: 700,
    characterSet: markCharacters,
    visible: data.length > 0,
    ...more,
  });
}

/** The ordered list of the wall's layers, lowest first. */
function drawn(view: Scene, palette: Palette, east: number): Layer[] {
  const font = palette.css.font;
  const [areas, names] = officialLayers(view.officialAreas, view.officialNames, palette);
  return [
    ...areas,
    pointLayer("clusters", view.clusters, { pickable: false, getLineWidth: 2.5 }),
    markLayer("cluster-counts", view.clusterCounts, font),
    pointLayer("devices", view.devices, { pickable: true }),
    markLayer("glyphs", view.glyphs, font, { getPixelOffset: [0, -14], fontWeight: 500 }),
    markLayer("vehicles", view.vehicles, font, { pickable: true }),
    pointLayer("halos", view.halos, { pickable: true }),
    markLayer("signs", view.signs, font, { pickable: true, outlineWidth: 0 }),
    ...names,
    markLayer("incidents", view.incidents, font, { pickable: true, getPixelOffset: [0, -26] }),
    markLayer("incident-names", view.incidentNames, font, {
      characterSet: "auto", fontWeight: 500, // A name near the right edge is written to the left of its mark.
      getTextAnchor: (mark: Mark) => mark.position[0] > east ? "end" : "start", getPixelOffset: (mark: Mark) => mark.position[0] > east ? [-20, -26] : [20, -26],
      updateTriggers: { getTextAnchor: east, getPixelOffset: east }, background: true, backgroundPadding: [8, 4],
      getBackgroundColor: [...palette.labelHalo], getBorderColor: [...palette.cluster], getBorderWidth: 1,
    }),
  ];
}

/** Zoom matters to the scene only where clusters or glyphs begin, and in half steps while clustered. */
function zoomStep(zoom: number): number {
  return zoom >= clusterBelowZoom ? clusterBelowZoom : zoom >= glyphFromZoom ? Math.max(glyphFromZoom, Math.floor(zoom * 2) / 2) : Math.floor(zoom * 2) / 2;
}

export function mount(root: HTMLElement, canvas: HTMLElement, options: WallOptions, blazor: Blazor): WallHandle {
  const palette = readPalette(root);
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  // A kiosk that is allowed to sound without a touch is opened with ?sound.
  const sound = openSound(new URLSearchParams(location.search).has("sound"));
  let sight = firstSight(performance.now());
  let framesSeen = false;
  let heard: Heard;
  let home: Bounds | null = null;
  let ground: Ground = noGround;
  let lastStore: Store | null = null;
  let lastStep = Number.NaN;
  let view: Scene | null = null;
  let dirty = true;
  let drawnAt = 0;
  let drawing = false;
  let drawEvery = drawEveryMs;
  let animation = 0;
  let staleStreets = "";
  let silentStreets: ReadonlySet<string> = new Set();
  let lastSilent: ReadonlySet<string> = silentStreets;
  let live = "";
  let map: MapLibreMap | null = null;
  let overlay: MapboxOverlay | null = null;
  const calls = new Map<string, Marker>();

  const pixelRatio = (): number => Math.min(4, devicePixelRatio * stageFor(innerWidth, innerHeight).scale);
  const arrange = (): void => {
    showStage(root, stageFor(innerWidth, innerHeight));
    map?.setPixelRatio(pixelRatio());
    overlay?.setProps({ useDevicePixels: pixelRatio() });
    map?.resize();
  };

  const connection = connect(options.area, frame => {
    // The wall of a street has no children: it watches its own street's heartbeat, which a live hub over a dead silo does not move.
    const streets = frame.counts.children.length > 0 ? frame.counts.children : [{ area: frame.area, at: frame.at }];
    sight = seeFrame(sight, streets, performance.now());
    framesSeen = true;
    dirty = true;
  }, reason => { root.dataset["revoked"] = reason; });

  const picked = (info: PickingInfo): void => {
    if (view === null || info.layer === null || info.index < 0) return;
    const kinds: Readonly<Record<string, { kind: string; ids: readonly { id: string }[] | readonly string[] }>> = {
      devices: { kind: "device", ids: view.devices.ids },
      vehicles: { kind: "device", ids: view.vehicles },
      halos: { kind: "warning", ids: view.halos.ids },
      signs: { kind: "warning", ids: view.signs },
      incidents: { kind: "incident", ids: view.incidents },
      "official-names": { kind: "warning", ids: view.officialNames },
    };
    const found = kinds[info.layer.id];
    const item = found?.ids[info.index];
    if (found !== undefined && item !== undefined) void blazor.invokeMethodAsync("PickAsync", found.kind, typeof item === "string" ? item : item.id);
  };

  showStage(root, stageFor(innerWidth, innerHeight));
  try {
    setWorkerUrl(new URL(options.worker, document.baseURI).href);
    map = new MapLibreMap({
      container: canvas,
      style: baseStyle(palette, options),
      center: [119.857, 31.788],
      zoom: 11.5,
      attributionControl: false,
      localIdeographFontFamily: palette.css.font,
      pixelRatio: pixelRatio(),
      dragRotate: false,
      pitchWithRotate: false,
      fadeDuration: 0,
      maxZoom: 18,
      minZoom: 9,
    });
    map.touchZoomRotate.disableRotation();
    overlay = new MapboxOverlay({ interleaved: false, layers: [], pickingRadius: 14, onClick: picked, useDevicePixels: pixelRatio() });
    map.addControl(overlay);
    map.on("zoom", () => { dirty = true; });
    map.on("moveend", () => { view = null; dirty = true; });
    const ready = new Promise<void>(resolve => { map?.once("load", () => resolve()); });
    void Promise.all([ready, loadFeatures("neighbours"), loadFeatures("district"), loadFeatures("streets"), loadFeatures("metro")])
      .then(([, neighbours, district, streets, metro]) => {
        if (map === null) return;
        const put = (source: string, features: Features): void => { void map?.getSource<GeoJSONSource>(source)?.setData(features as never); };
        const areas = withArea(streets);
        put("neighbours", neighbours);
        put("district", district);
        put("streets", areas);
        put("names", nameAnchors(areas));
        put("metro", metro);
        home = boundsOf(areas.features.filter(feature => areaOf(feature) === options.area)) ?? boundsOf(district.features);
        ground = groundOf(district, areas, home);
        view = null;
        dirty = true;
        if (home !== null) map.fitBounds(home, { padding: 28, animate: false });
        root.dataset["map"] = "ready";
      });
  } catch {
    // Without WebGL the lists beside the map still hold everything; the map says so in words.
    map = null;
    root.dataset["map"] = "unavailable";
  }

  const showCalls = (wanted: readonly Call[]): void => {
    if (map === null) return;
    const ids = new Set(wanted.map(call => call.id));
    for (const [id, marker] of calls) {
      if (ids.has(id)) continue;
      marker.remove();
      calls.delete(id);
    }
    for (const call of wanted) {
      const old = calls.get(call.id);
      if (old !== undefined) {
        old.setLngLat([call.position[0], call.position[1]]);
        continue;
      }
      const element = document.createElement("div");
      element.className = "map-call";
      element.setAttribute("aria-hidden", "true");
      element.appendChild(document.createElement("i"));
      calls.set(call.id, new Marker({ element }).setLngLat([call.position[0], call.position[1]]).addTo(map));
    }
  };

  const draw = (now: number): void => {
    animation = requestAnimationFrame(draw);
    if (drawing) {
      // The next animation frame comes when the last drawing is done with: that is what it cost.
      drawEvery = Math.min(drawEveryMaxMs, Math.max(drawEveryMs, (now - drawnAt) * drawShare));
      drawing = false;
    }
    if (!dirty || now - drawnAt < drawEvery) return;
    drawnAt = now;
    dirty = false;
    const { store } = connection.take();
    const step = zoomStep(map?.getZoom() ?? 12);
    const same = lastStore !== null && store.devices === lastStore.devices && store.warnings === lastStore.warnings && store.incidents === lastStore.incidents && step === lastStep && lastSilent === silentStreets;
    const moved = view === null;
    if (!same || view === null) view = scene(store, palette, step, silentStreets, ground, options.official);
    root.dataset["mapEpoch"] = store.epoch ?? "";
    root.dataset["mapSeq"] = String(store.seq);
    lastStore = store;
    lastStep = step;
    lastSilent = silentStreets;
    if (same && !moved) return;
    const bounds = map?.getBounds();
    const east = bounds === undefined ? 180 : bounds.getWest() + (bounds.getEast() - bounds.getWest()) * 0.68;
    overlay?.setProps({ layers: drawn(view, palette, east) });
    drawing = true;
    showCalls(view.calls);
    // For one who looks from outside: which official warnings the map draws now, and as how many areas.
    root.dataset["officials"] = view.officialNames.map(name => name.id).join(" ");
    root.dataset["officialAreas"] = String(view.officialAreas.length);
  };

  const watch = (): void => {
    const now = performance.now();
    const judgement = judge(sight, now);
    const state = judgement.stale || judgement.staleStreets.has(options.area) ? "stale" : framesSeen ? "live" : "waiting";
    if (state !== live) {
      live = state;
      root.dataset["live"] = state;
    }
    root.style.setProperty("--stale-seconds", `"${Math.floor(judgement.ageMs / 1000)}"`);
    const grey = [...judgement.staleStreets].sort().join(" ");
    if (grey !== staleStreets) {
      staleStreets = grey;
      root.dataset["staleStreets"] = grey;
      silentStreets = judgement.staleStreets;
      dirty = true;
      if (map?.getLayer("streets-stale") !== undefined) {
        map.setFilter("streets-stale", ["in", ["get", "area"], ["literal", [...silentStreets]]]);
        map.setLayoutProperty("streets-name", "text-field", streetNames(options, [...silentStreets]) as never);
      }
    }
    if (now - sight.beatAt > circuitGoneAfterMs) void healWith(async () => performance.now() - sight.beatAt < circuitGoneAfterMs);
    if (state === "live") {
      const next = nextRing(heard, connection.take().store.counts.seat.ring);
      heard = next.heard;
      if (next.ring !== null) sound.ring(next.ring === "red");
    }
    root.dataset["sound"] = sound.blocked() ? "blocked" : "ready";
  };

  addEventListener("resize", arrange);
  const watching = setInterval(watch, watchEveryMs);
  animation = requestAnimationFrame(draw);

  return {
    beat: (epoch, seq) => {
      sight = seeBeat(sight, performance.now());
      root.dataset["panelEpoch"] = epoch;
      root.dataset["panelSeq"] = String(seq);
    },
    look: (lon, lat) => { map?.easeTo({ center: [lon, lat], zoom: Math.max(map.getZoom(), 14), offset: [-Math.min(280, map.getContainer().clientWidth / 4), 0], duration: still.matches ? 0 : 600 }); },
    home: () => { if (home !== null) map?.fitBounds(home, { padding: 28, duration: still.matches ? 0 : 600 }); },
    mute: muted => sound.mute(muted),
    unmount: async () => {
      cancelAnimationFrame(animation);
      clearInterval(watching);
      removeEventListener("resize", arrange);
      await connection.close();
      sound.close();
      showCalls([]);
      map?.remove();
    },
  };
}
