/**
 * Replays stored history through the monitor and the healer as they run live, with a clock that moves by the samples.
 *
 * No action is run: one that passes every gate counts as done, and the samples of the past say whether the trouble
 * went away by itself. What it would have changed nobody can know; what would have been tried, and when, is exact.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { gravest, type Incident, stateWord } from '../domain/incident.ts';
import type { ReplayedIncident, ReplayRequest, ReplaySummary } from '../domain/rehearsal.ts';
import { before, type EpochMs, hours, type Ms, ms, seconds } from '../domain/units.ts';
import { openStoredHistory } from '../monitor/stored-history.ts';
import { createVirtualClock } from '../platform/virtual-clock.ts';
import type { Config } from './config-shape.ts';
import { SILENT } from './replay-ports.ts';
import { buildReplayWorld } from './replay-world.ts';

/** While an incident is live the clock moves no faster than this; while all is quiet, from row to row. */
const HEALING_STEP: Ms = seconds(10);
/** In a replay normal is learnt again this often: it moves slowly, and a week has ten thousand refits at the live pace. */
const REFIT: Ms = hours(6);
const PROGRESS_ROWS = 500;

export interface ReplayInput {
  readonly request: ReplayRequest;
  readonly config: Config;
  readonly configHash: string;
  readonly dataFolder: string;
  readonly host: string;
  readonly timezone: string;
  readonly people: number;
}

export interface ReplayDoors {
  /** Wall time in ms, for the duration that is told. */
  readonly monotonic: () => Ms;
  readonly onProgress?: (rows: number, of: number) => void;
}

export async function replayHistory(input: ReplayInput, doors: ReplayDoors): Promise<ReplaySummary> {
  const begun = doors.monotonic();
  const config = replayConfig(input);
  const live = { current: () => config.monitor };
  const stored = await openStoredHistory({ dataFolder: input.dataFolder, config: live, log: SILENT });
  const to = stored.history.newest();
  const from = to === null ? null : before(to, input.request.window);
  const start = stored.history.firstAfter(from) ?? to;
  if (start === null || to === null) return emptySummary(input, ms(doors.monotonic() - begun));

  const clock = createVirtualClock(before(start, seconds(1)));
  const world = buildReplayWorld({ ...input, config }, clock, stored);
  await world.healer.start();
  await world.monitor.learn();
  const of = stored.history.countBetween(start, to);
  let rows = 0;
  for (const row of stored.history.rows(start, to)) {
    await clock.advanceTo(row.at, world.isBusy() ? HEALING_STEP : ms(row.at - clock.now()));
    world.monitor.take(row);
    // What was told is dealt with at the moment of its row, not at that of the next.
    if (world.hasNews()) await nextTurn();
    rows += 1;
    if (rows % PROGRESS_ROWS === 0) doors.onProgress?.(rows, of);
  }
  await clock.advanceTo(to, HEALING_STEP);
  const incidents = world.incidents();
  await world.healer.stop(ms(0));
  doors.onProgress?.(rows, of);
  return {
    ...base(input),
    from: start,
    to,
    rows,
    metrics: stored.history.metrics().length,
    incidents: incidents.filter((one) => isWanted(one, input.request)).map(replayed),
    anomalies: world.told.size,
    infos: [...world.told.values()].filter((severity) => severity === 'info').length,
    took: ms(doors.monotonic() - begun),
  };
}

function replayConfig({ config, request }: ReplayInput): Config {
  const { monitor, healing } = config;
  const chosen = healing.strategies.filter(
    ({ name }) => request.strategy === null || name === request.strategy,
  );
  return {
    ...config,
    healing: { ...healing, strategies: chosen },
    monitor: {
      ...monitor,
      interval: ms(Math.max(monitor.interval, monitor.storeInterval)),
      baseline: { ...monitor.baseline, refit: ms(Math.max(monitor.baseline.refit, REFIT)) },
    },
  };
}

function isWanted({ strategy }: Incident, request: ReplayRequest): boolean {
  return request.strategy === null || strategy === request.strategy;
}

function replayed(incident: Incident): ReplayedIncident {
  const { id, title, target, kind, openedAt, state, strategy, timeline } = incident;
  return {
    id,
    title,
    target,
    kind,
    severity: gravest(incident),
    openedAt,
    endedAt: state.kind === 'resolved' ? state.at : null,
    state: stateWord(state),
    strategy,
    paged: incident.pagedAt !== null,
    actions: incident.attempts.map((attempt) => ({
      at: attempt.startedAt,
      rung: attempt.rung,
      action: attempt.kind,
      target: attempt.target,
      effect: attempt.effect,
      verification: attempt.verification,
    })),
    timeline,
  };
}

function base({ request, configHash }: ReplayInput): Pick<ReplaySummary, 'request' | 'configHash'> {
  return { request, configHash };
}

function emptySummary(input: ReplayInput, took: Ms): ReplaySummary {
  const none: EpochMs = before(0 as EpochMs, ms(0));
  return {
    ...base(input),
    from: none,
    to: none,
    rows: 0,
    metrics: 0,
    incidents: [],
    anomalies: 0,
    infos: 0,
    took,
  };
}
