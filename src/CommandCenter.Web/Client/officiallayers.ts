// The drawing of official warnings, the same on every map of the platform: areas below what can be touched, labels above them.
import type { Layer } from "@deck.gl/core";
import { PolygonLayer, TextLayer } from "@deck.gl/layers";
import type { OfficialArea, OfficialName } from "./officials.ts";
import type { Palette } from "./palette.ts";

type Colour4 = [number, number, number, number];

/** Rows of labels at one place go downwards, each this far. */
const rowPx = 30;

export function officialLayers(areas: readonly OfficialArea[], names: readonly OfficialName[], palette: Palette): readonly [readonly Layer[], readonly Layer[]] {
  return [
    [new PolygonLayer<OfficialArea>({
      id: "official-areas",
      data: areas as OfficialArea[],
      getPolygon: area => area.polygon as [number, number][],
      getFillColor: area => [...area.fill] as Colour4,
      getLineColor: area => [...area.line] as Colour4,
      getLineWidth: 2.5,
      lineWidthUnits: "pixels",
      lineJointRounded: true,
      stroked: true,
      filled: true,
      pickable: false,
      visible: areas.length > 0,
    })],
    [new TextLayer<OfficialName>({
      id: "official-names",
      data: names as OfficialName[],
      getPosition: name => [name.position[0], name.position[1]],
      getText: name => name.text,
      getColor: name => [...name.colour] as Colour4,
      getSize: name => name.size,
      getPixelOffset: name => [0, name.row * rowPx],
      fontFamily: palette.css.font,
      fontWeight: 700,
      characterSet: "auto",
      background: true,
      backgroundPadding: [10, 4],
      getBackgroundColor: [...palette.labelHalo],
      getBorderColor: name => [...name.colour] as Colour4,
      getBorderWidth: 1,
      pickable: true,
      visible: names.length > 0,
    })],
  ];
}
