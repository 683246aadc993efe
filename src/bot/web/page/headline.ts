/**
 * The first line of the first page: it answers the question that somebody has who opens it at 04:00. Pure. The most
 * pressing thing wins; "All is well" is only said when enough is known to say it.
 */
import { countWords } from './words.ts';

export interface Situation {
  readonly pendingApprovals: number;
  /** Words of the live incidents: Open, Healing, Waiting, Held, Paged. */
  readonly liveWords: readonly string[];
  readonly healedTonight: number;
  readonly complaints: number;
  readonly isFrozen: boolean;
  readonly knownMetrics: number;
}

export function headline(situation: Situation): string {
  const { pendingApprovals, liveWords, complaints, knownMetrics } = situation;
  const count = (word: string): number => liveWords.filter((each) => each === word).length;
  if (pendingApprovals > 0) {
    return `${countWords(pendingApprovals, 'decision waits', 'decisions wait')} for you.`;
  }
  if (count('Paged') > 0) return `${countWords(count('Paged'), 'incident needs', 'incidents need')} you.`;
  if (complaints > 0) return 'Nightshift itself is not well.';
  if (knownMetrics === 0) return 'Nothing is known yet.';
  return quieter(situation, count);
}

function quieter({ liveWords, healedTonight, isFrozen }: Situation, count: (word: string) => number): string {
  if (count('Held') > 0) return `${countWords(count('Held'), 'incident is', 'incidents are')} held back.`;
  if (liveWords.length > 0) {
    return `${countWords(liveWords.length, 'incident is', 'incidents are')} being looked after.`;
  }
  if (isFrozen) return 'All is well, and healing is frozen.';
  return healedTonight > 0 ? `All is well; ${healedTonight} healed tonight.` : 'All is well.';
}

/** The second line: what the night came to. */
export function nightWords(tonight: {
  readonly found: number;
  readonly healed: number;
  readonly paged: number;
}): string {
  const pages = tonight.paged === 1 ? '1 page' : `${tonight.paged} pages`;
  return `Tonight: ${tonight.found} found, ${tonight.healed} healed without you, ${pages}.`;
}
