/**
 * The program that draws one picture and ends: `SVG-FILE PNG-FILE`. The library and its memory go with it.
 *
 * Exit 0 when the picture is written, 3 when the library or the font is not installed, 1 otherwise.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { palettePng, pixelsOf } from './palette-png.ts';

const NOT_INSTALLED = 3;
const FONTS = ['400Regular/Inter_400Regular.ttf', '600SemiBold/Inter_600SemiBold.ttf'];

/** Sharp also where a screen has three dots for each of ours. */
const WIDTH = 900;

const [svgFile = '', pngFile = ''] = process.argv.slice(2);
process.exitCode = await draw();

async function draw(): Promise<number> {
  const library = await loaded();
  if (library === null) return NOT_INSTALLED;
  const { Resvg, fontFiles } = library;
  const svg = await readFile(svgFile, 'utf8');
  const font = { loadSystemFonts: false, fontFiles, defaultFontFamily: 'Inter' };
  const drawn = new Resvg(svg, { font, logLevel: 'off', fitTo: { mode: 'width', value: WIDTH } }).render();
  await writeFile(pngFile, palettePng(pixelsOf(drawn.pixels, drawn.width, drawn.height, 4)));
  return 0;
}

async function loaded(): Promise<{
  readonly Resvg: typeof import('@resvg/resvg-js').Resvg;
  readonly fontFiles: string[];
} | null> {
  try {
    const { Resvg } = await import('@resvg/resvg-js');
    const { resolve } = createRequire(import.meta.url);
    return { Resvg, fontFiles: FONTS.map((file) => resolve(`@expo-google-fonts/inter/${file}`)) };
  } catch {
    // An optional dependency that is not there: cards go out as text.
    return null;
  }
}
