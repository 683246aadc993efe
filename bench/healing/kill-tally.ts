/**
 * What must hold after the kills: each effect that the patients counted themselves has an intent line, each action that
 * is known to have succeeded has its one effect, the chain verifies, and what was spent is spent.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SeenEffect } from '../../src/app/drill/judge-trial.ts';
import type { Sandbox } from '../../src/app/drill/sandbox.ts';
import type { SeenLine } from '../../src/app/drill/sandbox-api.ts';
import { readEffects } from '../../src/app/drill/trial.ts';
import { readAudit, verifyAuditFolder } from '../../src/healing/audit-read.ts';

const EVERYTHING = 100_000;
/** Taking something back is no attempt and is not charged. */
const UNDO = 'About to undo';

/** What was done to the sandbox. */
export interface Torment {
  readonly kills: number;
  readonly faults: number;
  /** Kills at most 300 ms after an intent line was on disk. */
  readonly aimed: number;
}

export interface Tally extends Torment {
  readonly intents: number;
  /** Of these, the most for one target and strategy. */
  readonly mostForOne: number;
  readonly outcomes: number;
  readonly unknownOutcomes: number;
  readonly controls: number;
  readonly starts: number;
  readonly chain: string;
  readonly faultsFound: readonly string[];
}

export async function tallyOf(sandbox: Sandbox, torment: Torment): Promise<Tally> {
  const folder = join(sandbox.dataFolder, 'audit');
  const lines = (await readAudit(folder, { limit: EVERYTHING })) as readonly SeenLine[];
  const effects = await readEffects(sandbox);
  const of = (kind: string): readonly SeenLine[] => lines.filter((line) => line.kind === kind);
  const [intents, outcomes, workers] = [of('intent'), of('outcome'), of('worker')];
  const controls = effects.filter(({ effect }) => effect.startsWith('POST '));
  const starts = effects.filter(({ effect }) => effect === 'start');
  const verdict = await verifyAuditFolder(folder);
  const restarts = intents.filter(isRestart).length;
  const exits = workers.filter(({ data }) => typeof data?.['how'] === 'string').length;
  const found = [
    ...(verdict.kind === 'intact' ? [] : [`the chain is broken at line ${verdict.line}: ${verdict.reason}`]),
    ...doubles(intents, 'intent'),
    ...doubles(outcomes, 'outcome'),
    ...missing(intents, outcomes),
    ...inexact(intents, outcomes, controls),
    // Three for the first start; each other one has an exit or an intent behind it.
    ...atMost('starts of patients', starts.length, 3 + exits + restarts),
    ...(await forgotten(sandbox, intents)),
  ];
  return {
    ...torment,
    intents: intents.length,
    mostForOne: mostForOne(intents),
    outcomes: outcomes.length,
    unknownOutcomes: outcomes.filter(({ text }) => text.startsWith('Unknown')).length,
    controls: controls.length,
    starts: starts.length,
    chain: verdict.kind === 'intact' ? `${verdict.lines} lines intact` : verdict.kind,
    faultsFound: found,
  };
}

export function sumOf(tallies: readonly Tally[]): Tally {
  const total = (of: (tally: Tally) => number): number => tallies.reduce((sum, tally) => sum + of(tally), 0);
  return {
    kills: total(({ kills }) => kills),
    faults: total(({ faults }) => faults),
    aimed: total(({ aimed }) => aimed),
    intents: total(({ intents }) => intents),
    mostForOne: Math.max(...tallies.map((tally) => tally.mostForOne)),
    outcomes: total(({ outcomes }) => outcomes),
    unknownOutcomes: total(({ unknownOutcomes }) => unknownOutcomes),
    controls: total(({ controls }) => controls),
    starts: total(({ starts }) => starts),
    chain: tallies.map(({ chain }) => chain).join(', '),
    faultsFound: tallies.flatMap(({ faultsFound }) => faultsFound),
  };
}

export function say(tally: Tally): void {
  const { faultsFound, ...figures } = tally;
  const rows = Object.entries(figures).map(([name, value]) => `${name.padEnd(16)} ${value}`);
  const end = faultsFound.length === 0 ? ['nothing was done twice, lost or forgotten'] : faultsFound;
  process.stdout.write(`${[...rows, ...end].join('\n')}\n\n`);
}

function mostForOne(intents: readonly SeenLine[]): number {
  const counts = new Map<string, number>();
  for (const { strategy, target, text } of intents) {
    if (text.startsWith(UNDO)) continue;
    const key = `${strategy} ${target}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return Math.max(0, ...counts.values());
}

function isRestart({ text }: SeenLine): boolean {
  return /stop worker/.test(text);
}

/** Effect by effect: not more than were announced, not fewer than are known to have succeeded. */
function inexact(
  intents: readonly SeenLine[],
  outcomes: readonly SeenLine[],
  controls: readonly SeenEffect[],
): readonly string[] {
  const succeeded = new Set(outcomes.filter(isSuccess).map(({ actionId }) => actionId));
  const paths = new Set([
    ...controls.map(({ effect }) => effect.slice('POST '.length)),
    ...intents.flatMap(pathOf),
  ]);
  return [...paths].flatMap((path) => {
    const announced = intents.filter((intent) => pathOf(intent).includes(path));
    const most = announced.length;
    const least = announced.filter(({ actionId }) => succeeded.has(actionId)).length;
    const seen = controls.filter(({ effect }) => effect === `POST ${path}`).length;
    return seen >= least && seen <= most
      ? []
      : [`${seen} effects of ${path}, expected ${least} that succeeded to ${most} that were announced`];
  });
}

/** `… POST http://127.0.0.1:1234/control/cache/clear (attempt 1 …`: the path of it; none for a restart. */
function pathOf({ text }: SeenLine): readonly string[] {
  const found = /POST http:\/\/[^/]+(\/control\/[a-z/-]+)/.exec(text)?.[1];
  return found === undefined ? [] : [found];
}

function isSuccess({ data }: SeenLine): boolean {
  const outcome = data?.['outcome'];
  return typeof outcome === 'object' && outcome !== null && 'kind' in outcome && outcome.kind === 'succeeded';
}

function doubles(lines: readonly SeenLine[], what: string): readonly string[] {
  const ids = lines.map(({ actionId }) => actionId);
  return ids.length === new Set(ids).size ? [] : [`an ${what} line stands twice`];
}

/** An intent without an outcome may only be the one that is under way. */
function missing(intents: readonly SeenLine[], outcomes: readonly SeenLine[]): readonly string[] {
  const ended = new Set(outcomes.map(({ actionId }) => actionId));
  const open = intents.filter(({ actionId }) => !ended.has(actionId));
  return open.length <= 1 ? [] : [`${open.length} intents have no outcome`];
}

function atMost(what: string, found: number, most: number): readonly string[] {
  return found <= most ? [] : [`${found} ${what}, expected at most ${most}`];
}

/** Everything the log announces was charged, and is still. */
async function forgotten({ dataFolder }: Sandbox, intents: readonly SeenLine[]): Promise<readonly string[]> {
  const text = await readFile(join(dataFolder, 'state', 'healing-ledger.json'), 'utf8').catch(() => '');
  const lost = intents.filter(
    ({ actionId, text: said }) =>
      actionId !== undefined && !said.startsWith(UNDO) && !text.includes(actionId),
  );
  return lost.length === 0 ? [] : [`${lost.length} attempts are not charged any more`];
}
