/** One word, one colour, one dot: never colour alone. */
import type { JSX } from 'preact';
import { type Tone, toneOf } from '../words.ts';

export function Word({
  word,
  tone = toneOf(word),
}: {
  readonly word: string;
  readonly tone?: Tone;
}): JSX.Element {
  return <span class={`word ${tone}`}>{word}</span>;
}
