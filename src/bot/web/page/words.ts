/** The words and colours of states, the same on every surface. Pure. */

export type Tone = 'ok' | 'info' | 'warn' | 'crit' | 'none';

const WORD_TONES: Readonly<Record<string, Tone>> = {
  Open: 'info',
  Healing: 'info',
  Waiting: 'warn',
  Held: 'warn',
  Paged: 'crit',
  Healed: 'ok',
  Over: 'ok',
  Unknown: 'none',
};

export function toneOf(word: string): Tone {
  return WORD_TONES[word] ?? 'none';
}

/** A worker's state as one word with its colour. */
export function workerWord(state: string): { readonly word: string; readonly tone: Tone } {
  return WORKER_WORDS[state] ?? { word: 'Unknown', tone: 'none' };
}

const WORKER_WORDS: Readonly<Record<string, { readonly word: string; readonly tone: Tone }>> = {
  starting: { word: 'Starting', tone: 'info' },
  running: { word: 'Running', tone: 'ok' },
  unhealthy: { word: 'Unhealthy', tone: 'crit' },
  backing_off: { word: 'Starts again soon', tone: 'warn' },
  stopping: { word: 'Stopping', tone: 'info' },
  stopped: { word: 'Stopped', tone: 'none' },
  gave_up: { word: 'Gave up', tone: 'crit' },
  not_started: { word: 'Not started', tone: 'warn' },
};

/** A task's state as one word with its colour. */
export function taskWord(state: string): { readonly word: string; readonly tone: Tone } {
  return TASK_WORDS[state] ?? { word: 'Unknown', tone: 'none' };
}

const TASK_WORDS: Readonly<Record<string, { readonly word: string; readonly tone: Tone }>> = {
  waiting: { word: 'Waits', tone: 'none' },
  delayed: { word: 'Later', tone: 'none' },
  running: { word: 'Runs', tone: 'info' },
  done: { word: 'Done', tone: 'ok' },
  dead: { word: 'Dead', tone: 'crit' },
  cancelled: { word: 'Cancelled', tone: 'none' },
};

export function surfaceWord(state: string): { readonly word: string; readonly tone: Tone } {
  const words = { up: 'Up', degraded: 'Degraded', down: 'Down', off: 'Off' } as const;
  const tones = { up: 'ok', degraded: 'warn', down: 'crit', off: 'none' } as const;
  const known = state as keyof typeof words;
  return { word: words[known] ?? 'Unknown', tone: tones[known] ?? 'none' };
}

/** What became of an attempt, in one word. */
export function attemptWord(attempt: {
  readonly outcome: string | null;
  readonly verification: string | null;
}): { readonly word: string; readonly tone: Tone } {
  const { outcome, verification } = attempt;
  if (outcome === null) return { word: 'Under way', tone: 'info' };
  if (outcome === 'dry-run') return { word: 'Dry run', tone: 'none' };
  if (outcome === 'failed') return { word: 'Failed', tone: 'crit' };
  if (outcome === 'unknown' || verification === 'unknown') return { word: 'Unknown', tone: 'none' };
  if (verification === null) return { word: 'Checking', tone: 'info' };
  return verification === 'helped'
    ? { word: 'Helped', tone: 'ok' }
    : { word: verification === 'worse' ? 'Worse' : 'No effect', tone: 'warn' };
}

const SMALL = ['No', 'One', 'Two', 'Three', 'Four', 'Five', 'Six', 'Seven', 'Eight', 'Nine'];

/** `One decision`, `Three decisions`, `12 decisions`: small numbers at the start of a sentence are words. */
export function countWords(count: number, one: string, many: string = `${one}s`): string {
  return `${SMALL[count] ?? count} ${count === 1 ? one : many}`;
}

/** `3.4 s`, `12 min`, `1.5 h` from milliseconds. */
export function durationWords(milliseconds: number): string {
  const seconds = milliseconds / 1_000;
  if (seconds < 90) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  return seconds < 5_400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3_600).toFixed(1)} h`;
}

export function bytesWords(count: number): string {
  if (count < 1_000) return `${Math.round(count)} B`;
  const power = Math.min(4, Math.floor(Math.log10(count) / 3));
  return `${(count / 1_000 ** power).toFixed(1)} ${['kB', 'MB', 'GB', 'TB'][power - 1]}`;
}
