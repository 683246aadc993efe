/**
 * Pixels as a PNG of at most 256 colours: a third of the bytes of a full one, and nobody sees the difference in a
 * chart. Pure.
 */
import { crc32, deflateSync } from 'node:zlib';

const MOST_COLOURS = 256;
const SIGNATURE = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);

export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** 0xRRGGBB, row by row. */
  readonly colours: Uint32Array;
}

/** @param bytes 3 or 4 a pixel, red first. What can be seen through is not kept: charts stand on their card. */
export function pixelsOf(raw: Buffer, width: number, height: number, bytes: 3 | 4): Pixels {
  const colours = new Uint32Array(width * height);
  for (let at = 0; at < colours.length; at += 1) colours[at] = raw.readUIntBE(at * bytes, 3);
  return { width, height, colours };
}

export function palettePng(pixels: Pixels): Buffer {
  return encoded(pixels, paletteOf(pixels.colours));
}

/** Half of it are the colours seen most; the rest stands for those of small things, such as letters of a link. */
function paletteOf(colours: Uint32Array): readonly number[] {
  const counts = new Map<number, number>();
  for (const colour of colours) counts.set(colour, (counts.get(colour) ?? 0) + 1);
  const seenMost = [...counts].toSorted((a, b) => b[1] - a[1]).map(([colour]) => colour);
  const palette = new Set(seenMost.slice(0, MOST_COLOURS / 2));
  const kinds = new Set([...palette].map(kindOf));
  for (const colour of seenMost) {
    if (palette.size === MOST_COLOURS) break;
    if (kinds.has(kindOf(colour))) continue;
    kinds.add(kindOf(colour));
    palette.add(colour);
  }
  return [...palette];
}

/** Colours that look alike share it. */
function kindOf(colour: number): number {
  return colour & 0xe0_e0_e0;
}

function encoded({ width, height, colours }: Pixels, palette: readonly number[]): Buffer {
  const places = new Map(palette.map((colour, place) => [colour, place]));
  const rows = Buffer.alloc(height * (width + 1));
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const colour = colours[y * width + x] ?? 0;
      const place = places.get(colour) ?? nearest(colour, palette);
      places.set(colour, place);
      rows[y * (width + 1) + x + 1] = place;
    }
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 3, 0, 0, 0], 8);
  const table = Buffer.alloc(palette.length * 3);
  for (const [place, colour] of palette.entries()) table.writeUIntBE(colour, place * 3, 3);
  const packed = deflateSync(rows, { level: 9 });
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', head),
    chunk('PLTE', table),
    chunk('IDAT', packed),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function nearest(colour: number, palette: readonly number[]): number {
  const off = (one: number, shift: number): number => ((one >> shift) & 255) - ((colour >> shift) & 255);
  const far = (one: number): number => off(one, 16) ** 2 + off(one, 8) ** 2 + off(one, 0) ** 2;
  let best = 0;
  for (const [place, one] of palette.entries()) if (far(one) < far(palette[best] ?? 0)) best = place;
  return best;
}

function chunk(kind: string, body: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(kind, 'latin1'), body]);
  const size = Buffer.alloc(4);
  size.writeUInt32BE(body.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([size, named, sum]);
}
