/**
 * `npm run bench -- faults [--only cpu,disk] [--rounds 1] [--lanes 3] [--json FILE] [--cards FILE]`: breaks this host
 * for real under the built product at its shipped figures, and measures how soon it is told, how severe, and whether
 * the likely cause that is named first is the right one.
 *
 * `--only bad-samples` does what must never be an alarm by itself, for nine minutes.
 *
 * Faults of the whole host run alone; the others in lanes beside one another, each with a bot of its own.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { badSamples } from './faults/bad-samples.ts';
import { CATALOGUE, type Fault } from './faults/catalogue.ts';
import { type Found, measure } from './faults/measure.ts';
import { cardText, summaryLines, tableLines } from './faults/tables.ts';

export async function run(argv: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      only: { type: 'string', default: '' },
      rounds: { type: 'string', default: '1' },
      lanes: { type: 'string', default: '3' },
      json: { type: 'string' },
      cards: { type: 'string' },
    },
  });
  if (values.only === 'bad-samples') return printBadSamples();
  const chosen = choose(values.only);
  if (chosen === null) return 2;
  const folder = mkdtempSync(join(tmpdir(), 'faults-'));
  const found: Found[] = [];
  try {
    for (let round = 1; round <= Number(values.rounds); round += 1) {
      await runLanes(chosen, Number(values.lanes), folder, (one) => {
        found.push(one);
        process.stderr.write(`${one.fault}: ${one.toldAfter === null ? 'not told' : `${one.toldAfter} s`}\n`);
      });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
  console.log([...tableLines(found), '', ...summaryLines(found)].join('\n'));
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(found, null, 2)}\n`);
  if (values.cards !== undefined) writeFileSync(values.cards, found.map(cardText).join('\n'));
  return 0;
}

async function printBadSamples(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'faults-'));
  try {
    console.log((await badSamples(folder)).join('\n'));
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
  return 0;
}

/** `null` after saying what there is. */
function choose(only: string): readonly Fault[] | null {
  const names = only.split(',').filter(Boolean);
  const unknown = names.filter((name) => !CATALOGUE.some((fault) => fault.name === name));
  if (unknown.length > 0) {
    console.error(
      `no such fault: ${unknown.join(', ')}. There are: ${CATALOGUE.map(({ name }) => name).join(', ')}`,
    );
    return null;
  }
  return names.length === 0 ? CATALOGUE : CATALOGUE.filter(({ name }) => names.includes(name));
}

async function runLanes(
  faults: readonly Fault[],
  lanes: number,
  folder: string,
  done: (found: Found) => void,
): Promise<void> {
  for (const fault of faults.filter(({ alone }) => alone)) done(await measure(fault, folder));
  const queue = faults.filter(({ alone }) => !alone);
  const lane = async (_: unknown, index: number): Promise<void> => {
    // Starts are the heaviest moments of a bot; not all at once.
    await new Promise((resolve) => setTimeout(resolve, index * 6_000));
    for (let fault = queue.shift(); fault !== undefined; fault = queue.shift())
      done(await measure(fault, folder));
  };
  await Promise.all(Array.from({ length: lanes }).map(lane));
}
