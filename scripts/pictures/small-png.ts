/**
 * A screenshot with at most 256 colours, by the encoder that makes the charts small. Reads what chromium writes (8 bits
 * a channel, not interlaced) and nothing else.
 */
import { inflateSync } from 'node:zlib';
import { type Pixels, palettePng, pixelsOf } from '../../src/bot/palette-png.ts';

const SIGNATURE_BYTES = 8;

export function smallPng(png: Buffer): Buffer {
  return palettePng(decoded(png));
}

function decoded(png: Buffer): Pixels {
  const data: Buffer[] = [];
  let [width, height, bytes] = [0, 0, 0];
  for (let at = SIGNATURE_BYTES; at < png.length; ) {
    const size = png.readUInt32BE(at);
    const kind = png.toString('latin1', at + 4, at + 8);
    const body = png.subarray(at + 8, at + 8 + size);
    if (kind === 'IHDR') {
      [width, height] = [body.readUInt32BE(0), body.readUInt32BE(4)];
      bytes = body[9] === 6 ? 4 : 3;
    }
    if (kind === 'IDAT') data.push(body);
    at += size + 12;
  }
  const raw = unfiltered(inflateSync(Buffer.concat(data)), width * bytes, bytes);
  return pixelsOf(raw, width, height, bytes === 4 ? 4 : 3);
}

/** Takes the five filters of PNG back, row by row. */
function unfiltered(filtered: Buffer, stride: number, bytes: number): Buffer {
  const rows = filtered.length / (stride + 1);
  const raw = Buffer.alloc(rows * stride);
  for (let row = 0; row < rows; row += 1) {
    const filter = filtered[row * (stride + 1)] ?? 0;
    for (let x = 0; x < stride; x += 1) {
      const at = row * stride + x;
      const isFirst = x < bytes;
      const left = isFirst ? 0 : byteAt(raw, at - bytes);
      const corner = isFirst ? 0 : byteAt(raw, at - stride - bytes);
      const byte = byteAt(filtered, at + row + 1);
      raw[at] = byte + predicted(filter, left, byteAt(raw, at - stride), corner);
    }
  }
  return raw;
}

/** Above the first row all is zero. */
function byteAt(bytes: Buffer, at: number): number {
  return at < 0 ? 0 : (bytes[at] ?? 0);
}

function predicted(filter: number, left: number, above: number, corner: number): number {
  switch (filter) {
    case 1:
      return left;
    case 2:
      return above;
    case 3:
      return (left + above) >> 1;
    case 4:
      return paeth(left, above, corner);
    default:
      return 0;
  }
}

function paeth(left: number, above: number, corner: number): number {
  const guess = left + above - corner;
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - above), Math.abs(guess - corner)];
  if (a <= b && a <= c) return left;
  return b <= c ? above : corner;
}
