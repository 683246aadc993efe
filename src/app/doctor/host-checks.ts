/** What the host itself must give: a Node that is new enough, room on the disk, a clock that is right. */
import { access, readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { findProgram } from '../../backup/programs.ts';
import { figure, spanWords } from '../../bot/figures.ts';
import type { DoctorAnswer, DoctorCheck } from '../../domain/doctor.ts';
import {
  type Bytes,
  type EpochMs,
  elapsed,
  epochMs,
  fromIso,
  type Ms,
  ms,
  seconds,
} from '../../domain/units.ts';
import { createDiskReader, type DiskUsage } from '../../platform/disk-usage.ts';
import { createProcReader } from '../../platform/proc.ts';
import { surfaceOptions } from '../surface-options.ts';
import { finding, ok, type Subject, skipped } from './subject.ts';

/** What package.json asks for. */
const LEAST_NODE: readonly [major: number, minor: number] = [20, 19];
const OLD_NODE = 20;
/** Signatures and tokens of most services bear a few minutes; ours 5. */
const MOST_SKEW: Ms = seconds(30);
const ASK_LIMIT: Ms = seconds(8);
const LEAST_INODES = 0.03;

export function hostChecks(subject: Subject): readonly DoctorCheck[] {
  return [
    { name: 'node', run: async () => judgeNode(process.versions.node) },
    { name: 'disk', run: () => checkDisk(subject) },
    { name: 'clock', run: () => checkClock(subject) },
    ...skewChecks(subject),
  ];
}

/** Pure: `20.19.2` against what the program needs. */
export function judgeNode(version: string): DoctorAnswer {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major < LEAST_NODE[0] || (major === LEAST_NODE[0] && minor < LEAST_NODE[1])) {
    return finding(
      `Node ${version} is too old.`,
      `Install Node ${LEAST_NODE.join('.')} or newer; 24 is preferred.`,
    );
  }
  return ok(`Node ${version}${major === OLD_NODE ? '; 22 or 24 is preferred' : ''}.`);
}

/** Pure: is there room for state, audit log and the next backup? */
export function judgeDisk(usage: DiskUsage, least: Bytes): DoctorAnswer {
  if (usage.free === null) return skipped(`The disk of ${usage.mount} does not answer.`);
  const free = figure(usage.free, 'bytes');
  if (usage.free < least) {
    return finding(
      `Only ${free} are free for the data folder; below ${figure(least, 'bytes')} healing stops.`,
      'Free space, or move NIGHTSHIFT_DATA_DIR to a larger disk.',
    );
  }
  if (usage.inodes !== null && usage.inodes > 1 - LEAST_INODES) {
    return finding(
      `${figure(usage.inodes, 'ratio')} of the inodes are in use.`,
      'Remove small files, or move NIGHTSHIFT_DATA_DIR to another disk.',
    );
  }
  return ok(`${free} are free for the data folder.`);
}

/** Pure: `theirs` is what a server said the time is, in whole seconds, while we waited `took`. */
export function judgeSkew(whose: string, theirs: EpochMs, ours: EpochMs, took: Ms): DoctorAnswer {
  const skew = elapsed(theirs, ours);
  const off = Math.max(0, Math.abs(skew) - took - 1_000);
  if (off <= MOST_SKEW) return ok(`The clock agrees with ${whose}.`);
  return finding(
    `The clock of this host is ${spanWords(ms(Math.abs(skew)))} ${skew > 0 ? 'ahead of' : 'behind'} ${whose}.`,
    'Switch time synchronisation on: timedatectl set-ntp true (or install chrony).',
  );
}

async function checkDisk({ env, clock, minFreeDisk }: Subject): Promise<DoctorAnswer> {
  const reader = createDiskReader({ clock, proc: createProcReader() });
  return judgeDisk(await reader.usageOf(await nearestFolder(env.dataFolder)), minFreeDisk);
}

/** The data folder, or where it will be made. */
export async function nearestFolder(folder: string): Promise<string> {
  const isThere = await access(folder).then(
    () => true,
    () => false,
  );
  const parent = dirname(folder);
  return isThere || parent === folder ? folder : nearestFolder(parent);
}

/** What can be known without asking anybody: our own files are not from the future, and the host says it is synchronised. */
async function checkClock(subject: Subject): Promise<DoctorAnswer> {
  const newest = await newestFile(join(subject.env.dataFolder, 'state'));
  const ahead = newest === null ? ms(0) : elapsed(subject.clock.now(), newest);
  if (ahead > MOST_SKEW) {
    return finding(
      `The clock is ${spanWords(ahead)} behind what was written here last: it was set back.`,
      'Set the clock right and switch synchronisation on: timedatectl set-ntp true.',
    );
  }
  const synchronised = await askTimedatectl(subject);
  if (synchronised === 'no') {
    return finding(
      'The clock of this host is not synchronised.',
      'Switch it on: timedatectl set-ntp true (or install chrony).',
    );
  }
  if (synchronised === 'yes') return ok('The clock is synchronised.');
  return ok('The clock was not set back; whether it is synchronised is not known here.');
}

async function newestFile(folder: string): Promise<EpochMs | null> {
  const names = await readdir(folder).catch(() => [] as string[]); // no bot has run here yet
  const times = await Promise.all(
    names.map((name) =>
      stat(join(folder, name)).then(
        ({ mtimeMs }) => mtimeMs,
        () => 0, // a temporary that is gone already
      ),
    ),
  );
  return times.length === 0 ? null : epochMs(Math.max(...times));
}

/** `unknown` where there is no systemd to ask. */
async function askTimedatectl({ commands }: Subject): Promise<'yes' | 'no' | 'unknown'> {
  const program = await findProgram('timedatectl');
  if (program === null) return 'unknown';
  const argv = [program, 'show', '--property=NTPSynchronized', '--value'];
  const result = await commands.run({ argv, timeLimit: ASK_LIMIT });
  const said = result.kind === 'exited' && result.code === 0 ? result.output.trim() : '';
  return said === 'yes' || said === 'no' ? said : 'unknown';
}

/** Only who is talked to anyway is asked for the time. */
function skewChecks(subject: Subject): readonly DoctorCheck[] {
  const { slack, discord } = surfaceOptions(subject.env, subject.bot);
  const addresses: readonly (readonly [string, string])[] = [
    ...(slack === null ? [] : [['Slack', slash(slack.apiUrl, 'api.test')] as const]),
    ...(discord === null ? [] : [['Discord', slash(discord.apiUrl, 'v10/gateway')] as const]),
  ];
  return addresses.map(([whose, url]) => ({
    name: `clock and ${whose}`,
    run: () => askTime(whose, url, subject),
  }));
}

async function askTime(whose: string, url: string, { http, clock }: Subject): Promise<DoctorAnswer> {
  const answer = await http.request({ url, timeLimit: ASK_LIMIT });
  if (answer.kind !== 'answered') return skipped(`${whose} did not answer, so the clocks were not compared.`);
  const theirs = fromIso(answer.headers?.['date'] ?? '');
  if (theirs === undefined) return skipped(`${whose} does not say what time it is.`);
  return judgeSkew(whose, theirs, clock.now(), answer.took);
}

function slash(base: string, path: string): string {
  return `${base.replace(/\/+$/, '')}/${path}`;
}
