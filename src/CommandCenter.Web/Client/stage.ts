// The wall is drawn on a canvas of fixed size and scaled as one, never stretched. A 32:9 wall has a canvas of its own with three zones.

export interface Stage {
  readonly shape: "single" | "wide";
  readonly width: number;
  readonly height: number;
  readonly scale: number;
  readonly left: number;
  readonly top: number;
}

/** From this ratio on the wide canvas is used: halfway between 16:9 and 32:9. */
const wideFromRatio = 2.7;

export function stageFor(width: number, height: number): Stage {
  const shape = width / height >= wideFromRatio ? "wide" : "single";
  const canvasWidth = shape === "wide" ? 3840 : 1920;
  const scale = Math.min(width / canvasWidth, height / 1080);
  return {
    shape, width: canvasWidth, height: 1080, scale,
    left: Math.max(0, (width - canvasWidth * scale) / 2), top: Math.max(0, (height - 1080 * scale) / 2),
  };
}

export function showStage(element: HTMLElement, stage: Stage): void {
  element.dataset["shape"] = stage.shape;
  element.style.setProperty("--stage-width", `${stage.width}px`);
  element.style.setProperty("--stage-height", `${stage.height}px`);
  element.style.setProperty("--stage-scale", String(stage.scale));
  element.style.setProperty("--stage-left", `${stage.left}px`);
  element.style.setProperty("--stage-top", `${stage.top}px`);
}
