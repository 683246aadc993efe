/**
 * `npm run bench -- backup [--size full|small] [--rounds N] [--only TEXT] [--build DIR]`: create, verify and
 * restore of a corpus made on the spot, beside GNU tar with md5sum and sha256sum doing the same work in the same run (and restic and borg
 * where they are installed). CPU seconds of everything that ran, medians over the rounds; the thread of the backup
 * room runs as in the bot, and the delay of the loop beside it is measured meanwhile.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { FULL, makeCorpus, SMALL } from './backup/corpus.ts';

const CHILD = join(import.meta.dirname, 'backup', 'child.mjs');

interface Figures {
  readonly cpu: number;
  readonly wall: number;
  readonly rssMb: number | null;
  readonly loopP99Ms: number | null;
}

interface Case {
  readonly name: string;
  readonly bar: number;
  readonly peer: string;
  readonly ours: () => Figures;
  readonly theirs: () => Figures;
}

interface Bench {
  readonly build: string;
  readonly corpus: string;
  readonly scratch: string;
}

export async function run(argv: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      size: { type: 'string', default: 'full' },
      rounds: { type: 'string', default: '3' },
      only: { type: 'string', default: '' },
      build: { type: 'string', default: join(import.meta.dirname, '..', 'dist') },
    },
  });
  if (!existsSync(join(values.build, 'backup', 'thread.js'))) {
    console.error('Build it first: npm run build');
    return 1;
  }
  const scratch = mkdtempSync(join(tmpdir(), 'nightshift-bench-'));
  try {
    const corpus = join(scratch, 'corpus');
    mkdirSync(corpus);
    const bytes = makeCorpus(corpus, values.size === 'small' ? SMALL : FULL);
    console.log(`corpus: ${(bytes / 1e6).toFixed(0)} MB of content; medians of ${values.rounds} rounds\n`);
    const bench = { build: values.build, corpus, scratch };
    const cases = casesOf(bench).filter(({ name }) => name.includes(values.only));
    // What is verified and restored has to be packed first, whether that is measured or not.
    if (!cases.some(({ name }) => name.startsWith('create')))
      for (const one of createCases(bench)) one.ours();
    for (const one of cases) compare(one, Number(values.rounds));
    if (values.only === '') others(bench);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  return 0;
}

function compare(one: Case, rounds: number): void {
  const ours: Figures[] = [];
  const theirs: Figures[] = [];
  for (let round = 0; round < rounds; round += 1) {
    ours.push(one.ours());
    theirs.push(one.theirs());
  }
  const mine = median(ours);
  const peer = median(theirs);
  const ratio = mine.cpu / peer.cpu;
  console.log(`${one.name}`);
  console.log(
    `  ours   ${seconds(mine.cpu)} CPU, ${seconds(mine.wall)} wall, RSS ${mine.rssMb?.toFixed(0)} MB, loop delay p99 ${mine.loopP99Ms?.toFixed(1)} ms`,
  );
  console.log(`  peer   ${seconds(peer.cpu)} CPU, ${seconds(peer.wall)} wall   ${one.peer}`);
  console.log(
    `  ratio  ${ratio.toFixed(2)} of its CPU, bar ${one.bar.toFixed(1)}; ${(mine.wall / peer.wall).toFixed(2)} of its wall\n`,
  );
}

function casesOf(bench: Bench): readonly Case[] {
  return [...createCases(bench), verifyCase(bench), ...restoreCases(bench)];
}

function createCases(bench: Bench): readonly Case[] {
  const { corpus, scratch } = bench;
  const sums = `find ${corpus} -type f -print0 | xargs -0 md5sum >${scratch}/m; find ${corpus} -type f -print0 | xargs -0 sha256sum >${scratch}/s`;
  const peer = join(scratch, 'peer.tar');
  return [
    {
      name: 'create, not compressed',
      bar: 1,
      peer: 'tar -cf + md5sum + sha256sum',
      ours: () => ours(bench, [packJob(bench, 'plain', null)]),
      theirs: () => shell(`tar -cf ${peer} -C ${corpus} . ; ${sums}`),
    },
    {
      name: 'create, gzip 6',
      bar: 1,
      peer: 'tar -czf + md5sum + sha256sum',
      ours: () => ours(bench, [packJob(bench, 'gzip', 6)]),
      theirs: () => shell(`tar -czf ${peer}.gz -C ${corpus} . ; ${sums}`),
    },
  ];
}

function verifyCase(bench: Bench): Case {
  return {
    name: 'verify, every byte of the gzip archive',
    bar: 1,
    peer: 'sha256sum + tar -xzO',
    ours: () => {
      const { archive, list } = placesOf(bench, 'gzip');
      const digest = { kind: 'digest', files: [archive] };
      return ours(bench, [digest, { kind: 'check', ...list, archives: [archiveOf(bench, 'gzip')] }]);
    },
    theirs: () => {
      const { archive } = placesOf(bench, 'gzip');
      return shell(`sha256sum ${archive} >${bench.scratch}/v; tar -xzOf ${archive} >/dev/null`);
    },
  };
}

/** gzip is what is written where nothing else is asked for. Beside tar alone, tar with the sums that a restore checks. */
function restoreCases(bench: Bench): readonly Case[] {
  return ['gzip', 'plain'].flatMap((name) => [
    restoreCase(bench, name, 'tar -x, nothing checked', () => ''),
    restoreCase(
      bench,
      name,
      'sha256sum of the archive + tar -x + sha256sum of every file',
      (folder) =>
        `; sha256sum ${placesOf(bench, name).archive} >${bench.scratch}/v; find ${folder} -type f -print0 | xargs -0 sha256sum >>${bench.scratch}/v`,
    ),
  ]);
}

function restoreCase(bench: Bench, name: string, peer: string, sums: (folder: string) => string): Case {
  return {
    name: `restore, ${name}, every byte compared with the signed digest on the way`,
    bar: 1.5,
    peer,
    ours: () => {
      const staging = freshFolder(bench, 'ours');
      const { list } = placesOf(bench, name);
      const sha256 = packedOf(join(bench.scratch, name))?.sections[0].archive.sha256 ?? '';
      const archives = [{ ...archiveOf(bench, name), sha256, staging, only: null }];
      return ours(bench, [{ kind: 'extract', ...list, archives, below: false, sync: false }]);
    },
    theirs: () => {
      const folder = freshFolder(bench, 'theirs');
      return shell(`tar -xf ${placesOf(bench, name).archive} -C ${folder}${sums(folder)}`);
    },
  };
}

function packJob(bench: Bench, name: string, gzipLevel: number | null): object {
  rmSync(join(bench.scratch, name), { recursive: true, force: true });
  mkdirSync(join(bench.scratch, name));
  const root = { name: 'c', folder: bench.corpus, include: ['**'], exclude: [], forbidden: [] };
  const { archive, list } = placesOf(bench, name);
  const section = { section: 'data', roots: [root], archive, gzipLevel, isRaw: false, copies: {} };
  return { kind: 'pack', sections: [section], hashesFile: list.hashesFile };
}

interface Packed {
  readonly hashesSha256: string;
  readonly sections: readonly [{ readonly archive: { readonly tarBytes: number; readonly sha256: string } }];
}

function placesOf(
  { scratch }: Bench,
  name: string,
): {
  readonly archive: string;
  readonly list: { readonly hashesFile: string; readonly hashesSha256: string };
} {
  const folder = join(scratch, name);
  return {
    archive: join(folder, name === 'gzip' ? 'data.tar.gz' : 'data.tar'),
    list: { hashesFile: join(folder, 'hashes.json'), hashesSha256: packedOf(folder)?.hashesSha256 ?? '' },
  };
}

function archiveOf(bench: Bench, name: string): object {
  const { archive } = placesOf(bench, name);
  const tarBytes = packedOf(join(bench.scratch, name))?.sections[0].archive.tarBytes ?? 0;
  return { section: 'data', path: archive, tarBytes, sha256: null };
}

function packedOf(folder: string): Packed | undefined {
  const file = join(folder, 'packed.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Packed) : undefined;
}

function freshFolder({ scratch }: Bench, name: string): string {
  const folder = join(scratch, `restored-${name}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  return folder;
}

function ours(bench: Bench, jobs: readonly object[]): Figures {
  const done = spawnSync(process.execPath, [CHILD, bench.build, JSON.stringify(jobs)], { encoding: 'utf8' });
  if (done.status !== 0) throw new Error(done.stderr);
  const { results, ...figures } = JSON.parse(done.stdout) as Figures & {
    readonly results: readonly unknown[];
  };
  const [first] = jobs as readonly { readonly kind?: string; readonly hashesFile?: string }[];
  if (first?.kind === 'pack' && first.hashesFile !== undefined) {
    writeFileSync(join(first.hashesFile, '..', 'packed.json'), JSON.stringify(results[0]));
  }
  return figures;
}

/** CPU of all children, as the shell counts it. */
function shell(command: string): Figures {
  const script = `TIMEFORMAT='%R %U %S'; time { ${command}; }`;
  const done = spawnSync('bash', ['-c', script], { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } });
  const [wall = 0, user = 0, system = 0] = (done.stderr.trim().split('\n').at(-1) ?? '')
    .split(' ')
    .map(Number);
  return { cpu: user + system, wall, rssMb: null, loopP99Ms: null };
}

/** Tools with repositories of their own: they also deduplicate and encrypt, so these figures are for orientation. */
function others({ corpus, scratch }: Bench): void {
  const has = (program: string): boolean =>
    ['/usr/bin', '/usr/local/bin'].some((folder) =>
      statSync(`${folder}/${program}`, { throwIfNoEntry: false }),
    );
  for (const [name, command] of [
    [
      'restic',
      `export RESTIC_PASSWORD=x; restic -q -r ${scratch}/r init; restic -q -r ${scratch}/r backup ${corpus}`,
    ],
    ['borg', `borg init -e none ${scratch}/b; borg create ${scratch}/b::a ${corpus}`],
  ] as const) {
    if (!has(name)) console.log(`${name} is not installed here`);
    else console.log(`${name}, a first backup: ${seconds(shell(command).cpu)} CPU`);
  }
}

function median(all: readonly Figures[]): Figures {
  const sorted = all.toSorted((a, b) => a.cpu - b.cpu);
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (middle === undefined) throw new Error('no round was run');
  return middle;
}

function seconds(value: number): string {
  return `${value.toFixed(2)} s`;
}
