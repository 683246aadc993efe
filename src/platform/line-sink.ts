/** Cuts what a program writes into lines, redacted and inert, each told as it is whole. Memory does not grow. */
import { StringDecoder } from 'node:string_decoder';
import { strip } from './inert-text.ts';
import type { Redact } from './redact.ts';

const LONGEST = 4_096;

export interface LineSink {
  add(chunk: Buffer): void;
  /** Tells what is left without its end of line. */
  end(): void;
}

/** A line longer than 4 kB is told up to there, and the rest of it is left out. */
export function lineSink(tell: (line: string) => void, redact: Redact): LineSink {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  let skipping = false;

  function say(line: string): void {
    if (!skipping && line.trim() !== '') tell(redact(strip(line)).trimEnd());
    skipping = false;
  }

  return {
    add(chunk) {
      const parts = (rest + decoder.write(chunk)).split(/\r?\n|\r/);
      rest = parts.pop() ?? '';
      for (const line of parts) say(line);
      if (rest.length <= LONGEST) return;
      if (!skipping) say(rest.slice(0, LONGEST));
      skipping = true;
      rest = '';
    },
    end() {
      say(rest + decoder.end());
      rest = '';
    },
  };
}
