/** The worker thread: does one job after another, tells how far it is, gives the result. */
import { rmSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { SECTIONS } from '../domain/backup.ts';
import { assertNever, describeError } from '../domain/errors.ts';
import { codeOf } from '../platform/durable-file.ts';
import { packSection, type Tick } from './archive.ts';
import { digestOf } from './archive-input.ts';
import { checkArchive } from './check-archive.ts';
import { compareSection, isBelow } from './compare-live.ts';
import { createExtraction } from './extract.ts';
import { createHashListWriter, type HashList, readHashList } from './hash-list.ts';
import type {
  CheckJob,
  CheckResult,
  CompareJob,
  CompareResult,
  DigestJob,
  DigestResult,
  ExtractJob,
  ExtractResult,
  FromThread,
  Job,
  PackJob,
  PackResult,
  ThreadData,
} from './jobs.ts';
import { rawOf } from './names.ts';
import { scan } from './scan.ts';
import { swap } from './swap.ts';

const TELL_EVERY_BYTES = 8_388_608;
const TELL_EVERY_TICKS = 500;

const flag = new Int32Array((workerData as ThreadData).stop);
parentPort?.on('message', (job: Job) => void serve(job));

async function serve(job: Job): Promise<void> {
  try {
    tell({ kind: 'done', result: await run(job, createTick()) });
  } catch (cause) {
    tell({ kind: 'failed', reason: describeError(cause) });
  }
}

function tell(message: FromThread): void {
  parentPort?.postMessage(message);
}

function createTick(): Tick {
  let bytes = 0;
  let ticks = 0;
  return (more) => {
    if (Atomics.load(flag, 0) !== 0) throw new Error('it was given up');
    bytes += more;
    ticks += 1;
    if (bytes < TELL_EVERY_BYTES && ticks < TELL_EVERY_TICKS) return;
    tell({ kind: 'progress', bytes });
    bytes = 0;
    ticks = 0;
  };
}

async function run(job: Job, tick: Tick): Promise<unknown> {
  switch (job.kind) {
    case 'scan':
      return scan(job.sections, tick);
    case 'pack':
      return pack(job, tick);
    case 'digest':
      return digest(job, tick);
    case 'check':
      return check(job, tick);
    case 'extract':
      return extract(job, tick);
    case 'compare':
      return compare(job, tick);
    case 'swap':
      return swap(job.roots, job.undo);
    case 'remove':
      for (const folder of job.folders) rmSync(folder, { recursive: true, force: true });
      return null;
    default:
      return assertNever(job);
  }
}

function pack({ sections, hashesFile }: PackJob, tick: Tick): PackResult {
  const list = createHashListWriter(hashesFile);
  try {
    const packed = sections.map((plan) => {
      list.begin(plan.section);
      return packSection(plan, tick, (entry) => list.add(entry));
    });
    return { sections: packed, hashesSha256: list.end().sha256 };
  } catch (cause) {
    list.abandon();
    throw cause;
  }
}

function digest({ files }: DigestJob, tick: Tick): DigestResult {
  return files.map((path) => {
    try {
      return { kind: 'read', ...digestOf(path, tick) };
    } catch (cause) {
      if (cause instanceof Error && 'syscall' in cause) return { kind: 'unreadable', reason: codeOf(cause) };
      throw cause;
    }
  });
}

async function check(job: CheckJob, tick: Tick): Promise<CheckResult> {
  const list = tryList(job);
  if (typeof list === 'string') return { files: 0, bytes: 0, faults: [list] };
  const faults: string[] = [];
  let files = 0;
  let bytes = 0;
  for (const archive of job.archives) {
    const entries = list[archive.section];
    files += entries.length;
    bytes += entries.reduce((sum, { size }) => sum + size, 0);
    try {
      await checkArchive({ ...archive, entries }, tick, null);
    } catch (cause) {
      tick(0); // given up is not a fault of the archive
      faults.push(`${archive.section}: ${describeError(cause)}`);
    }
  }
  for (const section of SECTIONS) {
    const isUnread = list[section].length > 0 && !job.archives.some((archive) => archive.section === section);
    if (isUnread) faults.push(`${section}: it is in hashes.json and not in the manifest`);
  }
  return { files, bytes, faults };
}

/** What is wrong with the list, where something is. */
function tryList({ hashesFile, hashesSha256 }: CheckJob): HashList | string {
  try {
    return readHashList(hashesFile, hashesSha256);
  } catch (cause) {
    return `hashes.json: ${describeError(cause)}`;
  }
}

async function extract(job: ExtractJob, tick: Tick): Promise<ExtractResult> {
  const list = readHashList(job.hashesFile, job.hashesSha256);
  let files = 0;
  let bytes = 0;
  for (const { only, staging, ...archive } of job.archives) {
    const wanted = only === null ? null : new Set(only);
    const extraction = createExtraction({
      staging: rawOf(staging),
      wanted: ({ path }) => wanted === null || wanted.has(path) || (job.below && isBelow(path, only ?? [])),
      giveOwner: process.getuid?.() === 0,
      folderModes: only === null || job.below,
      sync: job.sync,
    });
    const counting = {
      onEntry: extraction.onEntry.bind(extraction),
      onData: (content: Uint8Array): void => {
        bytes += content.length;
        extraction.onData(content);
      },
      onEnd: (entry: Parameters<typeof extraction.onEnd>[0]): void => {
        files += 1;
        extraction.onEnd(entry);
      },
    };
    await checkArchive({ ...archive, entries: list[archive.section] }, tick, counting);
    extraction.finish();
  }
  return { files, bytes };
}

function compare(job: CompareJob, tick: Tick): CompareResult {
  const list = readHashList(job.hashesFile, job.hashesSha256);
  return {
    sections: job.sections.map((live) => {
      const entries = list[live.section];
      return { section: live.section, ...compareSection(live, entries, tick) };
    }),
  };
}
