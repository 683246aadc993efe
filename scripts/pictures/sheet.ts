/** What the pages of both platforms share: the look that is drawn, the font, the frame that is photographed. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const { resolve } = createRequire(import.meta.url);

export interface Look {
  readonly tone: 'light' | 'dark';
  readonly phone: boolean;
  /** The time beside the name, as the platform writes it. */
  readonly clock: string;
  /** The chart as a data address, or `null` where the card has none. */
  readonly chart: string | null;
}

export function sheet({ tone }: Pick<Look, 'tone'>, css: string, body: string): string {
  const faces = [400, 600].map(
    (weight) => `@font-face{font-family:Inter;font-weight:${weight};src:url(${font(weight)})}`,
  );
  const base = '*{box-sizing:border-box}body{margin:0;font-family:Inter,sans-serif}b{font-weight:600}';
  return `<!doctype html><html lang="en" style="color-scheme:${tone}"><meta charset="utf-8"><style>${faces.join('')}${base}${css}</style><body>${body}</body></html>`;
}

function font(weight: number): string {
  const file = weight === 400 ? '400Regular/Inter_400Regular.ttf' : '600SemiBold/Inter_600SemiBold.ttf';
  return `data:font/ttf;base64,${readFileSync(resolve(`@expo-google-fonts/inter/${file}`)).toString('base64')}`;
}
