/** One trial of a drill with sane defaults. */
import type { DrillTrial } from '../../src/domain/drill.ts';
import { seconds } from '../../src/domain/units.ts';
import { START } from './builders.ts';

export function trial(over: Partial<DrillTrial> = {}): DrillTrial {
  return {
    fault: 'hung',
    repetition: 1,
    startedAt: START,
    ending: 'healed',
    detected: seconds(10),
    recovered: seconds(30),
    actions: 1,
    wrongActions: 0,
    paged: false,
    exits: null,
    note: '',
    ...over,
  };
}
