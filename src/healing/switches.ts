/**
 * What people have switched, kept over restarts: freeze, mode, silences, maintenance, strategies.
 *
 * Everything with an end ends by itself. Ends are counted by the monotonic clock while the process lives, so that
 * a wall clock set forward does not lift a freeze.
 */
import { z } from 'zod';
import type { MaintenanceWindow, Silence } from '../domain/controls.ts';
import type { Freeze, Mode } from '../domain/events.ts';
import type { StateStore } from '../domain/ports.ts';
import type { Autonomy } from '../domain/strategy.ts';
import { days, type EpochMs, type Ms } from '../domain/units.ts';
import type { Deadlines } from './deadlines.ts';
import { Moment } from './shapes.ts';
import { openStored, type Stored } from './stored.ts';

/** No freeze, silence, mode or maintenance lasts longer than this. */
export const LONGEST_SWITCH: Ms = days(7);

export interface ModeOverride {
  readonly mode: Mode;
  /** `null` = until it is changed again. */
  readonly until: EpochMs | null;
  /** The configured mode it was set over; when that is changed later, the file counts again. */
  readonly over: Mode;
}

/** What an operator said about a strategy; `target: null` = wherever it applies. */
export interface StrategyOverride {
  readonly strategy: string;
  readonly target: string | null;
  readonly autonomy: Autonomy;
}

export interface SwitchData {
  readonly freeze: Freeze | null;
  readonly mode: ModeOverride | null;
  readonly silences: readonly Silence[];
  readonly maintenance: readonly MaintenanceWindow[];
  readonly autonomy: readonly StrategyOverride[];
  readonly enabled: Readonly<Record<string, boolean>>;
}

export interface Switches {
  /** The freeze that holds now, of any scope. */
  freeze(): Freeze | null;
  mode(): Mode;
  silences(): readonly Silence[];
  maintenance(): readonly MaintenanceWindow[];
  /** What an operator set and thereby locked, the narrower one first. */
  autonomy(strategy: string, target: string | null): Autonomy | null;
  isEnabled(strategy: string, byFile: boolean): boolean;
  update(change: (data: SwitchData) => SwitchData): Promise<void>;
  /** What is over, taken out of the document; each is told once. */
  expire(): Promise<{ readonly freeze: Freeze | null; readonly mode: Mode | null }>;
  readonly stored: Stored<SwitchData>;
}

const EMPTY: SwitchData = {
  freeze: null,
  mode: null,
  silences: [],
  maintenance: [],
  autonomy: [],
  enabled: {},
};

const ModeShape = z.enum(['dry-run', 'production']);

const Schema: z.ZodType<SwitchData> = z.object({
  freeze: z
    .object({
      scope: z.enum(['all', 'healing', 'optimizer']),
      until: Moment,
      by: z.string(),
      reason: z.string(),
    })
    .nullable(),
  mode: z.object({ mode: ModeShape, until: Moment.nullable(), over: ModeShape }).nullable(),
  silences: z.array(z.object({ subject: z.string(), until: Moment, by: z.string(), reason: z.string() })),
  maintenance: z.array(
    z.object({ target: z.string().nullable(), until: Moment, by: z.string(), reason: z.string() }),
  ),
  autonomy: z.array(
    z.object({
      strategy: z.string(),
      target: z.string().nullable(),
      autonomy: z.enum(['suggest', 'ask', 'auto']),
    }),
  ),
  enabled: z.record(z.string(), z.boolean()),
});

/**
 * @param configured The mode of bot.json or the command line.
 * @throws OpsError `STATE_UNWRITABLE` from `update` and `expire`.
 */
export async function openSwitches(
  states: StateStore,
  deadlines: Deadlines,
  configured: () => Mode,
): Promise<Switches> {
  const stored = await openStored(states, 'healing-switches', Schema, EMPTY);
  const holds = (key: string, until: EpochMs): boolean => !deadlines.isOver(key, until, LONGEST_SWITCH);
  const holdsMode = (mode: ModeOverride): boolean =>
    mode.over === configured() && (mode.until === null || holds('mode', mode.until));

  return {
    stored,
    freeze: () => {
      const { freeze } = stored.value;
      return freeze !== null && holds('freeze', freeze.until) ? freeze : null;
    },
    mode: () => {
      const { mode } = stored.value;
      return mode !== null && holdsMode(mode) ? mode.mode : configured();
    },
    silences: () => stored.value.silences.filter(({ subject, until }) => holds(`silence:${subject}`, until)),
    maintenance: () =>
      stored.value.maintenance.filter(({ target, until }) => holds(`maintenance:${target ?? ''}`, until)),
    autonomy: (strategy, target) => {
      const fitting = stored.value.autonomy.filter(
        (rule) => rule.strategy === strategy && (rule.target === null || rule.target === target),
      );
      return (fitting.find((rule) => rule.target !== null) ?? fitting[0])?.autonomy ?? null;
    },
    isEnabled: (strategy, byFile) => stored.value.enabled[strategy] ?? byFile,
    async update(change) {
      const { freeze, mode, silences, maintenance } = await stored.update(change);
      // Seen once, so that from here on what is left is counted by the monotonic clock.
      if (freeze !== null) holds('freeze', freeze.until);
      if (mode !== null) holdsMode(mode);
      for (const { subject, until } of silences) holds(`silence:${subject}`, until);
      for (const { target, until } of maintenance) holds(`maintenance:${target ?? ''}`, until);
    },
    async expire() {
      const { freeze, mode, silences, maintenance } = stored.value;
      const isFreezeOver = freeze !== null && !holds('freeze', freeze.until);
      const isModeOver = mode !== null && !holdsMode(mode);
      const quiet = silences.filter(({ subject, until }) => holds(`silence:${subject}`, until));
      const windows = maintenance.filter(({ target, until }) => holds(`maintenance:${target ?? ''}`, until));
      const isSame =
        !isFreezeOver &&
        !isModeOver &&
        quiet.length === silences.length &&
        windows.length === maintenance.length;
      if (isSame) return { freeze: null, mode: null };
      await stored.update((data) => ({
        ...data,
        freeze: data.freeze === freeze && isFreezeOver ? null : data.freeze,
        mode: data.mode === mode && isModeOver ? null : data.mode,
        silences: data.silences.filter((item) => quiet.includes(item) || !silences.includes(item)),
        maintenance: data.maintenance.filter((item) => windows.includes(item) || !maintenance.includes(item)),
      }));
      return { freeze: isFreezeOver ? freeze : null, mode: isModeOver ? configured() : null };
    },
  };
}
