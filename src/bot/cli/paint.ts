/**
 * Words with colours, the same words as everywhere: colour only on a terminal that wants it, and never the only
 * carrier of a meaning. Foreign text is made harmless first: a log line must not drive the terminal.
 */

export type Tone = 'ok' | 'info' | 'warn' | 'crit' | 'soft';

const CODES: Readonly<Record<Tone, string>> = { ok: '32', info: '34', warn: '33', crit: '31', soft: '2' };
const ESCAPE = String.fromCharCode(27);

const WORD_TONES: Readonly<Record<string, Tone>> = {
  Open: 'warn',
  Healing: 'info',
  Waiting: 'warn',
  Held: 'warn',
  Paged: 'crit',
  Healed: 'ok',
  Over: 'ok',
  Unknown: 'soft',
  Info: 'info',
  Warning: 'warn',
  Critical: 'crit',
};

const LEADING_WORDS = new RegExp(
  `^(${Object.keys(WORD_TONES).join('|')})(?: · (${Object.keys(WORD_TONES).join('|')}))?(?=[ :])`,
);

export interface Paint {
  /** The text, in the tone's colour where colours are on. */
  (text: string, tone: Tone): string;
  /** A state or severity word in its own colour; any other text as it is. */
  word(text: string): string;
  /** Colours the words that begin a line. */
  lines(text: string): string;
}

export function createPaint(isOn: boolean): Paint {
  const paint = (text: string, tone: Tone): string =>
    isOn ? `${ESCAPE}[${CODES[tone]}m${text}${ESCAPE}[0m` : text;
  const word = (text: string): string => {
    const tone = Object.hasOwn(WORD_TONES, text) ? WORD_TONES[text] : undefined;
    return tone === undefined ? text : paint(text, tone);
  };
  const lines = (text: string): string =>
    text
      .split('\n')
      .map((line) =>
        line.replace(LEADING_WORDS, (_, first: string, second: string | undefined) =>
          second === undefined ? word(first) : `${word(first)} · ${word(second)}`,
        ),
      )
      .join('\n');
  return Object.assign(paint, { word, lines });
}

/** Without control characters but line breaks and tabs; marks that turn the direction of writing go too. */
export function harmless(text: string): string {
  return text.replaceAll(/[^\P{C}\n\t]/gu, '');
}
