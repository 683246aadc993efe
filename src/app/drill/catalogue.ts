/**
 * The faults of a drill: how each is put into the sandbox, whom it makes sick, and what must come of it. Pure.
 *
 * `sick` names the targets an action may touch; an action on any other is a wrong one, however well it was meant.
 */
import type { DrillFault, DrillFaultView } from '../../domain/drill.ts';
import { type Ms, minutes } from '../../domain/units.ts';
import type { FaultKind } from '../patient-faults.ts';

export type PatientName = 'drill-db' | 'drill-shop' | 'drill-worker';

export type Injection =
  | { readonly by: 'signal'; readonly signal: 'SIGKILL' | 'SIGSTOP' }
  | { readonly by: 'patient'; readonly kind: FaultKind };

export interface FaultEntry extends DrillFaultView {
  readonly patient: PatientName;
  readonly injection: Injection;
  /** Targets that an action may touch. */
  readonly sick: readonly string[];
  /** Whose trouble must be found: a target, or `null` for one of the whole host. */
  readonly shows: readonly (string | null)[];
  /** Not more actions than this, whatever happens. */
  readonly mostActions: number;
  /** It counts as missed after this. */
  readonly limit: Ms;
}

const QUICK: Ms = minutes(4);
/** A ladder that is climbed in vain to its end, and a person at the latest ten minutes after. */
const SLOW: Ms = minutes(10);

type Short = Pick<FaultEntry, 'fault' | 'label' | 'summary' | 'kind' | 'patient' | 'injection'> &
  Partial<FaultEntry>;

export const CATALOGUE: readonly FaultEntry[] = [
  healable({
    fault: 'killed',
    label: 'Process killed',
    summary: 'SIGKILL to a worker; its supervisor has it back.',
    kind: 'hard',
    patient: 'drill-worker',
    injection: { by: 'signal', signal: 'SIGKILL' },
    mostActions: 0,
  }),
  healable({
    fault: 'hung',
    label: 'Process hung',
    summary: 'SIGSTOP to a worker: it is there, deaf to SIGTERM, and does nothing.',
    kind: 'hard',
    patient: 'drill-worker',
    injection: { by: 'signal', signal: 'SIGSTOP' },
  }),
  handedOver({
    fault: 'crash_loop',
    label: 'Crash loop',
    summary: 'A worker exits 1.5 s after each start. It is stopped after five exits and handed to a person.',
    kind: 'hard',
    patient: 'drill-worker',
    injection: { by: 'patient', kind: 'crash_loop' },
    mostActions: 0,
  }),
  healable({
    fault: 'leak',
    label: 'Memory leak',
    summary: 'A worker takes 20 MB more each second.',
    kind: 'soft',
    patient: 'drill-worker',
    injection: { by: 'patient', kind: 'leak' },
  }),
  healable({
    fault: 'cpu',
    label: 'CPU burn',
    summary: 'A worker burns one core.',
    kind: 'soft',
    patient: 'drill-worker',
    injection: { by: 'patient', kind: 'cpu' },
  }),
  healable({
    fault: 'slow',
    label: 'Slow answers',
    summary: 'A service takes 2 s to answer until its cache is switched on.',
    kind: 'soft',
    patient: 'drill-shop',
    injection: { by: 'patient', kind: 'slow' },
    sick: ['shop-pages'],
  }),
  healable({
    fault: 'errors',
    label: 'Error answers',
    summary: 'Seven of ten answers of a model are errors until the fallback is used.',
    kind: 'soft',
    patient: 'drill-shop',
    injection: { by: 'patient', kind: 'errors' },
    sick: ['shop-model'],
  }),
  healable({
    fault: 'disk',
    label: 'Disk filling',
    summary: 'A small disk is filled until it is cleaned.',
    kind: 'soft',
    patient: 'drill-worker',
    injection: { by: 'patient', kind: 'disk' },
    sick: ['worker-disk'],
    shows: [null],
  }),
  healable({
    fault: 'stuck_queue',
    label: 'Stuck queue',
    summary: 'A worker lives, beats and takes no more tasks.',
    kind: 'soft',
    patient: 'drill-worker',
    injection: { by: 'patient', kind: 'stuck_queue' },
    shows: [null],
  }),
  healable({
    fault: 'poisoned_cache',
    label: 'Cache poisoned',
    summary: 'A cache gives wrong pages until it is cleared.',
    kind: 'soft',
    patient: 'drill-shop',
    injection: { by: 'patient', kind: 'poisoned_cache' },
    sick: ['shop-cache'],
  }),
  healable({
    fault: 'dependency_down',
    label: 'Dependency down',
    summary: 'SIGSTOP to the database: the shop fails too, and only the database is healed.',
    kind: 'hard',
    patient: 'drill-db',
    injection: { by: 'signal', signal: 'SIGSTOP' },
  }),
  handedOver({
    fault: 'flapping',
    label: 'Flapping',
    summary: 'A service answers for 15 s and is deaf for 15 s, whatever is done. Few actions, then a person.',
    kind: 'hard',
    patient: 'drill-shop',
    injection: { by: 'patient', kind: 'flapping' },
    sick: ['drill-shop'],
    mostActions: 3,
  }),
  handedOver({
    fault: 'incurable',
    label: 'Incurable',
    summary: 'A service fails for a reason that no action takes away. A person is called.',
    kind: 'soft',
    patient: 'drill-shop',
    injection: { by: 'patient', kind: 'incurable' },
    sick: ['shop-model'],
    mostActions: 3,
  }),
];

export function faultEntry(fault: DrillFault): FaultEntry {
  const found = CATALOGUE.find((entry) => entry.fault === fault);
  if (found === undefined) throw new Error(`no such fault: ${fault}`);
  return found;
}

function healable(entry: Short): FaultEntry {
  const sick = entry.sick ?? [entry.patient];
  return { mustEnd: 'healed', sick, shows: sick, mostActions: 2, limit: QUICK, ...entry };
}

function handedOver(entry: Short): FaultEntry {
  const sick = entry.sick ?? [entry.patient];
  return { mustEnd: 'handed_over', sick, shows: sick, mostActions: 1, limit: SLOW, ...entry };
}
