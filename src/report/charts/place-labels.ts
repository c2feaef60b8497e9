/** A rectangle in chart units, y downwards. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Something that wants a label at a point. */
export interface Anchor {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Where a label goes: its centre, and whether it is so far off that a line must lead to it. */
export interface Place {
  readonly x: number;
  readonly y: number;
  readonly led: boolean;
}

/** Directions in the order in which they are liked, as (x, y) in half sizes of the label. */
const DIRECTIONS = [
  [1, 0],
  [-1, 0],
  [0, -1],
  [0, 1],
  [1, -1],
  [-1, -1],
  [1, 1],
  [-1, 1],
] as const;
const GAPS = [8, 12, 22, 34, 48, 64, 84];
/** From this gap on a label no longer stands beside its point. */
const LEADER_FROM = 22;

/**
 * Greedily puts each label where it covers least: nothing of the labels placed before, of the obstacles, or outside
 * the frame where that can be had. Near places and the first directions are preferred. Deterministic.
 */
export function placeLabels(anchors: readonly Anchor[], obstacles: readonly Box[], frame: Box): readonly Place[] {
  const taken: Box[] = [...obstacles];
  return anchors.map((anchor) => {
    let best: { place: Place; box: Box; cost: number } | undefined;
    for (const [i, gap] of GAPS.entries()) {
      for (const [j, [dx, dy]] of DIRECTIONS.entries()) {
        const x = anchor.x + dx * (gap + anchor.width / 2);
        const y = anchor.y + dy * (gap * 0.8 + anchor.height / 2);
        const box = around(x, y, anchor.width, anchor.height);
        const covered = taken.reduce((sum, other) => sum + overlap(box, other), 0);
        const outside = anchor.width * anchor.height - overlap(box, frame);
        const cost = covered * 10 + outside * 50 + i * 12 + j;
        if (best === undefined || cost < best.cost) best = { place: { x, y, led: gap >= LEADER_FROM }, box, cost };
      }
    }
    if (best === undefined) return { x: anchor.x, y: anchor.y, led: false };
    taken.push(best.box);
    return best.place;
  });
}

/** Moves labels of a column apart so that each has its height, as near to where they want to be as their order allows. */
export function spread(wanted: readonly number[], height: number, top: number, bottom: number): readonly number[] {
  const order = wanted.map((_, i) => i).sort((a, b) => (wanted[a] ?? 0) - (wanted[b] ?? 0));
  const placed: number[] = [];
  let floor = top + height / 2;
  for (const index of order) {
    placed[index] = Math.max(wanted[index] ?? 0, floor);
    floor = (placed[index] ?? 0) + height;
  }
  let ceiling = bottom - height / 2;
  for (const index of order.toReversed()) {
    placed[index] = Math.min(placed[index] ?? 0, ceiling);
    ceiling = (placed[index] ?? 0) - height;
  }
  return placed;
}

/** The rectangle of a size around a centre. */
export function around(x: number, y: number, width: number, height: number): Box {
  return { left: x - width / 2, right: x + width / 2, top: y - height / 2, bottom: y + height / 2 };
}

function overlap(a: Box, b: Box): number {
  const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  return width > 0 && height > 0 ? width * height : 0;
}
