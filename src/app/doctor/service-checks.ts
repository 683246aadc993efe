/** What Nightshift leans on: its port or the bot that has it, its log, its backups, Redis, rclone, somebody to tell. */
import { createServer } from 'node:net';
import { join } from 'node:path';
import { readTrustedKeys } from '../../backup/keys.ts';
import { readLedger } from '../../backup/ledger.ts';
import { findProgram } from '../../backup/programs.ts';
import { foldersOf } from '../../backup/site.ts';
import { findBackups } from '../../backup/store.ts';
import { complaintsOf, statusOf } from '../../backup/views.ts';
import { counted, spanWords } from '../../bot/figures.ts';
import type { DoctorAnswer, DoctorCheck } from '../../domain/doctor.ts';
import { describeError } from '../../domain/errors.ts';
import { elapsed, seconds } from '../../domain/units.ts';
import { verifyAuditFolder } from '../../healing/audit-read.ts';
import { connectRedis } from '../../healing/targets/redis-connect.ts';
import { codeOf } from '../../platform/durable-file.ts';
import { readLock } from '../../platform/lock.ts';
import { createProcReader } from '../../platform/proc.ts';
import { createProcessTable } from '../../platform/process-identity.ts';
import { surfaceOptions } from '../surface-options.ts';
import { finding, ok, type Subject, skipped } from './subject.ts';

const ASK_LIMIT = seconds(5);

export function serviceChecks(subject: Subject): readonly DoctorCheck[] {
  const { env, backup } = subject;
  const redisUrl = env.redisUrl;
  return [
    { name: 'bot', run: () => checkBot(subject) },
    { name: 'audit log', run: () => checkAudit(join(env.dataFolder, 'audit')) },
    { name: 'backups', run: () => checkBackups(subject) },
    ...(redisUrl === null ? [] : [{ name: 'redis', run: () => checkRedis(redisUrl) }]),
    ...(backup.replicas.length === 0 ? [] : [{ name: 'rclone', run: () => checkRclone(subject) }]),
    { name: 'people', run: async () => checkPeople(subject) },
  ];
}

/** Either a bot runs and answers, or the port is free for one. */
async function checkBot({ env, http }: Subject): Promise<DoctorAnswer> {
  const processes = createProcessTable({ proc: createProcReader() });
  const lock = await readLock(join(env.dataFolder, 'nightshift.lock'), processes);
  if (lock === undefined || lock.liveness === 'dead') return checkPort(env.host, env.port);
  const { pid, url } = lock.owner;
  if (url === null) return skipped(`pid ${pid} holds the data folder and does not listen.`);
  const answer = await http.request({ url: new URL('/healthz', url).href, timeLimit: ASK_LIMIT });
  if (answer.kind === 'answered' && answer.status === 200)
    return ok(`It runs as pid ${pid} and answers at ${url}.`);
  return finding(
    `pid ${pid} holds the data folder, but ${url} does not answer.`,
    'Look at its log; start it again: systemctl restart nightshift (or stop the pid and run nightshift start).',
  );
}

function checkPort(host: string, port: number): Promise<DoctorAnswer> {
  if (port === 0) return Promise.resolve(ok('No bot runs here; its port is picked at the start.'));
  return new Promise((settle) => {
    const server = createServer();
    server.once('error', (cause) => {
      const text = `${host}:${port} cannot be used (${codeOf(cause)}).`;
      settle(
        finding(text, 'Stop what has it, or set NIGHTSHIFT_PORT and NIGHTSHIFT_HOST to a free address.'),
      );
    });
    server.listen({ host, port, exclusive: true }, () => {
      server.close(() => settle(ok(`No bot runs here; ${host}:${port} is free for it.`)));
    });
  });
}

async function checkAudit(folder: string): Promise<DoctorAnswer> {
  const verdict = await verifyAuditFolder(folder);
  if (verdict.kind === 'broken') {
    return finding(
      `The chain breaks at ${verdict.file}, line ${verdict.line}: ${verdict.reason}.`,
      'Keep the file and find out who wrote it; new lines go on after it. More: nightshift audit verify',
    );
  }
  return verdict.lines === 0
    ? skipped('There is no audit log yet.')
    : ok(`The chain of ${counted(verdict.lines, 'line')} is whole.`);
}

async function checkBackups({ env, backup, clock }: Subject): Promise<DoctorAnswer> {
  const folders = foldersOf(env);
  const keys = await readTrustedKeys({ secret: folders.own, backups: folders.backups });
  const [all, ledger] = await Promise.all([findBackups(folders.backups, keys), readLedger(folders.own)]);
  const now = clock.now();
  const complaints = complaintsOf(all, ledger, backup, now);
  if (complaints.length > 0) {
    const mend =
      'Make and read one: nightshift backup now. What is wrong with a backup: nightshift backup verify ID';
    return finding(complaints.map(({ text }) => text).join(' '), mend);
  }
  const newest = statusOf(all, ledger, null, backup, now).newestVerified;
  if (newest === null) {
    return skipped(
      `There is none yet; the first is made at ${backup.schedule.dailyAt}, or by: nightshift backup now`,
    );
  }
  return ok(`The newest verified backup is ${spanWords(elapsed(newest.at, now))} old.`);
}

async function checkRedis(url: string): Promise<DoctorAnswer> {
  try {
    const client = await connectRedis(url, 0, ASK_LIMIT);
    try {
      await client.ping();
      return ok('Redis answers.');
    } finally {
      client.close();
    }
  } catch (cause) {
    const mend = 'Look at REDIS_URL (form redis://host:6379) and that the server runs.';
    return finding(`Redis does not answer: ${describeError(cause)}.`, mend);
  }
}

async function checkRclone({ backup }: Subject): Promise<DoctorAnswer> {
  const program = await findProgram('rclone');
  const places = backup.replicas.map(({ name }) => name).join(', ');
  if (program !== null) return ok(`${program} copies to ${places}.`);
  return finding(`Copies go to ${places}, but rclone is not installed.`, 'Install it: apt install rclone');
}

/** Neither chat nor mail is a choice, and is said. */
function checkPeople({ env, bot }: Subject): DoctorAnswer {
  const { slack, discord, mail } = surfaceOptions(env, bot);
  const ways = [
    slack === null ? [] : ['Slack'],
    discord === null ? [] : ['Discord'],
    mail === null ? [] : ['mail'],
  ].flat();
  if (ways.length > 0) return ok(`People are told by ${ways.join(', ')}.`);
  return skipped('Neither chat nor mail is set up: incidents are seen in the console only (see .env).');
}
