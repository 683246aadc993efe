/** The colours of a chart: the console's tokens by name, and the same tokens as values for pictures. */

/** `tokens`: for a page that defines them; the others stand alone. */
export type ChartLook = 'tokens' | 'light' | 'dark';

export interface ChartColours {
  readonly card: string;
  readonly ink: string;
  readonly soft: string;
  readonly line: string;
  readonly band: string;
  readonly ok: string;
  readonly warn: string;
  readonly crit: string;
  readonly accent: string;
  readonly trouble: string;
}

export const CHART_COLOURS: Readonly<Record<ChartLook, ChartColours>> = {
  tokens: {
    card: 'var(--card)',
    ink: 'var(--ink)',
    soft: 'var(--soft)',
    line: 'var(--line)',
    band: 'var(--band)',
    ok: 'var(--ok)',
    warn: 'var(--warn)',
    crit: 'var(--crit)',
    accent: 'var(--accent)',
    trouble: 'var(--crit-wash)',
  },
  light: {
    card: '#ffffff',
    ink: '#1c1b19',
    soft: '#6a665f',
    line: '#e4e1db',
    band: '#dfe3f8',
    ok: '#0a7a55',
    warn: '#a35a00',
    crit: '#b3261e',
    accent: '#3b4cca',
    trouble: '#fbe9e7',
  },
  dark: {
    card: '#1d1c1a',
    ink: '#f1efeb',
    soft: '#aaa59b',
    line: '#33312d',
    band: '#2b2f5c',
    ok: '#4cc494',
    warn: '#f0ad4e',
    crit: '#ff8a80',
    accent: '#9aa7ff',
    trouble: '#321a18',
  },
};
