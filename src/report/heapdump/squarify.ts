/** A rectangle of a treemap, in the unit of the area that was divided. */
export interface Tile {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Divides an area among values, largest first, so that the rectangles are as near to squares as rows allow (Bruls,
 * Huizing, van Wijk: Squarified Treemaps, 2000). The function is also put into pages as its own source text, so it
 * uses nothing outside of itself.
 */
export function squarify(values: readonly number[], area: Tile): Tile[] {
  const tiles: Tile[] = [];
  let { x, y, width, height } = area;
  // What is left from each value on, summed up from the end: subtracting would lose the small ones.
  const rests: number[] = [];
  for (let i = values.length - 1, sum = 0; i >= 0; i -= 1) rests[i] = sum += values[i] ?? 0;
  for (let from = 0; from < values.length;) {
    const left = rests[from] ?? 0;
    const scale = left > 0 ? (width * height) / left : 0;
    const side = Math.min(width, height);
    let to = from;
    let sum = 0;
    let worst = Infinity;
    while (to < values.length) {
      const more = sum + (values[to] ?? 0) * scale;
      const thickness = side > 0 ? more / side : 0;
      // The most oblong one of a row is its first or its last.
      const ratio = Math.max(
        ...[values[from] ?? 0, values[to] ?? 0].map((value) => {
          const length = thickness > 0 ? (value * scale) / thickness : 0;
          return length > 0 ? Math.max(length / thickness, thickness / length) : Infinity;
        }),
      );
      if (to > from && ratio > worst) break;
      worst = ratio;
      sum = more;
      to += 1;
    }
    const thickness = side > 0 ? sum / side : 0;
    let along = 0;
    for (; from < to; from += 1) {
      const length = sum > 0 ? (side * (values[from] ?? 0) * scale) / sum : 0;
      tiles.push(
        width >= height
          ? { x, y: y + along, width: thickness, height: length }
          : { x: x + along, y, width: length, height: thickness },
      );
      along += length;
    }
    if (width >= height) {
      x += thickness;
      width = Math.max(0, width - thickness);
    } else {
      y += thickness;
      height = Math.max(0, height - thickness);
    }
  }
  return tiles;
}
